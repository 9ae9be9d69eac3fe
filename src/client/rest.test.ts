import { describe, expect, test } from 'vitest';
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

  test('no network is a failure of its own', async () => {
    const rest = openRest('', () => Promise.reject(new TypeError('Failed to fetch')));

    expect(await failureOf(rest.session({ site: 's' }))).toMatchObject({ kind: 'unreachable', code: 'UNREACHABLE' });
  });

  test('no answer in time is a failure of its own', async () => {
    const rest = openRest('', () => Promise.reject(new DOMException('timed out', 'TimeoutError')));

    expect(await failureOf(rest.session({ site: 's' }))).toMatchObject({ kind: 'timeout', isFinal: false });
  });
});
