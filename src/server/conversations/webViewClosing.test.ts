import { describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { WebView } from '../../protocol/rest/webViews';
import { conversationPath } from '../testServer';
import { sweepWebViews } from './webViewLife';
import { closings, types, viewPath, webViewScene } from './webViewScene';

const scene = webViewScene();
const { call, open, mine, submit, close, read, logOf, about } = scene;

describe('closing', () => {
  test('by the business closes it at once, with or without a body, and says by whom', async () => {
    const opened = await open();

    const answer = await scene.server.call<WebView>('POST', viewPath(opened, '/close'), { token: scene.token });

    expect(answer).toMatchObject({ status: 200, body: { state: 'closed', reason: 'business', submitted: false } });
    await opened.customer.until(({ events }) => events.some(({ type }) => type === 'web_view_close'));
    expect((await about(opened)).at(-1)).toMatchObject({ actor: { actor_type: 'bot' }, data: { reason: 'business' } });
  });

  test('by the business with a result submits first', async () => {
    const opened = await open();

    await call('POST', viewPath(opened, '/close'), { result: { ok: true }, summary: 'Checked' });

    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_submit', 'web_view_close']);
    expect((await read(opened.viewId)).body).toMatchObject({
      reason: 'submitted',
      source: 'business',
      summary: 'Checked',
    });
  });

  test('by the business with a summary alone is refused: without a result nobody would ever read it', async () => {
    const opened = await open();

    const answer = await call('POST', viewPath(opened, '/close'), { summary: 'Checked' });

    expect(answer.body).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
    expect(answer.body.message).toContain('a summary only with a result');
    expect((await read(opened.viewId)).body.state).toBe('open');
  });

  test.each(['page', 'customer', 'blocked', 'replaced'] as const)(
    'as %s is recorded so; closing again is no fault',
    async (reason) => {
      const opened = await open();

      expect(await close(opened, reason)).toEqual({ ok: true, value: {} });
      expect(await close(opened, 'page')).toEqual({ ok: true, value: {} });
      expect((await call<WebView>('POST', viewPath(opened, '/close'))).body).toMatchObject({ reason });

      expect(closings(await about(opened))).toMatchObject([{ reason, submitted: false }]);
    },
  );

  test('forty closers of every kind at once: exactly one web_view_close', async () => {
    for (let round = 0; round < 3; round += 1) {
      const opened = await open();

      await Promise.all([
        ...Array.from({ length: 15 }, () => close(opened)),
        ...Array.from({ length: 15 }, () => call('POST', viewPath(opened, '/close'))),
        ...Array.from({ length: 5 }, () => submit(opened)),
        call('PUT', conversationPath(opened.id), { status: 'resolved' }),
        ...Array.from({ length: 4 }, () => sweepWebViews(scene.world)),
      ]);

      expect(closings(await about(opened))).toHaveLength(1);
    }
  });

  test('by resolving the conversation is told before the resolution', async () => {
    const opened = await open();

    await call('PUT', conversationPath(opened.id), { status: 'resolved' });

    expect(types(await logOf(opened)).slice(-2)).toEqual(['web_view_close', 'conversation_resolution']);
    expect(closings(await about(opened))).toMatchObject([{ reason: 'resolved' }]);
  });
});

describe('the business while it is open', () => {
  test('changes data, size and title, which the customer is told; not once it is closed', async () => {
    const opened = await open();
    const change = (body: object) => call<WebView & ErrorBody>('PATCH', viewPath(opened), body);

    expect((await change({ size: 'compact', title: 'Step 2', data: { step: 2 } })).body).toMatchObject({
      size: 'compact',
      title: 'Step 2',
      data: { step: 2 },
    });
    expect((await change({})).status).toBe(200);
    await opened.customer.until(({ events }) => events.some(({ type }) => type === 'web_view_update'));
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_update']);
    await close(opened);
    expect((await change({ size: 'full' })).body).toMatchObject({ code: 409, status: 'WEB_VIEW_CLOSED' });
  });

  test('cannot ask for what a browser may say', async () => {
    const opened = await open();

    for (const body of [{ size: 'huge' }, { title: '' }, { data: 'x' }, { data: { a: 'x'.repeat(9_000) } }])
      expect((await call('PATCH', viewPath(opened), body)).body).toMatchObject({ status: 'INVALID_VALUE' });
    expect((await read(opened.viewId)).body.size).toBe('tall');
  });
});

describe('nobody else', () => {
  test('can use a customer’s view by knowing its id and its tab’s name', async () => {
    const ada = await open();
    const eve = await scene.server.conversation();
    const stolen = { ...ada, customer: eve.customer };

    for (const answer of [
      await eve.customer.ask('web_view_code', mine(ada)),
      await eve.customer.ask('web_view_beat', mine(ada)),
      await eve.customer.ask('web_view_pause', mine(ada)),
      await eve.customer.ask('web_view_save', { ...mine(ada), state: {} }),
      await submit(stolen),
      await close(stolen),
    ])
      expect(answer).toMatchObject({ ok: false, error: { code: 404, status: 'WEB_VIEW_NOT_FOUND' } });
    await submit(ada);
    expect(await submit(stolen)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_NOT_FOUND' } });
  });
});
