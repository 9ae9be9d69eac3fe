import type { Frame } from '@playwright/test';
import { findCanary } from '../support/canary';
import { fetchLoopback } from '../support/loopback';
import { type Stack, startStack } from '../support/stack';
import { askForStatement, cardNumber, grouped, guichet, openCardPage, typeInto } from './bankStory';
import {
  documentsOf,
  type Evidence,
  eavesdrop,
  heapOf,
  record,
  search,
  searchFolder,
  storagesOf,
  telling,
  watchTexts,
} from './evidence';
import { startWeb, type Web } from './web';
import { expect, test } from './world';

test.describe('the statement story', () => {
  let stack: Stack;
  let web: Web;
  test.beforeAll(async () => {
    [stack, web] = await Promise.all([
      startStack({ DEMO_KEEP_CANARY: '1', BOT_PACE_MS: '1', GUICHET_LOG_LEVEL: 'debug' }),
      startWeb(),
    ]);
  });
  test.afterAll(async () => {
    await Promise.all([stack?.stop(), web?.close()]);
  });

  test('a card number typed into the bank’s page is found at the bank, and nowhere in what is ours', {
    tag: '@cookies',
  }, async ({ page, context }) => {
    test.setTimeout(300_000);
    const canary = cardNumber();
    const { bank, cards, chat } = stack.addresses;
    const { token } = await guichet<{ token: string }>(
      ...([stack, 'token', 'create', '--name', 'Auditor'] as const),
      ...['conversations:read', 'messages:read', 'users:read', 'web_views:read'].flatMap((scope) => ['--scope', scope]),
    );
    const events = [
      'message_create',
      'conversation_create',
      'web_view_open',
      'web_view_submit',
      'web_view_close',
      'message_read',
    ];
    const hook = web.put('auditor', '/hook', { status: 200 });
    await guichet(stack, 'webhook', 'add', hook, ...events.flatMap((event) => ['--event', event]));
    const hooks = () => web.asked.filter(({ url }) => url === hook);
    const told = () => hooks().map(({ body }) => JSON.parse(body));
    const recorder = record(context, (url) => url.startsWith(cards));
    const evidence: Evidence[] = [];

    const story = await askForStatement(page, stack);
    const frames = { host: page.mainFrame(), widget: story.widget };
    const texts = await watchTexts(frames);
    const look = async () => evidence.push(...(await documentsOf(frames)), ...(await storagesOf(frames, context)));

    // First the customer types, and changes their mind: the page may save its state.
    const first = await openCardPage(page, story);
    const overheard = await eavesdrop(frames);
    await typeInto(page, first, 'Card number', canary);
    await expect(first.getByLabel('Card number')).toHaveValue(grouped(canary));
    expect(Object.entries(await overheard()).flatMap(([, heard]) => telling(heard))).toEqual([]);
    await look();
    await story.at.getByRole('button', { name: /^Close / }).click();
    await story.at.getByRole('button', { name: 'Leave', exact: true }).click();
    await expect.poll(() => told().filter(({ action }) => action === 'web_view_close').length).toBe(1);
    await story.at.getByRole('button', { name: 'Go on now' }).click();

    // Then a mistake, which the page's backend answers with what is wrong.
    await expect(story.at.getByRole('button', { name: /Confirm card/ })).toHaveCount(2);
    const second = await openCardPage(page, story);
    await typeInto(page, second, 'Card number', canary);
    await typeInto(page, second, 'Expiry', '0120');
    await typeInto(page, second, 'CVC', '123');
    await page.keyboard.press('Enter');
    await expect(second.getByText('This card has expired.')).toBeVisible();
    await look();
    // What a page's script holds; the field itself keeps its text outside of the script's heap.
    await second.evaluate("window.held = document.querySelector('#number').value");
    const heaps = { widget: await heapOf(context, story.widget), page: await heapOf(context, second) };

    await second.getByLabel('Expiry').fill('');
    await typeInto(page, second, 'Expiry', '1233');
    await page.keyboard.press('Enter');
    await expect(story.at.getByText('Here it is:')).toBeVisible();
    await look();
    evidence.push(...(await texts()));
    await page.goto(`${bank}/accounts`);
    await expect(story.at.getByText('Here it is:')).toBeVisible();
    const handle = await page.locator('guichet-chat > iframe').elementHandle();
    frames.host = page.mainFrame();
    frames.widget = (await handle?.contentFrame()) as Frame;
    await look();
    await expect.poll(() => told().filter(({ action }) => action === 'web_view_close').length).toBe(2);

    const recorded = await recorder.evidence();
    // Nowhere in the browser or on the way.
    expect(search([...evidence, ...recorded.ours], canary)).toEqual([]);
    expect(findCanary(heaps.widget, canary)).toEqual([]);
    expect(recorder.unread).toEqual([]);
    const places = new Set([...evidence, ...recorded.ours].map(({ place }) => place));
    for (const place of [
      ...['socket sent', 'socket received', 'request body', 'response body', 'request headers', 'host document'],
      ...['widget document', 'widget texts', 'host texts', 'widget localStorage', 'widget IndexedDB', 'cookies'],
    ])
      expect([...places], 'each place was looked at').toContain(place);

    // At the bank it is: the search finds what is there.
    const seen = await fetchLoopback(`${cards}/internal/seen`, {
      headers: { authorization: `Bearer ${stack.internalSecret}` },
    });
    expect(((await seen.json()) as { numbers: string[] }).numbers).toContain(grouped(canary));
    expect(search(recorded.business, canary)).toEqual([{ place: 'request body', forms: ['grouped'] }]);
    expect(findCanary(heaps.page, canary)).not.toEqual([]);

    // Nor in what is told to the business and answered to it.
    expect(hooks().length).toBeGreaterThan(5);
    expect(
      search(
        hooks().map(({ body, headers }) => ({ place: 'webhook', data: body + JSON.stringify(headers) })),
        canary,
      ),
    ).toEqual([]);
    const opened = told().filter(({ action }) => action === 'web_view_open');
    const conversation = opened[0].conversation_id as string;
    const answers: Evidence[] = [];
    for (const path of [
      `/v2/conversations/${conversation}`,
      `/v2/conversations/${conversation}/messages?items_per_page=100`,
      `/v2/users/${opened[0].data.web_view.user_id}`,
      ...opened.map(({ data }) => `/v2/web-views/${data.web_view.id}`),
    ]) {
      const answer = await fetchLoopback(`${chat}${path}`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status, path).toBe(200);
      answers.push({ place: path, data: await answer.text() });
    }
    expect(search(answers, canary)).toEqual([]);
    expect(
      answers.some(({ data }) => `${data}`.includes(canary.slice(-4))),
      'the last four digits are there',
    ).toBe(true);

    // Nor on disk: database with its free pages and log, every program's output, Freddy's notes; running and at rest.
    expect(await searchFolder(stack.data, canary)).toEqual([]);
    await stack.restart();
    expect(await searchFolder(stack.data, canary)).toEqual([]);
    expect((await searchFolder(stack.data, conversation)).map(({ place }) => place.split('/')[0])).toEqual(
      expect.arrayContaining(['server', 'bot']),
    );
  });

  test('where host page and card page are of one site, every way from the one into the other ends in a SecurityError', async ({
    page,
  }) => {
    const story = await askForStatement(page, stack);
    const card = await openCardPage(page, story);
    await typeInto(page, card, 'Card number', cardNumber());
    const ways = [
      'document',
      'document.querySelector("#number").value',
      'location.href',
      'localStorage',
      'GuichetWebView',
      'eval',
      'name',
    ];

    const results = await page.evaluate((all) => {
      // The bank's own policy forbids evaluated strings: by hand then.
      const reach = (from: unknown, way: string) =>
        way.split(/[.(]/).reduce((at, key) => (at as Record<string, unknown>)[key], from);
      const outcome = (act: () => unknown) => {
        try {
          return `gave ${act()}`;
        } catch (error) {
          return (error as Error).name;
        }
      };
      const domain = outcome(() => {
        document.domain = 'bank.localhost';
        return 'a wider domain';
      });
      return [domain, ...all.map((way) => outcome(() => reach(window[0]?.[0], way)))];
    }, ways);

    // Setting `document.domain` is either refused or of no use.
    expect(results.slice(1)).toEqual(ways.map(() => 'SecurityError'));
    expect(await card.evaluate('document.querySelector("#number").value.length')).toBe(19);
  });

  test('the demo’s card page names who may frame it, and is refused to everybody else', async ({ page }) => {
    const { cards, chat, bank } = stack.addresses;
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('frame-ancestors')) refused.push(message.text());
    });

    await page.goto(web.put('evil', '/frames-the-bank', `<iframe src="${cards}/confirm"></iframe>`));
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);

    expect(refused).toEqual([expect.stringContaining(`frame-ancestors ${chat} ${bank}`)]);
    // In a tab of its own it has nobody to talk to, and says so.
    await page.goto(`${cards}/confirm`);
    await expect(page.getByRole('heading', { name: 'This page belongs in the chat' })).toBeVisible();
    await expect(page.getByLabel('Card number')).toBeHidden();
  });
});
