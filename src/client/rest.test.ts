import { describe, expect, test, vi } from 'vitest';
import type { Failure } from './failure';
import { openRest } from './rest';

const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  openRest(
    '/widget/v1',
    async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }),
  );
const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error,
  );

describe('requests', () => {
  test('a refusal carries the server’s code and is final', async () => {
    const rest = answering(409, {
      code: 409,
      status: 'ALREADY_ANSWERED',
      message: 'The question has its answer already.',
    });
    const failure = await failureOf(rest.send('t', { client_id: 'client-id', content: { text: 'x' } }));

    expect(failure).toMatchObject({ kind: 'refused', code: 'ALREADY_ANSWERED', isFinal: true });
  });

  test('what passes by itself is not final, and says how long to wait', async () => {
    const rest = answering(429, { code: 429, status: 'RATE_LIMITED', message: 'Slow down.' }, { 'Retry-After': '3' });

    expect(await failureOf(rest.logout('t'))).toMatchObject({
      code: 'RATE_LIMITED',
      isFinal: false,
      retryAfter: 3_000,
    });
  });

  test('a session that is over is neither final nor passing', async () => {
    const rest = answering(401, { code: 401, status: 'SESSION_INVALID', message: 'Ask for a new one.' });

    expect(await failureOf(rest.events('t', { conversation_id: 'c' }))).toMatchObject({
      isFinal: false,
      isSessionOver: true,
    });
  });

  test.each([
    ['a proxy’s page', 502, '<h1>Bad gateway</h1>'],
    ['a captive portal', 200, '<h1>Log in</h1>'],
    ['an empty answer', 200, ''],
    ['another API', 200, { hello: 'world' }],
  ])('%s is told from our server, and tried again', async (_, status, body) => {
    expect(await failureOf(answering(status, body).session({ site: 's' }))).toMatchObject({
      kind: 'garbled',
      isFinal: false,
    });
  });

  const page = '<h1>Forbidden by the firewall</h1>';

  test('what a proxy takes for too large never gets through', async () => {
    expect(await failureOf(answering(413, page).session({ site: 's' }))).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      isFinal: true,
    });
  });

  test.each([
    [403, true],
    [404, true],
    [407, true],
    [408, false],
    [425, false],
    [429, false],
    [200, false],
    [502, false],
  ])('a %i that isn’t the server’s is one that something on the way said: %s', async (status, isBlocked) => {
    expect(await failureOf(answering(status, page).session({ site: 's' }))).toMatchObject({
      kind: 'garbled',
      isFinal: false,
      isBlocked,
    });
  });

  test('a 404 of the server itself is not', async () => {
    const body = { code: 404, status: 'SITE_NOT_FOUND', message: 'No site has this id.' };

    expect(await failureOf(answering(404, body).session({ site: 's' }))).toMatchObject({ isBlocked: false });
  });

  test.each<[string, number | undefined]>([
    ['3', 3_000],
    ['0', undefined],
    ['-3', undefined],
    ['soon', undefined],
    ['Sun, 29 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 29 Nov 2026 11:00:00 GMT', undefined],
    ['86400', 600_000],
  ])('Retry-After: %s holds whatever came with it, ten minutes at most', async (header, ms) => {
    vi.useFakeTimers({ now: new Date('2026-11-29T12:00:00Z') });
    const failure = await failureOf(answering(503, page, { 'Retry-After': header }).session({ site: 's' }));
    vi.useRealTimers();

    expect(failure.retryAfter).toBe(ms);
  });

  test('no network is a failure of its own', async () => {
    const rest = openRest('', () => Promise.reject(new TypeError('Failed to fetch')));

    expect(await failureOf(rest.session({ site: 's' }))).toMatchObject({ kind: 'unreachable', code: 'UNREACHABLE' });
  });

  test('no answer in time is a failure of its own', async () => {
    const rest = openRest('', () => Promise.reject(new DOMException('timed out', 'TimeoutError')));

    expect(await failureOf(rest.session({ site: 's' }))).toMatchObject({ kind: 'timeout', isFinal: false });
  });
});
