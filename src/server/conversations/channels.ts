import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Channel, ChannelPut, WelcomeMessage } from '../../protocol/rest/channels';
import { getGroup } from '../access/groups';
import { getSite } from '../access/sites';
import type { Tables } from '../store/tables';
import { isoTime, type World } from '../world';
import { lintMessage } from './lint';

export type ChannelRow = Selectable<Tables['channels']>;
/** What `channels.settings_json` holds; absent is as it was made. */
export type ChannelSettings = {
  icon?: { url: string };
  enabled?: boolean;
  public?: boolean;
  tags?: string[];
  locale?: string;
  welcome_message?: WelcomeMessage;
  assign_to_group?: string;
};

export const settingsOf = (row: ChannelRow): ChannelSettings => JSON.parse(row.settings_json);

/** @throws GuichetError CHANNEL_NOT_FOUND */
export async function getChannel(world: World, id: string): Promise<ChannelRow> {
  const row = await world.store.db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new GuichetError('CHANNEL_NOT_FOUND', `No channel has the id ${id}.`);
  return row;
}

/**
 * Fields that are absent stay; `null` takes away what may be away.
 *
 * @throws GuichetError CHANNEL_NOT_FOUND, GROUP_NOT_FOUND; INVALID_VALUE of a welcome message that could not be shown
 */
export async function updateChannel(world: World, id: string, change: ChannelPut): Promise<ChannelRow> {
  const { store } = world;
  return store.transaction(async () => {
    const row = await getChannel(world, id);
    const { name, ...fields } = change;
    if (fields.welcome_message) {
      const { settings: site } = await getSite(world, row.site_id);
      const message = { actor_type: 'system', message_type: 'normal', ...fields.welcome_message } as const;
      lintMessage(message, { site, origin: world.origin }, ['welcome_message']);
    }
    if (fields.assign_to_group) await getGroup(world, fields.assign_to_group);
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    const settings = Object.entries({ ...settingsOf(row), ...Object.fromEntries(given) });
    return store.db
      .updateTable('channels')
      .set({
        name: name ?? row.name,
        settings_json: JSON.stringify(Object.fromEntries(settings.filter(([, value]) => value !== null))),
        updated: world.now(),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** As `/v2` shows a channel. */
export function channelOf(row: ChannelRow): Channel {
  const { enabled = true, public: isPublic = true, tags = [], locale = 'en', ...settings } = settingsOf(row);
  return {
    id: row.id,
    name: row.name,
    enabled,
    public: isPublic,
    tags,
    locale,
    updated_time: isoTime(row.updated),
    ...settings,
    site_id: row.site_id,
  };
}

/**
 * The channel on which a user's conversation begins: the one that is named; else the one of the user's site; else the first.
 * Whoever belongs to a site stays there: its pages show a customer all of their conversations.
 *
 * @throws GuichetError CHANNEL_NOT_FOUND, CHANNEL_DISABLED, INVALID_VALUE
 */
export async function channelFor(
  world: World,
  id: string | undefined,
  user: { id: string; site_id: string | null },
): Promise<ChannelRow> {
  const { db } = world.store;
  const siteId = user.site_id ?? (await siteOfConversations(world, user.id));
  const channel = id
    ? await getChannel(world, id)
    : await db
        .selectFrom('channels')
        .selectAll()
        .$if(siteId !== undefined, (all) => all.where('site_id', '=', siteId as string))
        .orderBy('id')
        .executeTakeFirst();
  if (!channel) throw new GuichetError('CHANNEL_NOT_FOUND', 'There is no channel yet: add a site first.');
  if (siteId !== undefined && channel.site_id !== siteId) {
    const expected = `a channel of the site ${siteId}, to which the user ${user.id} belongs`;
    throw new GuichetError(
      'INVALID_VALUE',
      `channel_id: expected ${expected}, got one of the site ${channel.site_id}.`,
      [{ path: 'channel_id', expected, received: `${channel.id}, of the site ${channel.site_id}` }],
    );
  }
  return channel;
}

/** A user whom the API made belongs to a site from the first conversation on. */
async function siteOfConversations(world: World, userId: string): Promise<string | undefined> {
  const row = await world.store.db
    .selectFrom('conversations')
    .select('site_id')
    .where('user_id', '=', userId)
    .limit(1)
    .executeTakeFirst();
  return row?.site_id;
}
