import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { Bytes, refused } from './bytes';
import { type Draft, type FileFolder, orFull } from './folder';
import { inspect } from './inspect';
import { kindOf } from './kinds';
import { cleanName } from './names';
import { sniff, sniffedBytes } from './sniff';

/** What its sender says of a file; `only` when the door takes pictures alone. */
export type Given = { name: string; type: string; only?: 'image' | undefined };

/** A file that has come whole and may be taken. It has to be kept or discarded. */
export type Received = {
  name: string;
  type: string;
  size: number;
  width: number | null;
  height: number | null;
  sha256: string;
  keep(id: string): Promise<void>;
  discard(): Promise<void>;
};

/** Bytes that stay free: the database lives on the same disk. */
const reserve = 256 * 1_048_576;

/**
 * Writes a file to disk as it comes and looks at it: at its first bytes at once, at all of it in the end. Holds no more of it
 * in memory than a piece.
 *
 * @throws GuichetError FILE_REFUSED, PAYLOAD_TOO_LARGE, STORAGE_FULL; nothing is left on disk then
 */
export async function receive(folder: FileFolder, body: AsyncIterable<Uint8Array>, given: Given): Promise<Received> {
  if ((await folder.room()) < reserve)
    throw new GuichetError('STORAGE_FULL', 'The disk of the server is nearly full; nothing of the file was stored.');
  let draft: Draft | undefined;
  try {
    draft = await folder.begin();
    return await fill(draft, body, given);
  } catch (error) {
    await draft?.discard();
    throw orFull(error);
  }
}

async function fill(draft: Draft, body: AsyncIterable<Uint8Array>, given: Given): Promise<Received> {
  let most: number = limits.fileBytes;
  let isKnown = false;
  const look = () => {
    const head = draft.bytes();
    const kind = sniff(Bytes.of(head.at(0, Math.min(head.size, sniffedBytes))), given);
    const { family } = kindOf(kind);
    if (given.only && family !== given.only)
      throw refused('Only pictures are taken here: PNG, JPEG, GIF, WebP or AVIF.');
    if (family === 'image') most = limits.imageBytes;
    isKnown = true;
    return kind;
  };
  for await (const piece of body) {
    if (draft.size + piece.length > most) throw tooLarge(most);
    await draft.write(piece);
    if (!isKnown && draft.size >= sniffedBytes) look();
  }
  const kind = look();
  if (draft.size > most) throw tooLarge(most);
  const facts = inspect(draft.bytes(), kind);
  if (facts.end < draft.size) await draft.cut(facts.end);
  const sha256 = await draft.settle();
  return {
    name: cleanName(given.name, facts.kind),
    type: facts.type,
    size: draft.size,
    width: facts.width ?? null,
    height: facts.height ?? null,
    sha256,
    keep: (id) =>
      draft.keep(id).catch((error) => {
        throw orFull(error);
      }),
    discard: draft.discard,
  };
}

const tooLarge = (most: number) =>
  new GuichetError(
    'PAYLOAD_TOO_LARGE',
    `${most === limits.imageBytes ? 'A picture' : 'A file'} may have ${most} bytes; this one has more.`,
  );
