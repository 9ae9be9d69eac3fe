import { setImmediate } from 'node:timers/promises';
import type { Actor } from '../../protocol/event';
import { getAgent } from '../access/agents';
import { getGroup } from '../access/groups';
import { revokeToken } from '../access/tokens';
import type { World } from '../world';
import { updateConversation } from './conversations';

/** How many conversations are taken back in one transaction: others write in between. */
const bundle = 20;

/**
 * Ends an agent's or a bot's work for good: its tokens are revoked at once, it leaves its groups, and its open conversations
 * are nobody's. What it wrote stays. Twice is as once.
 *
 * @throws GuichetError AGENT_NOT_FOUND
 */
export async function deactivateAgent(world: World, id: string, actor: Actor): Promise<void> {
  const { store } = world;
  await store.transaction(async () => {
    const row = await getAgent(world, id);
    if (row.deactivated === null)
      await store.db.updateTable('agents').set({ deactivated: world.now() }).where('id', '=', id).execute();
    await store.db.deleteFrom('group_agents').where('agent_id', '=', id).execute();
    const tokens = await store.db
      .selectFrom('tokens')
      .select('id')
      .where('agent_id', '=', id)
      .where('revoked', 'is', null)
      .execute();
    for (const token of tokens) await revokeToken(world, token.id);
  });
  await takeBack(world, 'agent_id', id, actor);
}

/**
 * Removes a group: channels give it nothing more, and its open conversations are nobody's.
 *
 * @throws GuichetError GROUP_NOT_FOUND
 */
export async function removeGroup(world: World, id: string, actor: Actor): Promise<void> {
  const { store } = world;
  await getGroup(world, id);
  // Before: a server that is killed in between could not be asked again to remove a group that isn't there.
  await takeBack(world, 'group_id', id, actor);
  await store.transaction(async () => {
    await getGroup(world, id);
    await takeBack(world, 'group_id', id, actor); // What it was given in the meantime.
    await store.db.deleteFrom('groups').where('id', '=', id).execute();
    for (const channel of await store.db.selectFrom('channels').select(['id', 'settings_json']).execute()) {
      const { assign_to_group: group, ...settings } = JSON.parse(channel.settings_json);
      if (group !== id) continue;
      await store.db
        .updateTable('channels')
        .set({ settings_json: JSON.stringify(settings), updated: world.now() })
        .where('id', '=', channel.id)
        .execute();
    }
  });
}

/** None waits for somebody who has gone. */
async function takeBack(world: World, column: 'agent_id' | 'group_id', id: string, actor: Actor): Promise<void> {
  const nobody = column === 'agent_id' ? { assigned_agent_id: null } : { assigned_group_id: null };
  for (let from = 0; ; ) {
    const rows = await world.store.db
      .selectFrom('conversations')
      .select(['id', 'updated'])
      .where(column, '=', id)
      .where('status', '!=', 'resolved')
      .where('updated', '>=', from) // Not again through all that are resolved.
      .orderBy('updated')
      .limit(bundle)
      .execute();
    await world.store.transaction(async () => {
      for (const row of rows) await updateConversation(world, row.id, actor, nobody);
    });
    if (rows.length < bundle) return;
    from = rows.at(-1)?.updated ?? from;
    await setImmediate();
  }
}
