import { createHash } from 'node:crypto';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import type { World } from '../world';

/** How long an answer is kept, in milliseconds. */
const keptFor = 24 * 3_600_000;

export type Answer = { status: number; body: string };

/**
 * Runs a POST once for each `Idempotency-Key` of a token. The answer is stored in the same transaction as what the
 * POST does, so that a retry after a crash either finds both or neither. Errors are not kept: a retry tries again.
 *
 * @param request.text path and body, by which the same key with another request is told
 * @param request.keep false for an answer that holds a secret: a retry then does nothing, and is told so
 * @throws GuichetError IDEMPOTENCY_KEY_REUSED, INVALID_VALUE
 */
export async function once(
  world: World,
  request: { tokenId: string; key: string; text: string; keep: boolean },
  work: () => Promise<Answer>,
): Promise<Answer & { replayed: boolean }> {
  const { tokenId, key, text, keep } = request;
  if (key.length > limits.idempotencyKey) {
    throw new GuichetError(
      'INVALID_VALUE',
      `Idempotency-Key: at most ${limits.idempotencyKey} characters, got ${key.length}.`,
    );
  }
  const fingerprint = createHash('sha256').update(text).digest('base64url');
  const { store } = world;
  return store.transaction(async () => {
    await store.db
      .deleteFrom('idempotency')
      .where('created', '<', world.now() - keptFor)
      .execute();
    const known = await store.db
      .selectFrom('idempotency')
      .selectAll()
      .where('token_id', '=', tokenId)
      .where('key', '=', key)
      .executeTakeFirst();
    if (known && known.fingerprint !== fingerprint) {
      throw new GuichetError(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key was sent before with another request. Use a new key for each request.',
      );
    }
    if (known && !keep) {
      throw new GuichetError(
        'IDEMPOTENCY_KEY_REUSED',
        'This request was carried out before; its answer held a secret, which is shown once. Remove what it made, and make another with a new key.',
      );
    }
    if (known) return { status: known.status, body: known.body, replayed: true };
    const answer = await work();
    await store.db
      .insertInto('idempotency')
      .values({
        token_id: tokenId,
        key,
        fingerprint,
        status: answer.status,
        body: keep ? answer.body : '',
        created: world.now(),
      })
      .execute();
    return { ...answer, replayed: false };
  });
}
