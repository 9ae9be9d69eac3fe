/** A submit twice, too late, from two pages at once. */
import { inPage } from './puppet';
import { close, sheets, watchLeaving, withView } from './view';
import { closeReason, expect, expectUsable, openChat, openView, type Talk, test, webViewButton } from './world';

test.describe('twice, late, two at once', () => {
  const submit = (key: string, result = '{}') =>
    `ask('submit', { result: ${result}, summary: 'Confirmed', idempotency_key: '${key}' })`;
  const submits = (talk: Talk) => talk.told('web_view_submit').map(({ data }) => data.source);

  test('a double submit counts once', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);

    await inPage(
      view,
      `for (const key of ['key-one-1', 'key-one-1', 'key-two-2', 'key-three']) void ${submit('KEY').replace("'KEY'", 'key')}`,
    );

    await expect(sheets(chat)).toHaveCount(0);
    expect(await closeReason(talk)).toBe('submitted');
    await expectUsable(chat, talk);
    expect(submits(talk)).toEqual(['page']);
    expect(talk.told('web_view_close')).toHaveLength(1);
    expect(await chat.at.locator('article').getByText('Confirmed', { exact: true }).count()).toBe(1);
    await expect(chat.at.getByRole('button', { name: /Open the page/ })).toBeDisabled();
  });

  test('a submit after the customer has closed the page has no effect', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    // The page holds the closing up, and uses the moment.
    await inPage(
      view,
      `port.onmessage = ({ data }) => { if (data.t === 'closing') for (const key of ['key-late-1', 'key-late-2'])
         port.postMessage({ v: 1, t: 'submit', id: 900, d: { result: {}, summary: 'Confirmed', idempotency_key: key } }); }; 0`,
    );

    await close(chat);

    expect(await closeReason(talk)).toBe('customer');
    await expectUsable(chat, talk);
    expect(submits(talk)).toEqual([]);
    await expect(chat.at.getByText('Confirmed', { exact: true })).toHaveCount(0);
  });

  test('a page that never answers “closing” keeps the customer waiting for nothing', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    await inPage(
      view,
      'port.onmessage = () => {}; for (;;) { port.postMessage({ v: 1, t: "dirty", d: { dirty: false } }); break }',
    );
    await view.evaluate('setTimeout(() => { const until = Date.now() + 4000; while (Date.now() < until); }, 20)');

    const order = await watchLeaving(chat.widget);

    await close(chat);

    await expect.poll(order).toEqual(['the conversation can be used', 'the page is gone']);
    expect(await closeReason(talk)).toBe('customer');
    await expect(sheets(chat)).toHaveCount(0);
    await expectUsable(chat, talk);
  });

  test('a result that breaks the bot’s schema has no effect, says where, and the page goes on', async ({
    page,
    world,
  }) => {
    const { talk, chat, view } = await withView(page, world, {
      button: {
        result_schema: {
          type: 'object',
          required: ['last4'],
          additionalProperties: false,
          properties: { last4: { type: 'string', minLength: 4, maxLength: 4 } },
        },
      },
    });
    const results = [
      '{}',
      '{ last4: 31 }',
      '{ last4: "00031" }',
      '{ last4: "0031", more: 1 }',
      '{ __proto__: { last4: "0031" } }',
    ];

    for (const [at, result] of results.entries())
      expect(await inPage(view, submit(`key-broken-${at}`, result)), result).toMatchObject({
        ok: true,
        d: { accepted: false, errors: [{ path: expect.stringContaining('result') }] },
      });
    for (const result of ['[]', 'null', '"0031"', '7', 'undefined'])
      expect(await inPage(view, submit('key-no-object', result)), result).not.toMatchObject({ d: { accepted: true } });
    expect(submits(talk)).toEqual([]);
    await expect(chat.at.getByText('Confirmed', { exact: true })).toHaveCount(0);

    expect(await inPage(view, submit('key-good-one', '{ last4: "0031" }'))).toMatchObject({ d: { accepted: true } });
    expect(await closeReason(talk)).toBe('submitted');
    await expectUsable(chat, talk);
    expect(submits(talk)).toEqual(['page']);
  });

  test('of two pages at once the former is closed, and its port is dead', async ({ page, context, world }) => {
    const talk = await world.talk([
      webViewButton(world.puppet(), {}, 'First page'),
      webViewButton(world.puppet(), { title: 'Second' }, 'Second page'),
    ]);
    const host = world.hostPage(talk);
    const chat = await openChat(page, host);
    const first = await openView(chat, { label: 'First page' });
    expect(
      await chat.at.locator('main.chat').evaluate((element) => (element as HTMLElement).inert),
      'the other button is out of reach',
    ).toBe(true);
    const otherTab = await context.newPage();
    const otherChat = await openChat(otherTab, host);

    const second = await openView(otherChat, { label: 'Second page' });

    await expect(sheets(chat)).toHaveCount(0);
    expect(await closeReason(talk)).toBe('replaced');
    expect(talk.told('web_view_close')).toHaveLength(1);
    await expect.poll(() => first.isDetached()).toBe(true);
    expect(await inPage(second, 'ask("resize", { height: 240 })')).toMatchObject({ ok: true });
  });

  test('a page that is taken over by another tab is gone from the first, and has one owner', async ({
    page,
    context,
    world,
  }) => {
    const talk = await world.talk([webViewButton(world.puppet())]);
    const host = world.hostPage(talk);
    const chat = await openChat(page, host);
    await openView(chat);
    const otherTab = await context.newPage();
    const otherChat = await openChat(otherTab, host);

    const taken = await openView(otherChat);

    await expect(sheets(chat)).toHaveCount(0);
    await expect(chat.at.getByText('Goes on in another tab.')).toBeVisible();
    await inPage(taken, `void ${submit('key-of-owner')}`);
    expect(await closeReason(talk)).toBe('submitted');
    expect(talk.told('web_view_close')).toHaveLength(1);
  });
});
