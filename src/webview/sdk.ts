import { sayHello } from '../channel/hello';
import { openPort } from '../channel/port';
import type { FromPage, ToPage } from '../protocol/webview';
import { createView, type View } from './view';

export type { Closing, Submitted, View, ViewContext, ViewEvents, ViewSize } from './view';

export type ConnectOptions = {
  /** Where the chat is served from, such as `https://chat.example`. Nobody else is spoken to, so there is no default and no `*`. */
  chatOrigins: string | string[];
  /** Milliseconds until it is given up; 15 000 unless said. */
  timeoutMs?: number;
};

/**
 * Connects a page that was opened as a web view to the chat around it.
 *
 * @returns the view, once the chat has welcomed the page
 * @throws an Error whose `code` is `not_framed` (the page was opened by itself: it can go on without a chat), `bad_origin` (`chatOrigins` names no origin),
 *   `foreign_frame` (somebody else frames the page) or `timeout`
 * @example
 * const view = await connect({ chatOrigins: 'https://chat.example' });
 * await fetch('/session', { method: 'POST', body: view.code }); // our backend learns from the chat's whose page this is
 * view.ready();
 */
export async function connect({ chatOrigins, timeoutMs = 15_000 }: ConnectOptions): Promise<View> {
  const origins = ([] as string[]).concat(chatOrigins).map(originOf);
  if (origins.length === 0) throw failure('bad_origin', 'expected at least one chat origin');
  const { parent } = window;
  if (parent === window) throw failure('not_framed', 'this page is not open in a chat');
  // Not every browser tells who frames us; where one does, a wrong address needn't wait for the timeout.
  const framer = location.ancestorOrigins?.[0];
  if (framer && !origins.includes(framer)) throw failure('foreign_frame', `framed by ${framer}, expected ${origins}`);

  const { port } = await sayHello({
    window,
    parent,
    targets: framer ? [framer] : origins,
    hello: 'page',
    welcome: 'widget',
    accept: (origin) => origins.includes(origin),
    timeoutMs,
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      channel.close();
      reject(failure('timeout', `not welcomed within ${timeoutMs} ms`));
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
  });
}

function originOf(value: string): string {
  let origin = '';
  try {
    ({ origin } = new URL(value));
  } catch {
    // Told below.
  }
  if (!/^https?:/.test(origin))
    throw failure('bad_origin', `expected an origin such as https://chat.example, got ${value}`);
  return origin;
}

const failure = (code: string, message: string) => Object.assign(new Error(message), { code });
