import * as v from 'valibot';
import { MessageParts, ReplyParts } from '../../protocol/parts';
import { getSite } from '../access/sites';
import type { World } from '../world';
import { addMessage, type ConversationRow } from './messages';

/** What is read here of a channel's settings; a welcome that is none, as another version may have left it, counts as absent. */
const ChannelSettings = v.object({
  welcome_message: v.fallback(
    v.nullish(v.object({ message_parts: MessageParts, reply_parts: v.nullish(ReplyParts, []) })),
    undefined,
  ),
});

/**
 * The channel's welcome opens a conversation that a customer begins. Call it in the transaction that makes the
 * conversation: a retry finds that one, so nobody is welcomed twice.
 */
export async function welcome(world: World, conversation: ConversationRow): Promise<void> {
  const channel = await world.store.db
    .selectFrom('channels')
    .select(['name', 'settings_json'])
    .where('id', '=', conversation.channel_id)
    .executeTakeFirst();
  const settings = channel && v.safeParse(ChannelSettings, JSON.parse(channel.settings_json));
  const message = settings?.success ? settings.output.welcome_message : undefined;
  if (!channel || !message) return;
  const { settings: site } = await getSite(world, conversation.site_id);
  await addMessage(world, conversation, {
    actor: { actor_type: 'system', actor_id: 'system' },
    actorName: site.config.name ?? channel.name,
    source: 'system',
    parts: message.message_parts,
    replyParts: message.reply_parts,
  });
}
