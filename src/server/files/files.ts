import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { FileAnswer } from '../../protocol/live';
import type { MessagePart } from '../../protocol/parts';
import type { Tables } from '../store/tables';
import type { World } from '../world';
import type { FileFolder } from './folder';
import { familyOf } from './kinds';
import type { Received } from './receive';

export type FileRow = Selectable<Tables['files']>;

/** Where uploads stand, and the origin that serves them and nothing else. */
export type Uploads = { origin: string; folder: FileFolder };

/** @throws GuichetError UPLOADS_OFF */
export function uploadsOf(world: World): Uploads {
  if (world.uploads) return world.uploads;
  throw new GuichetError(
    'UPLOADS_OFF',
    'This server takes no files: it has no origin of their own to serve them from. Set GUICHET_FILES_ORIGIN.',
  );
}

/** `user:<id>` may send it; what a `token:<id>` uploads is the business's own and is never cleared away. */
export type Owner = `user:${string}` | `token:${string}`;

/** The bytes first, then the row: what a row speaks of is whole. */
export async function keepFile(world: World, owner: Owner, file: Received): Promise<FileRow> {
  const id = world.newId();
  await file.keep(id);
  const now = world.now();
  return world.store.db
    .insertInto('files')
    .values({
      id,
      secret: randomBytes(32).toString('base64url'),
      owner,
      name: file.name,
      content_type: file.type,
      size: file.size,
      width: file.width,
      height: file.height,
      sha256: file.sha256,
      created: now,
      used: owner.startsWith('token:') ? now : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Its name stands in the URL for people who save it; the secret alone is what finds it. */
export const urlOf = (world: World, file: FileRow): string =>
  `${uploadsOf(world).origin}/f/${file.secret}/${encodeURIComponent(file.name)}`;

export const fileAnswer = (world: World, file: FileRow): FileAnswer => ({
  id: file.id,
  url: urlOf(world, file),
  name: file.name,
  content_type: file.content_type,
  size: file.size,
  ...sizeOf(file),
});

const sizeOf = ({ width, height }: FileRow) => (width && height ? { width, height } : {});

/** The part that shows a file: a picture, a film, sound, or a row to download it. */
export function partOf(world: World, file: FileRow): MessagePart {
  const url = urlOf(world, file);
  const { content_type, name } = file;
  switch (familyOf(content_type)) {
    case 'image':
      return { image: { url, content_type, alt_text: name, ...sizeOf(file) } };
    case 'video':
      return { video: { url, content_type, ...sizeOf(file) } };
    case 'audio':
      return { audio: { url, content_type, name } };
    case 'file':
      return { file: { url, name, content_type, file_size_in_bytes: file.size } };
  }
}

/**
 * A customer's own file, from now on used: it is kept as long as the message that carries it.
 *
 * @throws GuichetError FILE_NOT_FOUND
 */
export async function useOwnFile(world: World, userId: string, id: string): Promise<MessagePart> {
  const file = await world.store.db
    .updateTable('files')
    .set((eb) => ({ used: eb.fn.coalesce('used', eb.val(world.now())) }))
    .where('id', '=', id)
    .where('owner', '=', `user:${userId}`)
    .returningAll()
    .executeTakeFirst();
  if (!file)
    throw new GuichetError(
      'FILE_NOT_FOUND',
      `You have uploaded no file with the id ${id}, or it was cleared away a day later.`,
    );
  return partOf(world, file);
}

/** When an anonymous customer turns out to be one who is known, what they uploaded is theirs. */
export async function moveFiles(world: World, from: string, to: string): Promise<void> {
  await world.store.db
    .updateTable('files')
    .set({ owner: `user:${to}` })
    .where('owner', '=', `user:${from}`)
    .execute();
}

export const findBySecret = (world: World, secret: string): Promise<FileRow | undefined> =>
  world.store.db.selectFrom('files').selectAll().where('secret', '=', secret).executeTakeFirst();
