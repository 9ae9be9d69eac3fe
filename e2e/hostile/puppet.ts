/**
 * A page for a web view that does what the test says. It speaks the wire by hand, without our SDK: what a hostile page
 * sends must not be kept from the widget by a friendly library.
 */
import type { Frame } from '@playwright/test';

/** What the page keeps of the talk with its parent. */
export interface Heard {
  /** Everything that came over the port, and answers to requests. */
  readonly inbox: { v: number; t?: string; d?: unknown; re?: number; ok?: boolean }[];
  readonly welcomes: number;
  readonly barriers: number;
}

/** @param greet whether it says hello by itself */
export const puppetPage = (chat: string, { greet = true, title = 'A page', body = '' } = {}) => `<!doctype html>
<meta charset="utf-8"><title>${title}</title>
<h1>${title}</h1>
<label>Number <input id="number" inputmode="numeric" autocomplete="cc-number"></label>
${body}
<script>
  const chat = ${JSON.stringify(chat)};
  const heard = { inbox: [], welcomes: 0, barriers: 0 };
  const waiting = new Map();
  let port;
  let ids = 0;
  function hello(target = chat, id = Math.random(), to = parent) {
    to.postMessage({ guichet: 1, hello: 'page', id }, target);
  }
  addEventListener('message', ({ data, origin, source, ports }) => {
    if (data === 'barrier') heard.barriers += 1;
    if (data?.guichet === 1 && data.still && port) source.postMessage(data, origin);
    if (data?.guichet !== 1 || data.welcome !== 'widget') return;
    heard.welcomes += 1;
    if (origin !== chat || source !== parent) return;
    port = ports[0];
    port.onmessage = ({ data }) => {
      heard.inbox.push(data);
      if (data.t === 'closing') port.postMessage({ v: 1, re: data.id, ok: true, d: {} });
      waiting.get(data.re)?.(data);
    };
  });
  function tell(t, d = {}) { port.postMessage({ v: 1, t, d }); }
  function raw(message) { port.postMessage(message); }
  function ask(t, d = {}) {
    const id = ++ids;
    return new Promise((resolve) => {
      waiting.set(id, ({ ok, d }) => resolve({ ok, d }));
      port.postMessage({ v: 1, t, d, id });
    });
  }
  ${greet ? 'hello();' : ''}
</script>`;

/** The page's own names, for code that runs in it. */
export interface PuppetWindow {
  heard: Heard;
  hello(target?: string, id?: number, to?: Window): void;
  tell(t: string, d?: unknown): void;
  raw(message: unknown): void;
  ask(t: string, d?: unknown): Promise<{ ok: boolean; d: unknown }>;
}

/** Runs an expression in the page, with the names above. */
export const inPage = <T>(frame: Frame, code: string): Promise<T> => frame.evaluate(code);
