import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newTalk, type Talk } from './talk';
import type { WebhookEvent } from './webhookEvent';

/** A conversation in Freddy's notebook. */
export type Note = {
  conversationId: string;
  talk: Talk;
  /** Taken over from Guichet, but not answered yet, oldest first. */
  pending: WebhookEvent[];
  /** Ids of events that came already, newest last. */
  seen: string[];
};

const remembered = 200;

/**
 * One small file for each conversation, replaced as a whole: what stands there is always a whole note. An event is
 * written down before Guichet gets its 2xx, so that a crash in between loses nothing.
 */
export function notebook(folder: string) {
  const fileOf = (id: string) => join(folder, `${createHash('sha256').update(id).digest('hex').slice(0, 40)}.json`);

  async function read(conversationId: string): Promise<Note> {
    try {
      return JSON.parse(await readFile(fileOf(conversationId), 'utf8')) as Note;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { conversationId, talk: newTalk, pending: [], seen: [] };
    }
  }

  async function write(note: Note): Promise<void> {
    const file = fileOf(note.conversationId);
    const draft = `${file}.${randomUUID()}.tmp`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(note));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  }

  return {
    read,
    write,
    /** Conversations with something left to answer, after a restart. */
    async unfinished(): Promise<string[]> {
      const names = await readdir(folder).catch(() => []);
      const found: string[] = [];
      for (const name of names) {
        if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
        if (!name.endsWith('.json')) continue;
        const note = JSON.parse(await readFile(join(folder, name), 'utf8')) as Note;
        if (note.pending.length > 0) found.push(note.conversationId);
      }
      return found;
    },
  };
}
export type Notebook = ReturnType<typeof notebook>;

export const withEvent = (note: Note, event: WebhookEvent): Note => ({
  ...note,
  pending: [...note.pending, event],
  seen: [...note.seen, event.eventId].slice(-remembered),
});
