import { sayHello } from '../channel/hello';
import { openPort } from '../channel/port';
import { answerStill } from '../channel/still';
import type { FromPage, ToPage } from '../protocol/webview';
import { failure, wrong } from './failure';
import { createView, type View } from './view';

export type { Closing, Submitted, View, ViewContext, ViewEvents, ViewSize } from './view';

export type ConnectOptions = {
  /**
   * Where the chat is served from, such as `https://chat.example`; for a page that is mounted in its host page, that one's origin too. Nobody else is spoken
   * to, so there is no default and no `*`.
   */
  chatOrigins: string | string[];
  /** Milliseconds until it is given up; 15 000 unless said. */
  timeoutMs?: number;
};

/**
 * Connects a page that was opened as a web view to the chat around it. Again with the same origins it gives the same view, while that is connected.
 *
 * @returns the view, once the chat has welcomed the page
 * @throws an Error whose `code` is `not_framed` (the page was opened by itself: it can go on without a chat), `bad_origin` (`chatOrigins` names no origin),
 *   `foreign_frame` (somebody else frames the page), `timeout` (nobody there answered) or `invalid` (`timeoutMs` is no time). All but the first are told in
 *   the console too, with what to do.
 * @example
 * const view = await connect({ chatOrigins: 'https://chat.example' });
 * await fetch('/session', { method: 'POST', body: view.code }); // our backend learns from the chat's whose page this is
 * view.ready();
 */
export async function connect(options: ConnectOptions): Promise<View> {
  try {
    const { chatOrigins, timeoutMs = 15_000 } = options ?? {};
    const origins = originsOf(chatOrigins);
    if (!(timeoutMs > 0 && timeoutMs < 2 ** 31)) throw wrong('timeoutMs', 'milliseconds, more than none', timeoutMs);
    return await connectedTo(origins, timeoutMs);
  } catch (error) {
    const { code, message } = error as ReturnType<typeof failure>;
    if (code !== 'not_framed') console.error(`guichet: ${message}`);
    throw error;
  }
}

/** A second hello of one document would end the first one's talk. Kept on the window, for pages that load the SDK twice. */
type Connection = { origins: string; view: Promise<View>; isOver: () => boolean };
const kept = Symbol.for('guichet.webview');
type Keeper = { [kept]?: Connection };

function connectedTo(origins: string[], timeoutMs: number): Promise<View> {
  const keeper = window as Window & Keeper;
  const before = keeper[kept];
  if (before?.origins === String(origins) && !before.isOver()) return before.view;
  let isOver = () => false;
  const view = hello(origins, timeoutMs, (check) => {
    isOver = check;
  });
  const connection = { origins: String(origins), view, isOver: () => isOver() };
  keeper[kept] = connection;
  view.catch(() => {
    if (keeper[kept] === connection) delete keeper[kept];
  });
  return view;
}

async function hello(origins: string[], timeoutMs: number, tellOver: (isOver: () => boolean) => void): Promise<View> {
  const { parent } = window;
  if (parent === window) throw failure('not_framed', 'this page is not open in a chat');
  // Not every browser tells who frames us; where one does, a wrong address needn't wait for the timeout.
  const framer = location.ancestorOrigins?.[0];
  if (framer && !origins.includes(framer))
    throw failure(
      'foreign_frame',
      `this page is framed by ${framer}, which is not among its chat origins (${origins.join(', ')}). If ${framer} is your chat, name it in data-chat-origin or chatOrigins. If not, name in the header frame-ancestors who may frame this page.`,
    );
  const late = () =>
    failure(
      'timeout',
      `nobody at ${origins.join(', ')} welcomed this page within ${timeoutMs} ms. Is the chat served from there, and has the button's URL this page's origin, ${location.origin}?`,
    );

  const { port, origin } = await sayHello({
    window,
    parent,
    targets: framer ? [framer] : origins,
    hello: 'page',
    welcome: 'widget',
    accept: (origin) => origins.includes(origin),
    timeoutMs,
  }).catch((error) => {
    throw error.code === 'timeout' ? late() : error;
  });
  answerStill(window, parent, origin);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      channel.close();
      reject(late());
    }, timeoutMs);
    let view: ReturnType<typeof createView> | undefined;
    const channel = openPort<ToPage, FromPage>(port, {
      handlers: {
        welcome(welcome) {
          clearTimeout(timer);
          view ??= createView(channel, welcome);
          resolve(view.view);
        },
        context_changed: (changes) => view?.contextChanged(changes),
        update: ({ data }) => view?.update(data),
        closing: (closing) => view?.closing(closing),
      },
      onFault: (fault) => console.error(`guichet: from the chat: ${fault}`),
    });
    tellOver(() => channel.closed);
  });
}

function originsOf(values: unknown): string[] {
  const origins = ([] as unknown[]).concat(values ?? []).map(originOf);
  if (origins.length === 0) throw failure('bad_origin', `chatOrigins: expected ${anOrigin}, got none`);
  return [...new Set(origins)];
}

const anOrigin = "at least one origin that a chat is served from, such as 'https://chat.example'";

function originOf(value: unknown): string {
  let origin = '';
  try {
    ({ origin } = new URL(String(value)));
  } catch {
    // Told below.
  }
  if (/^https?:/.test(origin)) return origin;
  const why = value === '*' ? ": with '*' anybody who frames this page could play the chat" : '';
  throw failure('bad_origin', `chatOrigins: expected ${anOrigin}, got '${value}'${why}`);
}
