import { createHash, randomUUID } from 'node:crypto';
import { readSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuichetError } from '../../protocol/errors';
import { Bytes } from './bytes';

/** A file that is coming in: nothing sees it before it is kept. */
export type Draft = {
  readonly size: number;
  write(piece: Uint8Array): Promise<void>;
  /** What was written so far. */
  bytes(): Bytes;
  /** Drops what stands behind `size`. */
  cut(size: number): Promise<void>;
  /** Puts it on disk for good; returns its SHA-256 in hex. Nothing more can be written. */
  settle(): Promise<string>;
  /** Gives it its place; after this a crash finds it whole or not at all. */
  keep(id: string): Promise<void>;
  /** Removes it, unless it is kept already. */
  discard(): Promise<void>;
};

/** Where the bytes of uploads stand: a file each, called by its id, in 256 folders. Only the owner may read them. */
export type FileFolder = {
  begin(): Promise<Draft>;
  pathOf(id: string): string;
  remove(id: string): Promise<void>;
  /** Ids in one of the 256 folders that were kept before `time` (milliseconds). */
  idsIn(shard: number, before: number): Promise<string[]>;
  /** Bytes that are free on its disk. */
  room(): Promise<number>;
  close(): Promise<void>;
};

/** @param dataDir the server's; `:memory:` keeps the files in a folder of the system's that goes with `close` */
export async function openFolder(dataDir: string): Promise<FileFolder> {
  const isTemporary = dataDir === ':memory:';
  const root = isTemporary ? await mkdtemp(join(tmpdir(), 'guichet-files-')) : join(dataDir, 'files');
  const incoming = join(root, 'incoming');
  // What was coming in when the server went down has no end.
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const shardOf = (id: string) => join(root, id.slice(-2).toLowerCase());
  const pathOf = (id: string) => {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new Error('a file has the id of no file');
    return join(shardOf(id), id);
  };
  return {
    pathOf,
    begin: () => beginDraft(join(incoming, randomUUID()), shardOf, pathOf),
    remove: (id) => rm(pathOf(id), { force: true }),
    async idsIn(shard, before) {
      const folder = join(root, shard.toString(16).padStart(2, '0'));
      const found: string[] = [];
      for (const id of await readdir(folder).catch(() => [])) {
        const facts = await stat(join(folder, id)).catch(() => undefined);
        if (facts && facts.ctimeMs < before && /^[0-9a-f-]{36}$/.test(id)) found.push(id);
      }
      return found;
    },
    async room() {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
    async close() {
      if (isTemporary) await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function beginDraft(
  path: string,
  shardOf: (id: string) => string,
  pathOf: (id: string) => string,
): Promise<Draft> {
  const file = await open(path, 'wx+', 0o600);
  const hash = createHash('sha256');
  let size = 0;
  let wasCut = false;
  let isOpen = true;
  let isKept = false;
  const close = async () => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  const bytes = () =>
    new Bytes(size, (at, length) => {
      const window = new Uint8Array(length);
      return window.subarray(0, readSync(file.fd, window, 0, length, at));
    });
  return {
    get size() {
      return size;
    },
    async write(piece) {
      hash.update(piece);
      for (let done = 0; done < piece.length; ) {
        const { bytesWritten } = await file.write(piece, done, piece.length - done);
        done += bytesWritten;
        size += bytesWritten;
      }
    },
    bytes,
    async cut(shorter) {
      await file.truncate(shorter);
      size = shorter;
      wasCut = true;
    },
    async settle() {
      const digest = wasCut ? hashOf(bytes()) : hash.digest('hex');
      await file.sync();
      await close();
      return digest;
    },
    async keep(id) {
      await mkdir(shardOf(id), { recursive: true, mode: 0o700 });
      await rename(path, pathOf(id));
      isKept = true;
      // The name has to be on disk before a row speaks of it.
      const folder = await open(shardOf(id));
      await folder.sync().finally(() => folder.close());
    },
    async discard() {
      await close();
      if (!isKept) await rm(path, { force: true });
    },
  };
}

function hashOf(bytes: Bytes): string {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.size; at += 65_536) hash.update(bytes.at(at, Math.min(65_536, bytes.size - at)));
  return hash.digest('hex');
}

/** A full disk is no fault of the server's code, and nothing is left half done. */
export function orFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new GuichetError('STORAGE_FULL', 'The disk of the server is full; nothing of the file was stored.')
    : error;
}
