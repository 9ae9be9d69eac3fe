import type { Disk } from '../../client/disk';
import { withoutConversation } from '../../client/outbox';
import type { Storage } from '../../client/storage';
import { awaitedName, formerName, nobody, type SessionKeeper } from './session';

export type GatherOptions = {
  disk: Disk;
  storage: Storage;
  session: Pick<SessionKeeper, 'owner' | 'isCurrent'>;
  site: string;
  /** Something came. */
  onMoved: () => void;
};

/**
 * When a session is there: what this person wrote under an earlier name goes with them, whichever tab wrote it, and what
 * other customers left behind (a page that was closed while it erased, say) goes, unless the site is to vouch for them again.
 */
export async function gather({ disk, storage, session, site, onMoved }: GatherOptions): Promise<void> {
  const customer = session.owner();
  const all = `guichet:${site}:`;
  const outboxOf = (name: string) => `${all}${name}:outbox:`;
  const kept = await disk.read(all).catch(() => new Map<string, unknown>());
  const names = new Set([...kept.keys()].map((key) => /^(.*):outbox:/.exec(key.slice(all.length))?.[1]));
  for (const name of names) {
    if (session.owner() !== customer || !session.isCurrent()) return;
    if (!name || name === customer || name === storage.get(awaitedName(site))) continue;
    const isSame = name === nobody || storage.get(formerName(site, customer, name)) !== null;
    await disk.move(outboxOf(name), isSame ? outboxOf(customer) : undefined, withoutConversation);
    onMoved();
  }
}
