import { describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Conversation } from '../../protocol/rest/conversations';
import { type Scope, scopes } from '../../protocol/rest/route';
import type { WebView } from '../../protocol/rest/webViews';
import { conversationPath, newClientId, startReceiver } from '../testServer';
import { closings, types, viewPath, webViewScene } from './webViewScene';

const scene = webViewScene();
const { call, postButton, tap, open, submit, close, read, logOf, about } = scene;

describe('submitting', () => {
  test('by the page is the customer’s word: the bot gets the result, the log a message with the summary, the customer no result', async () => {
    const receiver = await startReceiver();
    await scene.server.webhook(receiver.url);
    const opened = await open();

    expect(await submit(opened, { result: { secretResult: 'abc' }, summary: 'Card ending in 1111' })).toEqual({
      ok: true,
      value: {},
    });

    const log = await logOf(opened);
    expect(types(log).slice(-3)).toEqual(['web_view_submit', 'message_create', 'web_view_close']);
    expect(log.at(-2)).toMatchObject({
      data: {
        message: {
          actor_type: 'user',
          message_parts: [{ text: { content: 'Card ending in 1111' } }],
          in_reply_to: { message_id: opened.message.id },
        },
      },
    });
    await receiver.until((received) => received.some(({ body }) => body.action === 'web_view_close'));
    const told = receiver.received
      .map(({ body }) => body)
      .filter(({ conversation_id }) => conversation_id === opened.id);
    expect(told.find(({ action }) => action === 'web_view_submit')?.data).toMatchObject({
      web_view: { id: opened.viewId, conversation_id: opened.id, user_id: opened.userId },
      summary: 'Card ending in 1111',
      source: 'page',
      result: { secretResult: 'abc' },
    });
    expect(told.find(({ action }) => action === 'web_view_close')?.data).toMatchObject({
      reason: 'submitted',
      submitted: true,
      duration_ms: expect.any(Number),
    });
    await opened.customer.until(({ events }) => events.some(({ type }) => type === 'web_view_close'));
    const session = await scene.server.session({ resume: opened.token });
    expect(JSON.stringify([opened.customer.told, log, session.body])).not.toContain('secretResult');
    await receiver.stop();
  });

  test('by the business is not in the way of anything that the customer has said', async () => {
    const opened = await open();
    const client_id = `web-view-${opened.viewId}`;
    expect(await opened.customer.ask('send', { client_id, content: { text: 'first' } })).toMatchObject({ ok: true });

    const { status, body } = await call('POST', viewPath(opened, '/submit'), { result: { ok: true } });

    expect(status, JSON.stringify(body)).toBe(200);
  });

  test.each([
    ['by the page ends the wait for the customer', 'page', 'assigned'],
    ['by the business leaves it', 'business', 'waiting on customer'],
  ] as const)('%s', async (_, source, status) => {
    const opened = await open();
    await call('PUT', conversationPath(opened.id), { status: 'waiting on customer' });

    if (source === 'page') await submit(opened);
    else await call('POST', viewPath(opened, '/submit'), { result: {} });

    const { body } = await call<Conversation>('GET', conversationPath(opened.id));
    expect(body.status).toBe(status);
  });

  test('with thousands of faults is answered with the first of the deepest', async () => {
    const result_schema = { type: 'object', properties: { all: { type: 'array', items: { type: 'string' } } } };
    const opened = await open({ result_schema });

    const { status, body } = await call('POST', viewPath(opened, '/submit'), { result: { all: Array(3_000).fill(0) } });

    expect(status).toBe(400);
    expect(body.details).toHaveLength(20);
    expect(body.details?.[0]).toMatchObject({ path: 'result.all[0]' });
  });

  test('by the business says so, and its result is shown only to a token that may read results', async () => {
    const opened = await open({ title: 'Card details' });

    const answer = await call<WebView>('POST', viewPath(opened, '/submit'), { result: { ok: true } });

    expect(answer.body).toMatchObject({
      state: 'closed',
      reason: 'submitted',
      submitted: true,
      source: 'business',
      summary: 'Card details', // of a result without a summary, the title
      result: { ok: true },
    });
    const { token } = await scene.server.token(['web_views:read', 'web_views:write']);
    expect((await read(opened.viewId, token)).body).toMatchObject({ submitted: true, source: 'business' });
    expect((await read(opened.viewId, token)).body).not.toHaveProperty('result');
    const again = await call('POST', viewPath(opened, '/submit'), { result: { ok: true } }, token);
    expect(again).toMatchObject({ status: 200 });
    expect(again.body).not.toHaveProperty('result');
  });

  test('is for bots: no route shows the raw result to a token without web_views:results, nor the log of webhooks', async () => {
    const receiver = await startReceiver();
    const webhook = await scene.server.webhook(receiver.url);
    const { cursor } = (await call<{ cursor: string }>('GET', '/v2/events?after=latest')).body;
    const opened = await open();
    await submit(opened, { result: { secretResult: 'raw-and-secret' }, summary: 'Done' });
    await receiver.until((received) => received.some(({ body }) => body.action === 'web_view_close'));
    const reading: Scope[] = [...scopes.filter((scope) => scope.endsWith(':read')), 'webhooks:manage'];
    const agent = await scene.server.token(reading, { agent: true });
    const everything = await scene.server.token([...reading, 'web_views:results'], { bot: true });
    const shown = async (token: string) => {
      const paths = [
        conversationPath(opened.id),
        conversationPath(opened.id, '/messages'),
        conversationPath(opened.id, '/events'),
        `/v2/events?after=${cursor}`,
        '/v2/conversations',
        `/v2/users/${opened.userId}`,
        `/v2/users/${opened.userId}/conversations`,
        viewPath(opened),
        `/v2/webhooks/${webhook.id}/deliveries`,
      ];
      const answers = await Promise.all(paths.map((each) => call<object>('GET', each, undefined, token)));
      expect(answers.map(({ status }, at) => `${status} ${paths[at]}`)).toEqual(paths.map((each) => `200 ${each}`));
      return paths.filter((_, at) => JSON.stringify(answers[at]?.body).includes('raw-and-secret'));
    };

    expect(await shown(agent.token)).toEqual([]);
    expect(await shown(everything.token)).toEqual([
      conversationPath(opened.id, '/events'),
      `/v2/events?after=${cursor}`,
      viewPath(opened),
    ]);
    await receiver.stop();
  });

  test('again with the same key changes nothing and succeeds; otherwise it is refused', async () => {
    const opened = await open();
    const idempotency_key = newClientId();
    await submit(opened, { idempotency_key });
    const seq = (await logOf(opened)).length;

    expect(await submit(opened, { idempotency_key })).toEqual({ ok: true, value: {} });
    for (const other of [{ result: { last4: '9999' } }, { summary: 'Other words' }])
      expect(await submit(opened, { idempotency_key, ...other })).toMatchObject({
        ok: false,
        error: { code: 409, status: 'IDEMPOTENCY_KEY_REUSED' },
      });
    expect(await submit(opened)).toMatchObject({ ok: false, error: { code: 409, status: 'WEB_VIEW_CLOSED' } });
    expect((await call('POST', viewPath(opened, '/submit'), { result: { other: 1 } })).body).toMatchObject({
      status: 'WEB_VIEW_CLOSED',
    });
    expect((await logOf(opened)).length).toBe(seq);
  });

  test('by page, business and customer at once: one submit at most and exactly one close', async () => {
    for (let round = 0; round < 5; round += 1) {
      const opened = await open();

      await Promise.all([
        submit(opened),
        submit(opened),
        call('POST', viewPath(opened, '/submit'), { result: { by: 'business' } }),
        call('POST', viewPath(opened, '/submit'), { result: { by: 'business' } }),
        call('POST', viewPath(opened, '/close'), { result: { by: 'business too' } }),
        close(opened),
      ]);

      const log = await about(opened);
      expect(closings(log)).toHaveLength(1);
      expect(types(log).filter((type) => type === 'web_view_submit').length).toBeLessThanOrEqual(1);
      expect(closings(log)[0]?.submitted).toBe(types(log).includes('web_view_submit'));
    }
  });

  test('late is refused: after the customer closed, after the conversation was resolved', async () => {
    const closed = await open();
    await close(closed);
    const resolved = await open();
    await call('PUT', conversationPath(resolved.id), { status: 'resolved' });

    for (const opened of [closed, resolved]) {
      const seq = (await logOf(opened)).length;
      expect(await submit(opened)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });
      expect((await call('POST', viewPath(opened, '/submit'), { result: {} })).body).toMatchObject({ code: 409 });
      expect((await call('POST', viewPath(opened, '/close'), { result: {} })).body).toMatchObject({ code: 409 });
      expect((await logOf(opened)).length).toBe(seq);
    }
  });

  test('once is once: a submitted view can’t be opened again, a closed one can, and one that may can always', async () => {
    const once = await open();
    await submit(once);
    expect(await tap(once)).toMatchObject({ ok: false, error: { code: 409, status: 'WEB_VIEW_CLOSED' } });

    const given_up = await open();
    await close(given_up);
    const second = await tap(given_up);
    expect(second.ok && second.value.web_view_id).not.toBe(given_up.viewId);

    const many = await open({ once: false });
    await submit(many);
    expect(await tap(many)).toMatchObject({ ok: true });
  });

  const result_schema = {
    type: 'object',
    required: ['last4', 'months'],
    additionalProperties: false,
    properties: {
      last4: { type: 'string', minLength: 4, maxLength: 4 },
      months: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 12 } },
    },
  };

  test('that breaks the button’s schema is refused by either door with the place of each fault, and the view goes on', async () => {
    const opened = await open({ result_schema });
    const wrong = { last4: '42', months: [1, 13, 'x'], note: 'hi' };

    const byPage = await submit(opened, { result: wrong });
    const byBusiness = await call('POST', viewPath(opened, '/submit'), { result: wrong });

    for (const details of [byPage.ok ? [] : byPage.error.details, byBusiness.body.details]) {
      const paths = details?.map((detail) => detail.path) ?? [];
      expect(paths).toEqual(expect.arrayContaining(['result.last4', 'result.months[1]', 'result.months[2]']));
    }
    expect(byBusiness.status).toBe(400);
    expect(JSON.stringify(byPage)).not.toContain('hi');
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'open', submitted: false });
    expect((await submit(opened, { result: { last4: '0042', months: [1, 12] } })).ok).toBe(true);
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'closed', submitted: true });
  });

  test('that lacks a field the schema asks for is refused', async () => {
    const opened = await open({ result_schema });

    expect(await submit(opened, { result: {} })).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
    expect(await submit(opened, { result: { last4: '0042', months: [], more: 1 } })).toMatchObject({ ok: false });
  });

  test.each<[object, string]>([
    [{ type: 'objekt' }, '.type'],
    [{ propertys: {} }, '.propertys'],
    [{ properties: { a: { pattern: '(a+)+$' } } }, '.properties.a.pattern'],
    [{ properties: { a: { $ref: '#' } } }, '.properties.a.$ref'],
    [{ items: { minLength: -1 } }, '.items.minLength'],
    [{ anyOf: [{}, { required: 'a' }] }, '.anyOf[1].required'],
    [{ enum: [] }, '.enum'],
    [{ description: 'x'.repeat(4_096) }, ''],
    [{ properties: { a: 7 } }, '.properties.a'],
  ])('a schema such as %j is refused when it is posted', async (schema, place) => {
    const made = await scene.server.conversation();

    const answer = await postButton(made.id, { result_schema: schema });

    expect(answer.status).toBe(400);
    const body = answer.body as unknown as ErrorBody;
    const [fault] = body.details ?? [];
    expect(`${fault?.path}: ${fault?.expected}`).toContain(
      `message_parts[1].url_button.web_view.result_schema${place}: `,
    );
  });

  test('what looks like a card number is refused by either door, in the result and in the summary, and nothing is stored', async () => {
    const opened = await open();
    const seq = (await logOf(opened)).length;
    for (const more of [
      { result: { number: '4111 1111 1111 1111' } },
      { result: { nested: [{ pan: 4_111_111_111_111_111 }] } },
      { result: {}, summary: 'Card 4111-1111-1111-1111' },
    ]) {
      expect(await submit(opened, more)).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
      const { body } = await call('POST', viewPath(opened, '/submit'), more);
      expect(body).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
      expect(JSON.stringify(body)).not.toMatch(/4111/);
      expect((await call('POST', viewPath(opened, '/close'), more)).status).toBe(400);
    }
    expect((await logOf(opened)).length).toBe(seq);
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'open', submitted: false });
  });

  test('results and summaries over their limits are refused', async () => {
    const opened = await open();
    for (const more of [
      { result: { a: 'x'.repeat(8_200) } },
      { result: { a: 'é'.repeat(5_000) } },
      { summary: 'x'.repeat(301) },
    ])
      expect(await submit(opened, more)).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
    expect((await read(opened.viewId)).body.submitted).toBe(false);
  });
});
