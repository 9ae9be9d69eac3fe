/** That the canary's search can find: a leak of each form is planted in each place, and is found there. */
import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Frame } from '@playwright/test';
import Database from 'libsql';
import { type Form, findCanary, findCanaryInFile, forms } from '../support/canary';
import { cardNumber, grouped } from './bankStory';
import {
  documentsOf,
  heapOf,
  overhearMessages,
  record,
  searchAll,
  searchFolder,
  storagesOf,
  watchTexts,
} from './evidence';
import { withPayPage } from './payPage';
import { expect, test } from './world';

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
    gzip: gzipSync(`card=${canary}`).toString('latin1'),
    deflate: deflateSync(`card=${canary}`).toString('latin1'),
    brotli: brotliCompressSync(`card=${canary}`).toString('latin1'),
  };
}
/** Brotli doesn't tell where it begins: it's found where it is all there is. */
const embedded = forms.filter((form) => form !== 'brotli');
/** Forms that text can hold; UTF-16 and what is compressed is for bytes. */
const ofText = embedded.filter((form) => !form.startsWith('utf-16') && form !== 'gzip' && form !== 'deflate');
/** JSON writes a backslash as two, so what stands in it was not escaped by hand. */
const inJson = ofText.filter((form) => form !== 'json-escaped');
const all = (canary: string, wanted: readonly Form[] = ofText) =>
  wanted.map((form) => spellings(canary)[form]).join(' | ');
const bytes = (canary: string) => Buffer.from(`x${all(canary, embedded)}`, 'latin1');

test('a leak that is planted is found: each form in each place', async ({ page, context, world }) => {
  test.setTimeout(90_000);
  const canaries: Record<string, { canary: string; forms: readonly Form[] }> = {};
  const plant = (place: string, wanted: readonly Form[] = ofText) => {
    const canary = cardNumber();
    canaries[place] = { canary, forms: wanted };
    return canary;
  };
  const recorder = record(context, (url) => url.startsWith(world.web.origin('page')));
  const messages = await overhearMessages(context);
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
    await frame.evaluate(
      async ([posted, onPort]) => {
        const { port1, port2 } = new MessageChannel();
        const heard = new Promise((resolve) => {
          port2.onmessage = resolve;
        });
        postMessage(posted, '*');
        port1.postMessage({ t: 'leak', d: [onPort, new TextEncoder().encode(onPort)] });
        await heard;
      },
      [all(plant(`${name} messages`, inJson), inJson), all(plant(`${name} port`, inJson), inJson)] as const,
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
  const compressed = plant('response body', embedded);
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
    async ([query, header, ...bodies]) => {
      await fetch(`/health?${query}`);
      await fetch('/health', { headers: { 'x-leak': header as string } });
      for (const body of bodies) await fetch('/health', { method: 'POST', body: Uint8Array.from(body as number[]) });
    },
    [
      all(url, canaries['request URL']?.forms).replaceAll(' ', ''),
      all(plant('request headers', inJson), inJson),
      [...bytes(plant('request body', forms))],
      [...Buffer.from(spellings(canaries['request body']?.canary ?? '').brotli, 'latin1')],
    ] as const,
  );
  await chat.widget.evaluate(
    ([text, ...binary]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(
          `${location.origin.replace('http', 'ws')}/widget/v1/socket/?EIO=4&transport=websocket`,
        );
        socket.onopen = () => {
          socket.send(text as string);
          for (const frame of binary) socket.send(Uint8Array.from(frame as number[]));
        };
        socket.onclose = resolve;
        socket.onmessage = () => socket.close();
      }),
    [
      all(plant('socket sent', embedded)),
      [...bytes(canaries['socket sent']?.canary ?? '')],
      // As a library that compresses its own frames would.
      [...deflateRawSync(plant('socket frame', ['deflate']))],
    ] as const,
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

  // In a script's memory, far into a long string; each in its own document's alone.
  const heaps = { host: page, widget: chat.widget, page: view };
  const inHeap = { host: plant('host heap', inJson), widget: plant('widget heap', inJson) };
  for (const [name, frame] of Object.entries(frames) as ['host' | 'widget', Frame][])
    await frame.evaluate(
      (text) => {
        (window as unknown as { leak: string }).leak = text;
      },
      // Long before it comes there: put together there, its pieces would lie in the heap as well.
      `${'.'.repeat(2_000)}${all(inHeap[name], inJson)}`,
    );
  for (const [name, frame] of Object.entries(heaps)) {
    const heap = await heapOf(context, frame);
    for (const [planted, canary] of Object.entries(inHeap))
      expect([name, planted, findCanary(heap, canary)]).toEqual([name, planted, name === planted ? inJson : []]);
  }

  const recorded = await recorder.evidence();
  const evidence = [
    ...recorded.ours,
    ...(await documentsOf(frames)),
    ...(await texts()),
    ...(await messages(frames)),
    ...(await storagesOf(frames, context)),
    ...world.web.asked
      .filter(({ url: asked }) => asked.endsWith('/hook'))
      .map(({ body }) => ({ place: 'webhook', data: body })),
    {
      place: 'API',
      data: JSON.stringify((await world.api('GET', `/v2/conversations/${talk.conversationId}/messages`)).body),
    },
  ];
  const finds = searchAll(
    evidence,
    Object.values(canaries).map(({ canary }) => canary),
  );
  const foundOf = Object.fromEntries(Object.keys(canaries).map((planted, at) => [planted, finds[at] ?? []]));
  const foundAt = (place: string, planted: string) => foundOf[planted]?.find((find) => find.place === place)?.forms;
  for (const [planted, { forms: wanted }] of Object.entries(canaries)) {
    const place = planted.replace('port', 'messages');
    if (place.endsWith(' heap') || place === 'widget message') continue;
    if (place === 'socket frame') {
      expect(foundOf[planted]).toEqual([{ place: 'socket sent', forms: ['deflate'] }]);
      continue;
    }
    expect([place, foundAt(place, planted)]).toEqual([place, expect.arrayContaining([...wanted])]);
  }
  for (const place of ['webhook', 'API', 'socket received', 'widget document'])
    expect([place, foundAt(place, 'socket received')]).toEqual([place, expect.arrayContaining(inJson)]);

  // On disk: in a row, in the write-ahead log, in what a deletion leaves in free pages, in a log, in a note.
  expect((await searchFolder(world.server.data, message)).flatMap(({ forms: found }) => found)).toEqual(
    expect.arrayContaining(inJson),
  );
  const copy = await mkdtemp(join(tmpdir(), 'guichet-planted-'));
  try {
    const [free, wal, line, note] = ['free page', 'WAL', 'log', 'note'].map((place) => plant(place, embedded)) as [
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
    expect(await findCanaryInFile(file('guichet.db'), free)).toEqual(embedded);
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE leaks (data BLOB)');
    database.exec(`INSERT INTO leaks VALUES (x'${bytes(wal).toString('hex')}')`);
    expect(await findCanaryInFile(file('guichet.db-wal'), wal)).toEqual(embedded);
    database.close();
    await appendFile(
      file('chat.log'),
      Buffer.concat([Buffer.from('{"msg":"answered '), bytes(line), Buffer.from('"}\n')]),
    );
    await writeFile(file('note.json'), bytes(note));
    expect(await searchFolder(copy, line)).toEqual([{ place: 'chat.log', forms: embedded }]);
    expect(await searchFolder(copy, note)).toEqual([{ place: 'note.json', forms: embedded }]);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});
