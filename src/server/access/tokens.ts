import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Scope } from '../../protocol/rest/route';
import type { Tables } from '../store/tables';
import type { World } from '../world';
import { getActiveAgent } from './agents';

export type ApiToken = Selectable<Tables['tokens']> & { scopes: Scope[] };
/** A token that somebody came with. */
export type Bearer = ApiToken & {
  /** When what they came with is no longer good: it was rotated meanwhile. */
  until?: number;
};

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function base62(number: number, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest = Math.floor(rest / 62)) text = alphabet[rest % 62] + text;
  return text;
}

/** `gct_`, 30 random characters of base 62 (178 bits), and 6 that are their CRC-32: scanners can tell it from chance. */
function mint(): string {
  const random = Array.from({ length: 30 }, () => alphabet[randomInt(62)]).join('');
  return `gct_${random}${base62(checksum(random), 6)}`;
}

function checksum(text: string): number {
  return crc32(text);
}

export const isWellFormed = (token: string): boolean =>
  /^gct_[0-9A-Za-z]{36}$/.test(token) && base62(checksum(token.slice(4, 34)), 6) === token.slice(34);

const hintOf = (token: string) => `${token.slice(0, 8)}…${token.slice(-4)}`;
const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

/**
 * Makes a token. Only its hash is kept: the token itself is shown once.
 *
 * @param wanted.actor makes an actor of the token's name and binds it: what the token posts is by that actor
 * @param wanted.agent_id binds one that exists
 * @throws GuichetError AGENT_NOT_FOUND, AGENT_DEACTIVATED
 */
export async function createToken(
  world: World,
  wanted: { name: string; scopes: Scope[]; actor?: 'agent' | 'bot' | undefined; agent_id?: string | undefined },
): Promise<{ token: string; row: ApiToken }> {
  const token = mint();
  const scopes = [...new Set(wanted.scopes)];
  const { store } = world;
  return store.transaction(async () => {
    if (wanted.agent_id) await getActiveAgent(world, wanted.agent_id);
    const agentId = wanted.actor ? world.newId() : (wanted.agent_id ?? null);
    if (wanted.actor && agentId) {
      await store.db
        .insertInto('agents')
        .values({
          id: agentId,
          name: wanted.name,
          actor_type: wanted.actor,
          created: world.now(),
          email: null,
          profile_json: '{}',
          deactivated: null,
        })
        .execute();
    }
    const row = {
      id: world.newId(),
      name: wanted.name,
      hash: hashOf(token),
      hint: hintOf(token),
      scopes_json: JSON.stringify(scopes),
      agent_id: agentId,
      created: world.now(),
      used: null,
      revoked: null,
      previous_hash: null,
      previous_until: null,
    };
    await store.db.insertInto('tokens').values(row).execute();
    return { token, row: { ...row, scopes } };
  });
}

/**
 * The token that an `Authorization: Bearer` header names. Looked up by its hash, so that no comparison leaks it.
 *
 * @throws GuichetError UNAUTHENTICATED
 */
export async function authenticate(world: World, header: string | undefined): Promise<Bearer> {
  const token = bearerOf(header);
  if (!token) throw new GuichetError('UNAUTHENTICATED', 'Send an API token: Authorization: Bearer gct_…');
  const row = isWellFormed(token)
    ? await world.store.db
        .selectFrom('tokens')
        .selectAll()
        .where((is) => is.or([is('hash', '=', hashOf(token)), is('previous_hash', '=', hashOf(token))]))
        .where('revoked', 'is', null)
        .executeTakeFirst()
    : undefined;
  const until = row && row.hash !== hashOf(token as string) ? (row.previous_until ?? 0) : undefined;
  if (!row || (until !== undefined && until <= world.now()))
    throw new GuichetError('UNAUTHENTICATED', 'The API token is unknown, malformed, revoked, or was rotated.');
  await noteUse(world, row);
  return { ...row, scopes: JSON.parse(row.scopes_json), ...(until === undefined ? {} : { until }) };
}

/** What `Authorization: Bearer …` holds. */
export const bearerOf = (header: string | undefined) => /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];

/** Last use is kept by the minute: a write for each request would cost more than it tells. */
async function noteUse(world: World, row: Selectable<Tables['tokens']>): Promise<void> {
  const now = world.now();
  if (row.used !== null && now - row.used < 60_000) return;
  await world.store.db.updateTable('tokens').set({ used: now }).where('id', '=', row.id).execute();
}

/** @throws GuichetError FORBIDDEN */
export function requireScope(token: ApiToken, scope: Scope): void {
  if (!token.scopes.includes(scope)) {
    throw new GuichetError(
      'FORBIDDEN',
      `This door asks for the scope ${scope}; the token has ${token.scopes.join(', ')}.`,
    );
  }
}

export async function listTokens(world: World): Promise<ApiToken[]> {
  const rows = await world.store.db.selectFrom('tokens').selectAll().orderBy('created').execute();
  return rows.map((row) => ({ ...row, scopes: JSON.parse(row.scopes_json) }));
}

const notFound = (id: string) => new GuichetError('TOKEN_NOT_FOUND', `No API token has the id ${id}.`);

/** @throws GuichetError TOKEN_NOT_FOUND */
export async function getToken(world: World, id: string): Promise<ApiToken> {
  const row = await world.store.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id);
  return { ...row, scopes: JSON.parse(row.scopes_json) };
}

/**
 * Gives a token a new secret: same id, scopes and actor. Two are good at most: what was good beside the last one ends now.
 *
 * @param overlap seconds for which the one that was good until now stays so
 * @throws GuichetError TOKEN_NOT_FOUND, also when it was revoked
 */
export async function rotateToken(
  world: World,
  id: string,
  overlap: number,
): Promise<{ token: string; row: ApiToken }> {
  const token = mint();
  return world.store.transaction(async () => {
    const old = await getToken(world, id);
    if (old.revoked !== null)
      throw new GuichetError('TOKEN_NOT_FOUND', `The API token ${id} was revoked: make another one.`);
    const changed = {
      hash: hashOf(token),
      hint: hintOf(token),
      previous_hash: overlap > 0 ? old.hash : null,
      previous_until: overlap > 0 ? world.now() + overlap * 1_000 : null,
    };
    await world.store.db.updateTable('tokens').set(changed).where('id', '=', id).execute();
    if (overlap === 0) end(world, id);
    return { token, row: { ...old, ...changed } };
  });
}

/** @throws GuichetError TOKEN_NOT_FOUND */
export async function revokeToken(world: World, id: string): Promise<void> {
  await world.store.transaction(async () => {
    const row = await world.store.db
      .updateTable('tokens')
      .set((eb) => ({
        revoked: eb.fn.coalesce('revoked', eb.val(world.now())),
        previous_hash: null,
        previous_until: null,
      }))
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound(id);
    end(world, id);
  });
}

const end = (world: World, tokenId: string) =>
  world.store.afterCommit(() => world.hub.publish({ type: 'token_end', tokenId }));
