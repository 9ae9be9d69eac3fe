/**
 * Nothing that a customer types into the bank's page in the chat is ever held or sent by Guichet: a card number is typed
 * by real key events, and everything is searched for it, in every form. That the search finds what is there is tried too.
 */
import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Frame, Page } from '@playwright/test';
import Database from 'libsql';
import { type Form, findCanary, findCanaryInFile, forms } from '../support/canary';
import { fetchLoopback } from '../support/loopback';
import { type Stack, startStack } from '../support/stack';
import { askForStatement, cardNumber, guichet, openCardPage, typeInto } from './bankStory';
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
import { expect, openChat, openView, test, webViewButton } from './world';

const grouped = (number: string) => number.replace(/(.{4})(?=.)/g, '$1 ');

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

  test('a card number typed into the bank’s page is found at the bank, and nowhere in what is ours', async ({
    page,
    context,
  }) => {
    test.setTimeout(120_000);
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
});

/** A page of a business that keeps what is typed in a variable and sends it to its own server. */
const payPage = `<script>
  let typed = '';
  addEventListener('input', ({ target }) => {
    typed = target.value;
    void fetch('/pay', { method: 'POST', body: typed });
  });
</script>`;

async function withPayPage(page: Page, world: Parameters<Parameters<typeof test>[2]>[0]['world']) {
  world.web.put('page', '/pay', 'ok');
  const talk = await world.talk([
    { text: { content: 'Please pay.' } },
    webViewButton(world.puppet(undefined, { body: payPage })),
  ]);
  const chat = await openChat(page, world.hostPage(talk, { body: '<label>Search <input></label>' }));
  return { talk, chat, view: await openView(chat) };
}

test('where host, chat and page are three sites, neither heap of the other two holds what is typed, and no listener hears it', async ({
  page,
  context,
  world,
}) => {
  const canary = cardNumber();
  const { chat, view } = await withPayPage(page, world);
  const overheard = await eavesdrop({ host: page.mainFrame(), widget: chat.widget });

  await view.getByLabel('Number').click();
  await page.keyboard.type(canary);
  await view.locator('#number').evaluate((input) => (input as HTMLInputElement).select());
  await expect.poll(() => world.web.asked.at(-1)?.body).toBe(canary);

  expect(findCanary(await heapOf(context, view), canary), 'the page’s own heap').not.toEqual([]);
  expect(findCanary(await heapOf(context, chat.widget), canary), 'the widget’s heap').toEqual([]);
  expect(findCanary(await heapOf(context, page), canary), 'the host page’s heap').toEqual([]);
  const heard = await overheard();
  expect(telling([...(heard.host ?? []), ...(heard.widget ?? [])])).toEqual([]);

  // The same ears hear what is typed into the chat, and into the host page.
  await chat.at.getByRole('button', { name: /^Close / }).click();
  await chat.at.getByRole('textbox', { name: 'Write a message' }).click();
  await page.keyboard.type('hello');
  await page.getByLabel('Search').click();
  await page.keyboard.type('hello');
  const after = await overheard();
  expect(telling(after.widget ?? []).map(({ key }) => key)).toContain('h');
  expect(telling(after.host ?? []).map(({ text }) => text)).toContain('hello');
});

/** The canary in each form, as somebody might have written it down. */
function spellings(canary: string): Record<Form, string> {
  const hex = (code: number) => code.toString(16).padStart(2, '0');
  const escaped = (spell: (code: number) => string) => [...canary].map((one) => spell(one.charCodeAt(0))).join('');
  const utf16 = Buffer.from(canary, 'utf16le');
  return {
    plain: canary,
    grouped: grouped(canary),
    dashed: grouped(canary).replaceAll(' ', '-'),
    base64: Buffer.from(`card=${canary}`).toString('base64'),
    'percent-encoded': escaped((code) => `%${hex(code)}`),
    'utf-16le': utf16.toString('latin1'),
    'utf-16be': Buffer.from(utf16).swap16().toString('latin1'),
    'json-escaped': escaped((code) => `\\u${hex(code).padStart(4, '0')}`),
    hex: Buffer.from(canary).toString('hex'),
  };
}
/** Forms that text can hold; UTF-16 is for bytes. */
const ofText = forms.filter((form) => !form.startsWith('utf-16'));
/** JSON writes a backslash as two, so what stands in it was not escaped by hand. */
const inJson = ofText.filter((form) => form !== 'json-escaped');
const all = (canary: string, wanted: readonly Form[] = ofText) =>
  wanted.map((form) => spellings(canary)[form]).join(' | ');
const bytes = (canary: string) => Buffer.from(`x${all(canary, forms)}`, 'latin1');

test('a leak that is planted is found: each form in each place', async ({ page, context, world }) => {
  test.setTimeout(90_000);
  const canaries: Record<string, { canary: string; forms: readonly Form[] }> = {};
  const plant = (place: string, wanted: readonly Form[] = ofText) => {
    const canary = cardNumber();
    canaries[place] = { canary, forms: wanted };
    return canary;
  };
  const recorder = record(context, (url) => url.startsWith(world.web.origin('page')));
  const { talk, chat, view } = await withPayPage(page, world);
  const frames = { host: page.mainFrame(), widget: chat.widget };
  const texts = await watchTexts(frames);

  // In the browser.
  for (const [name, frame] of Object.entries(frames)) {
    await frame.evaluate(
      ([text, passing]) => {
        const holder = document.createElement('div');
        holder.setAttribute('data-leak', text ?? '');
        const inner = holder.attachShadow({ mode: 'open' });
        inner.append(Object.assign(document.createElement('input'), { value: text }));
        document.body.append(holder);
        // Stands there for no longer than this task.
        const brief = document.createElement('p');
        brief.append(passing ?? '');
        document.body.append(brief);
        brief.remove();
      },
      [all(plant(`${name} document`)), all(plant(`${name} texts`))],
    );
    const [local, session, records, cached] = ['localStorage', 'sessionStorage', 'IndexedDB', 'CacheStorage'].map(
      (kind) => all(plant(`${name} ${kind}`)),
    ) as [string, string, string, string];
    await frame.evaluate(
      async ([localText, sessionText, recordText, cachedText]) => {
        localStorage.setItem('leak', localText ?? '');
        sessionStorage.setItem('leak', sessionText ?? '');
        await new Promise((resolve) => {
          const opening = indexedDB.open('leak', 1);
          opening.onupgradeneeded = () => opening.result.createObjectStore('leaks');
          opening.onsuccess = () => {
            const change = opening.result.transaction('leaks', 'readwrite');
            change.objectStore('leaks').put(recordText, 'leak');
            change.oncomplete = () => {
              opening.result.close();
              resolve(undefined);
            };
          };
        });
        await (await caches.open('leak')).put('/leak', new Response(cachedText));
      },
      [local, session, records, cached],
    );
  }
  const cookie = all(plant('cookies', inJson), inJson);
  await chat.widget.evaluate((text) => {
    // biome-ignore lint/suspicious/noDocumentCookie: this is what a leak would do
    document.cookie = `leak=${text}; SameSite=None; Secure; Partitioned`;
  }, cookie);
  await chat.widget.evaluate((text) => console.log(text), all(plant('console')));
  await page.evaluate(
    (text) => {
      setTimeout(() => {
        throw new Error(text);
      });
    },
    all(plant('page error')),
  );

  // On the way.
  const compressed = plant('response body', forms);
  world.web.put('host', '/answer', {
    headers: { 'content-encoding': 'gzip', 'x-leak': all(plant('response headers', inJson), inJson) },
    body: gzipSync(bytes(compressed)),
  });
  await page.evaluate(() =>
    fetch('/answer')
      .then((answer) => answer.arrayBuffer())
      .then(() => undefined),
  );
  const url = plant('request URL', ['plain', 'dashed', 'base64', 'percent-encoded', 'hex']);
  await chat.widget.evaluate(
    async ([query, header, body]) => {
      await fetch(`/health?${query}`);
      await fetch('/health', { headers: { 'x-leak': header as string } });
      await fetch('/health', { method: 'POST', body: Uint8Array.from(body as number[]) });
    },
    [
      all(url, canaries['request URL']?.forms).replaceAll(' ', ''),
      all(plant('request headers', inJson), inJson),
      [...bytes(plant('request body', forms))],
    ] as const,
  );
  await chat.widget.evaluate(
    ([text, binary]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(
          `${location.origin.replace('http', 'ws')}/widget/v1/socket/?EIO=4&transport=websocket`,
        );
        socket.onopen = () => {
          socket.send(text as string);
          socket.send(Uint8Array.from(binary as number[]));
        };
        socket.onclose = resolve;
        socket.onmessage = () => socket.close();
      }),
    [all(plant('socket sent', forms), ofText), [...bytes(canaries['socket sent']?.canary ?? '')]] as const,
  );
  const message = plant('socket received', inJson);
  canaries['widget message'] = { canary: message, forms: inJson };
  await talk.post([{ text: { content: all(message, inJson) } }]);
  await expect(chat.at.locator('article').last()).toContainText(grouped(message));
  await expect
    .poll(
      () => world.web.asked.filter(({ url: asked, body }) => asked.endsWith('/hook') && body.includes(message)).length,
    )
    .toBe(1);

  const heap = plant('heap', inJson);
  await chat.widget.evaluate(
    (text) => {
      (window as unknown as { leak: string }).leak = text;
    },
    all(heap, inJson),
  );
  expect(findCanary(await heapOf(context, chat.widget), heap)).toEqual(inJson);
  expect(findCanary(await heapOf(context, view), heap)).toEqual([]);

  const recorded = await recorder.evidence();
  const evidence = [
    ...recorded.ours,
    ...(await documentsOf(frames)),
    ...(await texts()),
    ...(await storagesOf(frames, context)),
    ...world.web.asked
      .filter(({ url: asked }) => asked.endsWith('/hook'))
      .map(({ body }) => ({ place: 'webhook', data: body })),
    {
      place: 'API',
      data: JSON.stringify((await world.api('GET', `/v2/conversations/${talk.conversationId}/messages`)).body),
    },
  ];
  const foundAt = (place: string, canary: string) =>
    search(evidence, canary).find((find) => find.place === place)?.forms;
  for (const [place, { canary, forms: wanted }] of Object.entries(canaries)) {
    if (place === 'heap' || place === 'widget message') continue;
    expect([place, foundAt(place, canary)]).toEqual([place, expect.arrayContaining([...wanted])]);
  }
  for (const place of ['webhook', 'API', 'socket received', 'widget document'])
    expect([place, foundAt(place, message)]).toEqual([place, expect.arrayContaining(inJson)]);

  // On disk: in a row, in the write-ahead log, in what a deletion leaves in free pages, in a log, in a note.
  expect((await searchFolder(world.server.data, message)).flatMap(({ forms: found }) => found)).toEqual(
    expect.arrayContaining(inJson),
  );
  const copy = await mkdtemp(join(tmpdir(), 'guichet-planted-'));
  try {
    const [free, wal, line, note] = ['free page', 'WAL', 'log', 'note'].map((place) => plant(place, forms)) as [
      string,
      string,
      string,
      string,
    ];
    const file = (name: string) => join(copy, name);
    await world.server.kill();
    await cp(world.server.data, copy, { recursive: true, filter: (from) => !from.endsWith('.sock') });
    await world.server.start();
    const database = new Database(file('guichet.db'));
    database.pragma('secure_delete = OFF');
    database.pragma('journal_mode = DELETE');
    database.exec('CREATE TABLE leaks (data BLOB)');
    database.exec(`INSERT INTO leaks VALUES (x'${bytes(free).toString('hex')}')`);
    database.exec('DELETE FROM leaks; DROP TABLE leaks');
    expect(await findCanaryInFile(file('guichet.db'), free)).toEqual(forms);
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE leaks (data BLOB)');
    database.exec(`INSERT INTO leaks VALUES (x'${bytes(wal).toString('hex')}')`);
    expect(await findCanaryInFile(file('guichet.db-wal'), wal)).toEqual(forms);
    database.close();
    await appendFile(
      file('chat.log'),
      Buffer.concat([Buffer.from('{"msg":"answered '), bytes(line), Buffer.from('"}\n')]),
    );
    await writeFile(file('note.json'), bytes(note));
    expect(await searchFolder(copy, line)).toEqual([{ place: 'chat.log', forms: [...forms] }]);
    expect(await searchFolder(copy, note)).toEqual([{ place: 'note.json', forms: [...forms] }]);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});
