import { describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { testSite } from '../testServer';
import { webViewScene } from './webViewScene';

const scene = webViewScene();
const { tap, open, mine, code, exchange, submit, close } = scene;

describe('the one-time code', () => {
  test('tells the page’s backend which view and whose it is, once', async () => {
    const opened = await open({ data: { flow: 'statement' } });
    const one = await code(opened);

    const first = await exchange(one);
    const second = await exchange(one);

    expect(first).toMatchObject({ status: 200 });
    expect(first.body).toEqual({
      web_view_id: opened.viewId,
      conversation_id: opened.id,
      message_id: opened.message.id,
      user_id: opened.userId,
      origin: testSite.cards,
      data: { flow: 'statement' },
    });
    expect(second.body).toMatchObject({ code: 400, status: 'CODE_INVALID' });
  });

  test('twenty exchanges at once: exactly one wins', async () => {
    const one = await code(await open());

    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(one)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
  });

  test('exchanged again by whoever lost the answer, with the same Idempotency-Key: the same answer; with another: none', async () => {
    const one = await code(await open());
    const withKey = (key: string, token = scene.token) =>
      scene.server.call<Record<string, unknown> & ErrorBody>('POST', '/v2/web-views/exchange', {
        token,
        body: { code: one },
        headers: { 'idempotency-key': key },
      });

    const first = await withKey('of-the-backend');

    expect(first.status).toBe(200);
    expect((await withKey('of-the-backend')).body).toEqual(first.body);
    expect((await withKey('of-another')).body).toMatchObject({ status: 'CODE_INVALID' });
    const other = await scene.server.token(undefined, { bot: true });
    expect((await withKey('of-the-backend', other.token)).body).toMatchObject({ status: 'CODE_INVALID' });
  });

  test('raced by the end of its view works or doesn’t, and never after', async () => {
    for (let round = 0; round < 5; round += 1) {
      const opened = await open();
      const [one, two] = [await code(opened), await code(opened)];

      const [raced] = await Promise.all([exchange(one), round % 2 ? close(opened) : submit(opened)]);

      expect([200, 400]).toContain(raced.status);
      expect((await exchange(two)).body).toMatchObject({ status: 'CODE_INVALID' });
    }
  });

  test('is good for a minute, and only while its view is open', async () => {
    const opened = await open();
    const old = await code(opened);
    scene.ahead = 61_000;
    expect((await exchange(old)).status).toBe(400);

    await opened.customer.ask('web_view_beat', mine(opened));
    const paused = await code(opened);
    await opened.customer.ask('web_view_pause', mine(opened));
    expect((await exchange(paused)).status).toBe(400);

    await tap(opened);
    const late = await code(opened);
    await close(opened);
    expect((await exchange(late)).status).toBe(400);
    expect(await opened.customer.ask('web_view_code', mine(opened))).toMatchObject({
      ok: false,
      error: { status: 'WEB_VIEW_CLOSED' },
    });
  });

  test('that was made up is refused, whatever it looks like', async () => {
    for (const guess of ['', 'x', 'gcc_', `gcc_${'A'.repeat(43)}`, 'x'.repeat(200), "' OR 1=1 --"])
      expect((await exchange(guess)).body, guess).toMatchObject({ code: 400, status: 'CODE_INVALID' });
  });
});
