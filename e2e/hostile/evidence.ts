/**
 * Everything that could hold what a customer typed into a page in the chat, gathered for one search: what went over the
 * wire, what stands in documents and storage, what the console said. What belongs to the business's page is kept apart.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext, CDPSession, Frame, Page, Request, WebSocket } from '@playwright/test';
import { type Form, findCanaries, findCanariesInFolder } from '../support/canary';

export interface Evidence {
  /** Where it was, such as `socket sent` or `widget localStorage`. */
  readonly place: string;
  readonly data: string | Uint8Array;
}
export interface Find {
  readonly place: string;
  readonly forms: Form[];
}

/** Every place that holds the canary, in whatever form. */
export const search = (evidence: readonly Evidence[], canary: string): Find[] => searchAll(evidence, [canary])[0] ?? [];

/** The same for several canaries, in their order; much quicker than one after the other. */
export function searchAll(evidence: readonly Evidence[], canaries: readonly string[]): Find[][] {
  // A story has some hundred pieces. Who asks in circles is to be seen here, not by a search that takes for ever.
  if (evidence.length > mostPieces) throw new Error(`${evidence.length} pieces of evidence: ${summary(evidence)}`);
  const found = canaries.map(() => new Map<string, Set<Form>>());
  for (const { place, data } of evidence) {
    for (const [at, forms] of findCanaries(data, canaries).entries()) {
      const places = found[at];
      for (const form of forms) places?.set(place, (places.get(place) ?? new Set()).add(form));
    }
  }
  return found.map((places) => [...places].map(([place, forms]) => ({ place, forms: [...forms] })));
}

const mostPieces = 5_000;
function summary(evidence: readonly Evidence[]): string {
  const counts = new Map<string, number>();
  for (const { place } of evidence) counts.set(place, (counts.get(place) ?? 0) + 1);
  return JSON.stringify([...counts, String(evidence.at(-1)?.data).slice(0, 300)]);
}

/** The same in every file of a folder. */
export const searchFolder = async (folder: string, canary: string): Promise<Find[]> =>
  (await searchFolderForAll(folder, [canary]))[0] ?? [];

export async function searchFolderForAll(folder: string, canaries: readonly string[]): Promise<Find[][]> {
  for (let again = 3; ; again -= 1) {
    try {
      const finds = await findCanariesInFolder(folder, canaries);
      return canaries.map((_, at) =>
        finds.flatMap(({ file, forms }) => {
          const found = forms[at] ?? [];
          return found.length > 0 ? [{ place: file.slice(folder.length + 1), forms: found }] : [];
        }),
      );
    } catch (error) {
      // A running program replaced a file under the search.
      if (again === 0 || (error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }
}

/** What a request that was broken off carried in the end the browser may never tell: what it was begun with has to do then. */
const within = <T>(work: Promise<T>, instead: () => T): Promise<T> => Promise.race([work, pause(5_000).then(instead)]);
const listed = (headers: Record<string, string>) => Object.entries(headers).map(([name, value]) => ({ name, value }));

/** Records all traffic and the console of a context, from now on. */
export function record(context: BrowserContext, isBusiness: (url: string) => boolean) {
  const ours: Evidence[] = [];
  const business: Evidence[] = [];
  const pending = new Set<Promise<void>>();
  /** Answers to us whose bodies could not be read: the search says nothing about them. */
  const unread: string[] = [];
  const add = (url: string, what: string, data: string | Uint8Array | null) => {
    if (data && data.length > 0) (isBusiness(url) ? business : ours).push({ place: what, data });
  };
  const later = (work: () => Promise<void>) => {
    const done = work()
      .catch(() => undefined)
      .finally(() => pending.delete(done));
    pending.add(done);
  };

  const onRequest = (request: Request) => {
    const url = request.url();
    add(url, 'request URL', url);
    add(url, 'request body', request.postDataBuffer());
    later(async () =>
      add(
        url,
        'request headers',
        JSON.stringify(await within(request.headersArray(), () => listed(request.headers()))),
      ),
    );
  };
  const onFinished = (request: Request) =>
    later(async () => {
      const response = await request.response();
      if (!response) return;
      const url = request.url();
      add(
        url,
        'response headers',
        JSON.stringify(await within(response.headersArray(), () => listed(response.headers()))),
      );
      if (response.status() >= 300 && response.status() < 400) return;
      try {
        add(
          url,
          'response body',
          await within(response.body(), () => {
            throw new Error('it never came');
          }),
        );
      } catch {
        if (!isBusiness(url)) unread.push(`${response.status()} ${request.resourceType()} ${url}`);
      }
    });
  const onSocket = (socket: WebSocket) => {
    const url = socket.url();
    add(url, 'socket URL', url);
    socket.on('framesent', ({ payload }) => add(url, 'socket sent', payload));
    socket.on('framereceived', ({ payload }) => add(url, 'socket received', payload));
  };
  const onPage = (page: Page) => {
    page.on('websocket', onSocket);
    page.on('pageerror', (error) => ours.push({ place: 'page error', data: `${error.message}\n${error.stack}` }));
  };
  context.on('request', onRequest);
  context.on('requestfinished', onFinished);
  context.on('console', (message) => {
    add(message.location().url, 'console', `${message.text()} ${message.location().url}`);
  });
  context.on('page', onPage);
  for (const page of context.pages()) onPage(page);

  return {
    unread,
    /** All that was recorded so far, once what is under way has been read. */
    async evidence(): Promise<{ ours: Evidence[]; business: Evidence[] }> {
      while (pending.size > 0) await Promise.all(pending);
      return { ours: [...ours], business: [...business] };
    },
  };
}

/** The documents of these frames with everything in them: markup, shadow roots, values, addresses. */
export async function documentsOf(frames: Record<string, Frame>): Promise<Evidence[]> {
  const found: Evidence[] = [];
  for (const [name, frame] of Object.entries(frames)) {
    const parts = await frame.evaluate(() => {
      const all: string[] = [location.href, document.title, window.name, JSON.stringify(history.state)];
      const walk = (root: Document | ShadowRoot | DocumentFragment) => {
        all.push(
          root instanceof Document
            ? root.documentElement.outerHTML
            : [...root.children].map((one) => one.outerHTML).join(),
        );
        for (const element of root.querySelectorAll('*')) {
          if ('value' in element) all.push(String(element.value));
          if (element.shadowRoot) walk(element.shadowRoot);
          if (element instanceof HTMLTemplateElement) walk(element.content);
        }
      };
      walk(document);
      return all;
    });
    found.push({ place: `${name} document`, data: parts.join('\n') });
  }
  return found;
}

/** What these frames keep in the browser. */
export async function storagesOf(frames: Record<string, Frame>, context: BrowserContext): Promise<Evidence[]> {
  const found: Evidence[] = [];
  for (const [name, frame] of Object.entries(frames)) {
    const kept = await frame.evaluate(async () => {
      const text = (value: unknown): string => {
        if (value instanceof Uint8Array) return String.fromCharCode(...value);
        return typeof value === 'string' ? value : `${JSON.stringify(value)}`;
      };
      const pairs = (storage: Storage) => Object.entries(storage).flat().join('\n');
      const done = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const records: string[] = [];
      for (const { name: database = '' } of await indexedDB.databases()) {
        const opened = await done(indexedDB.open(database));
        for (const store of opened.objectStoreNames) {
          const objects = opened.transaction(store).objectStore(store);
          const [keys, values] = await Promise.all([done(objects.getAllKeys()), done(objects.getAll())]);
          records.push(...keys.map(text), ...(values as unknown[]).map(text));
        }
        opened.close();
      }
      const cached: string[] = [];
      for (const cache of await caches.keys()) {
        const opened = await caches.open(cache);
        for (const request of await opened.keys()) {
          const answer = await opened.match(request);
          cached.push(request.url, (await answer?.text()) ?? '');
        }
      }
      return {
        localStorage: pairs(localStorage),
        sessionStorage: pairs(sessionStorage),
        IndexedDB: records.join('\n'),
        CacheStorage: cached.join('\n'),
        cookies: document.cookie,
      };
    });
    for (const [where, data] of Object.entries(kept)) found.push({ place: `${name} ${where}`, data });
  }
  found.push({ place: 'cookies', data: JSON.stringify(await context.cookies()) });
  return found;
}

/**
 * The heap of the process that runs this frame, as a snapshot of its strings and objects: strings up to 300,000 characters,
 * by a flag that the browser of these specs is started with: more than any message or answer has, while a text that was put together bit
 * by bit would otherwise stand there in each of its lengths. What typed arrays and buffers hold is in no snapshot, nor what a field shows: the
 * browser keeps that outside of the script's heap.
 */
const mostHeap = 150_000_000;
export async function heapOf(context: BrowserContext, frame: Page | Frame): Promise<string> {
  const session: CDPSession = await context.newCDPSession(frame);
  const chunks: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  if (size > mostHeap) throw new Error(`a heap of ${size} characters, which is too much to be searched`);
  return chunks.join('');
}

/**
 * From now on every document of the context writes down each message that its window gets, and each that goes through one
 * of its ports, either way. Gives what these frames have heard so far.
 */
export async function overhearMessages(
  context: BrowserContext,
): Promise<(frames: Record<string, Frame>) => Promise<Evidence[]>> {
  await context.addInitScript(() => {
    const said: string[] = [];
    (window as unknown as { messagesOverheard: string[] }).messagesOverheard = said;
    const note = (data: unknown) =>
      said.push(
        JSON.stringify(data, (_, value: unknown) => {
          const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
          return bytes instanceof Uint8Array ? String.fromCharCode(...bytes) : value;
        }) ?? `${data}`,
      );
    addEventListener('message', ({ data }) => note(data), true);
    const { postMessage, start } = MessagePort.prototype;
    const overheard = new WeakSet<MessagePort>();
    const listen = (port: MessagePort) => {
      if (overheard.has(port)) return;
      overheard.add(port);
      port.addEventListener('message', ({ data }) => note(data));
    };
    Object.assign(MessagePort.prototype, {
      postMessage(this: MessagePort, ...args: [unknown]) {
        note(args[0]);
        return postMessage.apply(this, args as unknown as Parameters<typeof postMessage>);
      },
      start(this: MessagePort) {
        listen(this);
        start.call(this);
      },
    });
    const own = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage') as PropertyDescriptor;
    Object.defineProperty(MessagePort.prototype, 'onmessage', {
      ...own,
      set(this: MessagePort, handler: unknown) {
        listen(this);
        own.set?.call(this, handler);
      },
    });
  });
  return async (frames) => {
    const found: Evidence[] = [];
    for (const [name, frame] of Object.entries(frames)) {
      found.push({ place: `${name} messages`, data: (await frame.evaluate<string[]>('messagesOverheard')).join('\n') });
    }
    return found;
  };
}

/** Kinds of event by which a document could learn what is typed or chosen elsewhere. */
const revealing = [
  ...['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'change', 'select', 'selectionchange', 'selectstart'],
  ...[
    'compositionstart',
    'compositionupdate',
    'compositionend',
    'textInput',
    'paste',
    'copy',
    'cut',
    'drop',
    'dragstart',
  ],
];
const focusing = ['focus', 'blur', 'focusin', 'focusout'];

export interface Heard {
  readonly type: string;
  readonly key: string;
  readonly text: string;
}

/** Listens in these frames, first on window and document, for everything that could tell of typing. */
export async function eavesdrop(frames: Record<string, Frame>): Promise<() => Promise<Record<string, Heard[]>>> {
  for (const frame of Object.values(frames)) {
    await frame.evaluate(
      (types) => {
        const heard: unknown[] = [];
        (window as unknown as { eavesdropped: unknown[] }).eavesdropped = heard;
        for (const target of [window, document]) {
          for (const type of types) {
            target.addEventListener(
              type,
              (event) => {
                const { key = '', data = '' } = event as unknown as { key?: string; data?: string };
                const value =
                  event.target instanceof HTMLElement && 'value' in event.target ? `${event.target.value}` : '';
                heard.push({ type, key, text: `${data ?? ''}${value}${getSelection()}` });
              },
              { capture: true },
            );
          }
        }
      },
      [...revealing, ...focusing],
    );
  }
  return async () => {
    const all: Record<string, Heard[]> = {};
    for (const [name, frame] of Object.entries(frames)) all[name] = await frame.evaluate('eavesdropped');
    return all;
  };
}

/** Of what was heard: what tells of keys, text or a choice. That the focus went is told to everybody. */
export const telling = (heard: readonly Heard[]): Heard[] =>
  heard.filter(({ type, key, text }) => revealing.includes(type) || key !== '' || text !== '');

/** Writes down every text that is ever put into these documents, however short a time it stands there. */
export async function watchTexts(frames: Record<string, Frame>): Promise<() => Promise<Evidence[]>> {
  for (const frame of Object.values(frames)) {
    await frame.evaluate(() => {
      const texts: string[] = [];
      (window as unknown as { textsSeen: string[] }).textsSeen = texts;
      const watch = (root: Node) =>
        new MutationObserver((records) => {
          for (const { target, addedNodes, oldValue } of records) {
            texts.push(oldValue ?? '', target.textContent?.slice(-2_000) ?? '');
            for (const node of addedNodes)
              texts.push(node instanceof Element ? node.outerHTML : (node.textContent ?? ''));
          }
        }).observe(root, {
          subtree: true,
          childList: true,
          characterData: true,
          attributes: true,
          attributeOldValue: true,
        });
      watch(document);
      for (const element of document.querySelectorAll('*')) if (element.shadowRoot) watch(element.shadowRoot);
    });
  }
  return async () => {
    const found: Evidence[] = [];
    for (const [name, frame] of Object.entries(frames)) {
      found.push({ place: `${name} texts`, data: (await frame.evaluate<string[]>('textsSeen')).join('\n') });
    }
    return found;
  };
}
