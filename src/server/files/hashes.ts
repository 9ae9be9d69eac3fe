import { GuichetError } from '../../protocol/errors';
import type { World } from '../world';
import { findBySecret, urlOf } from './files';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A v2 program that has uploaded a file sends a part that names it by its hash, without a URL. Such parts are filled in from
 * what was stored, before the body meets its schema; `contentType` and `fileHash` are other spellings of the same.
 *
 * @param body of a message, or of a conversation with messages; what isn't as expected is left to the schema
 * @throws GuichetError INVALID_VALUE with the path of a hash that nobody has
 */
export async function fillInFiles(world: World, body: unknown): Promise<unknown> {
  if (!isObject(body)) return body;
  const filled = await inMessage(world, body, '');
  if (!Array.isArray(body.messages)) return filled;
  const messages = [];
  for (const [at, message] of body.messages.slice(0, 20).entries())
    messages.push(isObject(message) ? await inMessage(world, message, `messages[${at}].`) : message);
  return { ...filled, messages: [...messages, ...body.messages.slice(20)] };
}

async function inMessage(world: World, message: Json, path: string): Promise<Json> {
  if (!Array.isArray(message.message_parts)) return message;
  return { ...message, message_parts: await inParts(world, message.message_parts, `${path}message_parts`, 0) };
}

async function inParts(world: World, parts: unknown[], path: string, depth: number): Promise<unknown[]> {
  const filled: unknown[] = [];
  for (const [at, part] of parts.slice(0, 200).entries())
    filled.push(await inPart(world, part, `${path}[${at}]`, depth));
  return [...filled, ...parts.slice(200)];
}

async function inPart(world: World, part: unknown, path: string, depth: number): Promise<unknown> {
  if (!isObject(part)) return part;
  if (depth === 0 && isObject(part.collection) && Array.isArray(part.collection.sub_parts)) {
    const sub_parts = await inParts(world, part.collection.sub_parts, `${path}.collection.sub_parts`, 1);
    return { ...part, collection: { ...part.collection, sub_parts } };
  }
  if (!isObject(part.file)) return part;
  const { fileHash, contentType, ...file } = part.file;
  const type = file.content_type ?? contentType;
  const given = { ...file, ...(type === undefined ? {} : { content_type: type }) };
  const key = 'file_hash' in file ? 'file_hash' : 'fileHash';
  const hash = file.file_hash ?? fileHash;
  if (file.url || typeof hash !== 'string') return { ...part, file: given };
  const stored = /^[\w-]{43}$/.test(hash) ? await findBySecret(world, hash) : undefined;
  if (!stored || !world.uploads) {
    const fault = {
      path: `${path}.file.${key}`,
      expected: 'the file_hash of an upload, or a url',
      received: JSON.stringify(hash.slice(0, 100)),
    };
    throw new GuichetError('INVALID_VALUE', `body: ${fault.path} should be ${fault.expected}, got ${fault.received}`, [
      fault,
    ]);
  }
  // A name of the sender's own is kept; size and type are what they are.
  const name = file.name || stored.name;
  const { content_type, size: file_size_in_bytes } = stored;
  return { ...part, file: { ...given, name, content_type, file_size_in_bytes, url: urlOf(world, stored) } };
}
