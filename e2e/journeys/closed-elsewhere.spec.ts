/** A page in the chat that ends while the customer does something else in it, and what is there when they are back. */
import type { Frame } from '@playwright/test';
import { inPage } from '../hostile/puppet';
import { withView } from '../hostile/view';
import {
  type Chat,
  closeReason,
  expect,
  expectUsable,
  openChat,
  openView,
  type Talk,
  test,
  webViewButton,
} from '../hostile/world';

const sheets = (chat: Chat) => chat.at.locator('.sheet');

/** The page's last words from now on: where it was, and which sizes it has been told of. */
const willSay = (view: Frame, step: number) =>
  inPage(
    view,
    `port.onmessage = ({ data }) => {
      heard.inbox.push(data);
      const sizes = heard.inbox.flatMap(({ t, d }) => (t === 'context_changed' && d.size) || []);
      if (data.t === 'closing') port.postMessage({ v: 1, re: data.id, ok: true, d: { state: { step: ${step}, sizes } } });
    }; tell("request_size", { size: "full" }); 0`,
  );
const welcomedWith = (view: Frame) => inPage(view, "heard.inbox.find(({ t }) => t === 'welcome').d.state");
const lastView = (talk: Talk) => talk.told('web_view_open').at(-1)?.data.web_view?.id;

/** All that a screen reader is told from now on, by regions that are there already and by others. */
async function listen(chat: Chat): Promise<() => Promise<string[]>> {
  await chat.widget.evaluate(() => {
    const said: string[] = [];
    const live = '[aria-live], [role=status], [role=alert], [role=log]';
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        // Of the log only additions are told, not what changes in what is there.
        if (target instanceof Text && element?.closest('[aria-relevant=additions]')) continue;
        const words = element?.closest(live)
          ? (target instanceof Text ? [target] : [...addedNodes]).map(({ textContent }) => textContent ?? '')
          : [...addedNodes].flatMap((node) =>
              node instanceof Element && node.textContent?.trim() && (node.matches(live) || node.querySelector(live))
                ? [`in a region that came with it: ${node.textContent}`]
                : [],
            );
        said.push(...words.filter((text) => text.trim()));
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { said });
  });
  return () => chat.widget.evaluate(() => (window as unknown as { said: string[] }).said);
}

/** How far the customer has read, as the bot is told. */
const readUpTo = (talk: Talk) =>
  Math.max(0, ...talk.told('message_read').map(({ data }) => (data as { read?: { up_to: number } }).read?.up_to ?? 0));

test('the page’s last words come back when it is opened anew, whoever closed it; the way back is announced once', async ({
  page,
  world,
}) => {
  const { talk, chat, view } = await withView(page, world);
  await willSay(view, 2);
  await expect(chat.at.locator('.sheet.full')).toBeVisible();
  const said = await listen(chat);
  await chat.at.getByRole('button', { name: /^Close / }).click();
  await expect(sheets(chat)).toHaveCount(0);
  await expect.poll(said).toEqual(['Closed The page. Back in the conversation.']);

  const second = await openView(chat);
  expect(await welcomedWith(second)).toEqual({ step: 2, sizes: ['full'] });
  await willSay(second, 3);
  await expect(chat.at.locator('.sheet.full')).toBeVisible();
  expect((await world.api('POST', `/v2/web-views/${lastView(talk)}/close`, {})).status).toBe(200);
  await expect(sheets(chat)).toHaveCount(0);
  // The same words again, and as often.
  await expect.poll(async () => (await said()).filter((words) => words.includes('Back in'))).toHaveLength(2);

  const third = await openView(chat);
  expect(await welcomedWith(third)).toEqual({ step: 3, sizes: ['full'] });
  await inPage(third, 'void ask("submit", { result: {}, summary: "Done", idempotency_key: "key-of-third" })');
  await expect
    .poll(() => talk.told('web_view_close').map(({ data }) => data.reason))
    .toEqual(['customer', 'business', 'submitted']);
});

test('what came meanwhile is unread until the page is gone, and stands under a line then', async ({ page, world }) => {
  const { talk, chat } = await withView(page, world);
  const { seq } = (await talk.post([{ text: { content: 'Said meanwhile.' } }])) as unknown as { seq: number };
  await expect(chat.at.getByText('Said meanwhile.')).toBeAttached();
  // Longer than a message has to be looked at; that the bot would have been told by then is shown below.
  await chat.widget.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_200)));
  expect(seq).toBeGreaterThan(1);
  expect(readUpTo(talk)).toBeLessThan(seq);

  await chat.at.getByRole('button', { name: /^Close / }).click();

  await expect(sheets(chat)).toHaveCount(0);
  await expect(chat.at.locator('.unread-line')).toBeVisible();
  await expect.poll(() => readUpTo(talk)).toBeGreaterThanOrEqual(seq);
  await expect(chat.at.locator('.unread-line')).toBeVisible();
});

test('its time is over while it is open: it goes, and the conversation goes on', async ({ page, world }) => {
  const { talk, chat } = await withView(page, world, { button: { expires_in: 10 } });

  await expect(sheets(chat)).toHaveCount(0, { timeout: 40_000 });

  expect(await closeReason(talk)).toBe('expired');
  await expect(chat.at.getByRole('button', { name: 'Open the page' })).toBeFocused();
  await expectUsable(chat, talk);
});

test('the conversation is resolved while it is open: it goes, and can’t be opened any more', async ({
  page,
  world,
}) => {
  const { talk, chat } = await withView(page, world);

  expect((await world.api('PUT', `/v2/conversations/${talk.conversationId}`, { status: 'resolved' })).status).toBe(200);

  await expect(sheets(chat)).toHaveCount(0);
  expect(await closeReason(talk)).toBe('resolved');
  await expect(chat.at.getByRole('button', { name: /Open the page/ })).toBeDisabled();
  await expectUsable(chat, talk);
});

test('a page that can’t be shown opens in a tab where the button says', async ({ page, context, world }) => {
  const full = world.puppet('/full', { name: 'other', greet: false });
  const away = world.web.put('page', '/redirects', {
    status: 302,
    headers: { location: world.puppet('/away', { name: 'evil' }) },
  });
  const talk = await world.talk([webViewButton(away, { fallback_url: full })]);
  const chat = await openChat(page, world.hostPage(talk));
  await chat.at.getByRole('button', { name: 'Open the page' }).click();
  const [tab] = await Promise.all([
    context.waitForEvent('page'),
    chat.at.getByRole('link', { name: 'Open it in a tab' }).click(),
  ]);

  await tab.waitForURL(full);
  expect(await tab.evaluate(() => window.opener)).toBeNull();
});

test('“the chat can’t read it” stands there for pages of which that is known, and at no time for others', async ({
  page,
  world,
}) => {
  const host = world.web.origin('host');
  await world.configure({ webViewOrigins: [world.web.origin('page'), host], more: { allow_host_origin: true } });
  const promises: boolean[] = [];
  for (const name of ['host', 'page']) {
    const talk = await world.talk([webViewButton(world.puppet(undefined, { name }))]);
    const chat = await openChat(page, world.hostPage(talk));
    await chat.widget.evaluate(() => {
      new MutationObserver(() => {
        const line = document.querySelector('.trust');
        if (line && getComputedStyle(line).visibility === 'visible') Object.assign(window, { wasPromised: true });
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await openView(chat);
    promises.push(await chat.widget.evaluate(() => 'wasPromised' in window));
  }
  await world.configure();

  expect(promises).toEqual([false, true]);
});
