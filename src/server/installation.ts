import { randomBytes } from 'node:crypto';
import type { Config } from './config';
import { openFolder } from './files/folder';
import { createKnownFraming } from './frameCheck/known';
import { uuidv7 } from './ids';
import { createHub } from './live/hub';
import { openStore, type Store } from './store/store';
import { mintKeyPair, publicKeyOf } from './webhooks/sign';
import type { World } from './world';

/** The database with what an installation makes once and keeps: its id, the key of sessions, the key pair of webhooks. */
export type Installation = { world: World; sessionSecret: string; privateKey: string; publicKey: string };

/** @throws DatabaseBusy when another process owns the data */
export async function openInstallation(
  config: Pick<Config, 'dataDir' | 'origin'> & { filesOrigin?: string | undefined },
  now: () => number = Date.now,
): Promise<Installation> {
  const store = await openStore(config.dataDir);
  try {
    const appId = await kept(store, 'app_id', () => uuidv7(now()));
    const sessionSecret = await kept(store, 'session_secret', () => randomBytes(32).toString('base64url'));
    const privateKey = await kept(store, 'webhook_private_key', mintKeyPair);
    const { origin, filesOrigin } = config;
    const uploads = filesOrigin ? { origin: filesOrigin, folder: await openFolder(config.dataDir) } : undefined;
    const world: World = {
      store,
      hub: createHub(),
      now,
      newId: () => uuidv7(now()),
      appId,
      origin,
      uploads,
      framing: createKnownFraming(now),
    };
    return { world, sessionSecret, privateKey, publicKey: publicKeyOf(privateKey) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function kept(store: Store, key: string, make: () => string): Promise<string> {
  return store.transaction(async () => {
    const row = await store.db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
    if (row) return row.value;
    const value = make();
    await store.db.insertInto('settings').values({ key, value }).execute();
    return value;
  });
}
