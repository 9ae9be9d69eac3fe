import { expect, it } from 'vitest';
import { ApiError, guichetApi } from './guichetApi';
import type { Fetch } from './loopback';

function answering(...answers: (number | Error)[]) {
  const keys: string[] = [];
  const fetch = (async (_url: string, init: { headers: Record<string, string> }) => {
    keys.push(init.headers['idempotency-key'] ?? '');
    const next = answers.shift() ?? 200;
    if (next instanceof Error) throw next;
    return new Response(JSON.stringify(next === 200 ? { fine: true } : { status: 'CODE', message: 'why' }), {
      status: next,
    });
  }) as unknown as Fetch;
  return { api: guichetApi('http://chat.localhost:4180', 'token', fetch), keys };
}

it('tries again on 429, 5xx and silence, with the same key', async () => {
  const { api, keys } = answering(503, new Error('reset'), 429, 200);

  expect(await api('/v2/x', { method: 'POST', idempotencyKey: 'k', patience: 20_000 })).toEqual({ fine: true });
  expect(keys).toEqual(['k', 'k', 'k', 'k']);
});

it('does not repeat what was refused', async () => {
  const { api, keys } = answering(403);

  await expect(api('/v2/x')).rejects.toMatchObject({ status: 403, code: 'CODE' });
  expect(keys).toHaveLength(1);
});

it('gives up when its patience ends', async () => {
  const { api } = answering(500, 500, 500);

  await expect(api('/v2/x', { patience: 0 })).rejects.toBeInstanceOf(ApiError);
});
