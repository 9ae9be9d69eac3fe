import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GuichetApi } from '../guichetApi';
import { lockFolder, readJson, replaceFile } from './keeping';

export type PullSettings = {
  api: GuichetApi;
  /** The server's address: a cursor is good for one server only. */
  origin: string;
  /** JSON lines, one for each message. */
  out: string;
  /** Folder of `pull.json`. */
  state: string;
  /** Go on waiting for what is new, until `stop`. */
  follow: boolean;
  stop?: AbortSignal;
  say: (text: string) => void;
};

/** How far we are: everything before `cursor` is in the first `bytes` of the file, and nothing else. */
type Place = { origin: string; out: string; cursor: string; bytes: number };

/** Seconds that the server may keep a question without an answer; a client of ours waits 10 for an answer. */
const waitSeconds = 8;

/**
 * Appends every message that is new to a file, each once, whatever happens in between. What was appended is on the disk
 * before the place is; after a crash between the two, what stands behind the place is cut off and comes again.
 *
 * @returns how many messages were appended
 * @throws ApiError
 */
export async function pull(settings: PullSettings): Promise<number> {
  const { api, origin, out, state, follow, stop, say } = settings;
  const unlock = await lockFolder(state, 'pull');
  const placeFile = join(state, 'pull.json');
  let handle: FileHandle | undefined;
  try {
    await mkdir(dirname(out), { recursive: true });
    handle = await open(out, 'a+', 0o600);
    const place = await placeOf(await readJson<Place>(placeFile), handle);
    await handle.truncate(place.bytes);
    const save = () => replaceFile(placeFile, JSON.stringify(place));
    // Before the first line: a file without a place would be taken for somebody else's.
    await save();

    let messages = 0;
    while (!stop?.aborted) {
      const wait = follow ? `&wait=${waitSeconds}` : '';
      const answer = (await api(`/v2/events?after=${encodeURIComponent(place.cursor)}&limit=200${wait}`, {
        patience: follow ? Number.POSITIVE_INFINITY : 10 * 60_000,
      })) as { events?: unknown[]; cursor?: unknown; has_more?: unknown };
      if (stop?.aborted) break;
      const lines = (answer.events ?? []).flatMap(lineOf);
      if (lines.length > 0) {
        const bytes = Buffer.from(lines.join(''), 'utf8');
        await handle.appendFile(bytes);
        await handle.sync();
        place.bytes += bytes.length;
        messages += lines.length;
        say(`${lines.length} new ${lines.length === 1 ? 'message' : 'messages'}`);
      }
      if (typeof answer.cursor === 'string' && answer.cursor !== place.cursor) {
        place.cursor = answer.cursor;
        await save();
      }
      if (answer.has_more !== true && !follow) break;
    }
    return messages;
  } finally {
    await handle?.close();
    await unlock();
  }

  async function placeOf(kept: Place | undefined, file: FileHandle): Promise<Place> {
    const { size } = await file.stat();
    if (!kept) return { origin, out, cursor: '', bytes: size };
    if (kept.origin !== origin) {
      throw new Error(`${placeFile} is a place in ${kept.origin}, not in ${origin}. Give another --state.`);
    }
    if (kept.out !== out) {
      throw new Error(`${placeFile} goes with ${kept.out}, not with ${out}. Give another --state.`);
    }
    if (size < kept.bytes) {
      throw new Error(
        `${out} has ${size} bytes; when it was last written it had ${kept.bytes}. Put it back, or remove ${placeFile} to get everything anew.`,
      );
    }
    return kept;
  }
}

/** One line of the file, for a message; nothing for any other event. */
function lineOf(event: unknown): string[] {
  const { type, data } = event as { type?: unknown; data?: { message?: Record<string, unknown> } };
  const message = data?.message;
  if (type !== 'message_create' || !message) return [];
  const { id, conversation_id, user_id, created_time, actor_type, actor_name, message_type, message_parts } = message;
  const parts = Array.isArray(message_parts) ? message_parts : [];
  const text = parts
    .map((part: { text?: { content?: unknown } }) => part?.text?.content)
    .filter((content) => typeof content === 'string')
    .join('\n');
  const line = { id, conversation_id, user_id, created_time, actor_type, actor_name, message_type, text, parts };
  return [`${JSON.stringify(line)}\n`];
}
