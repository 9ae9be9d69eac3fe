import type { Channel } from '../channel/port';
import type { FromPage, ToPage, ViewContext } from '../protocol/webview';
import { bounds, checkJson, checkText } from './checks';
import { wrong } from './failure';
import { showContext } from './theme';

export type { ViewContext } from '../protocol/webview';

/** About half of the panel, about three quarters, all of it. On phones the first two are sheets from below. */
export type ViewSize = ViewContext['size'];
/** Why the view closes, and how many milliseconds there are to save state. */
export type Closing = ToPage['closing'];
/** What became of a result: taken, or what is wrong with it, and where, such as `result.items[0]`. */
export type Submitted = { accepted: true } | { accepted: false; errors: { path?: string; message: string }[] };

export type ViewEvents = {
  /** The business changed `view.data` (`PATCH /v2/web-views/{id}`). */
  update: (data: Record<string, unknown>) => void;
  /** `view.context` has changed: another colour scheme, language, size. */
  contextChanged: (context: ViewContext) => void;
  /** The view goes. What is returned, or resolves before the deadline, is saved as its state (at most 8 KiB of JSON). */
  closing: (closing: Closing) => unknown;
};

/**
 * A page's end of the chat. Wrong use is thrown, by what gives a promise rejected, as an Error whose `code` is `invalid` or `card_number`, before anything has left
 * the page. Promises reject with `timeout`, `closed` or `refused` too; the message says why. None waits longer than 15 s.
 * Whatever goes through here is seen by the chat: secrets go to your own backend.
 */
export type View = {
  /** A strict page isn't told. */
  readonly id: string | undefined;
  /** What the bot opened the page with. */
  readonly data: Record<string, unknown> | undefined;
  /** What the page saved when it was open before. */
  readonly state: unknown;
  /** For your backend, once, within 60 s: `POST /v2/web-views/exchange` tells it whose view this is. A strict page gets none. */
  readonly code: string | undefined;
  /** A strict page gets `locale`, `direction`, `color_scheme` and `theme` alone. */
  readonly context: ViewContext;
  /** What this chat can do, by the names of the wire. */
  readonly capabilities: string[];
  /** The page can be used. */
  ready(): void;
  /** Resolves with the size that was really set. */
  requestSize(size: ViewSize): Promise<ViewSize>;
  /** Height of the content in CSS pixels, finite; resolves with the height that was really set: no less than 120, no more than there is room for. */
  resize(height: number): Promise<number>;
  /** At most 80 characters of text, beside the page's origin. */
  setTitle(title: string): void;
  /** While dirty, the customer is asked before the view closes, if the bot wants it so. */
  setDirty(dirty: boolean): void;
  /** At most 8 KiB of JSON; kept for when the customer comes back. At most one a second is sent, the newest. */
  saveState(state: unknown): Promise<void>;
  /**
   * Ends the view with a result (at most 8 KiB of JSON) that the bot gets as *the customer's word*: anybody can forge it. What counts comes from your backend
   * (`POST /v2/web-views/{id}/submit`). The same result and summary again is the same submit, whatever became of the first, and so is the same `idempotencyKey`
   * (8 to 64 of A-Z a-z 0-9 _ -): it counts once.
   */
  submit(result: Record<string, unknown>, options?: { summary?: string; idempotencyKey?: string }): Promise<Submitted>;
  /** Closes without a result. */
  close(): void;
  /** Offers the customer to open an address (http or https, no user-info) in a new tab. */
  openLink(url: string): void;
  /** Says up to 300 characters to screen readers. */
  announce(text: string): void;
  /** Returns how to stop listening. */
  on<K extends keyof ViewEvents>(event: K, listener: ViewEvents[K]): () => void;
};

type Listeners = { [K in keyof ViewEvents]: Set<ViewEvents[K]> };

/** The view, and what the channel tells it. */
export function createView(channel: Channel<FromPage>, welcome: ToPage['welcome']) {
  const { data, state, code, capabilities } = welcome;
  const context = welcome.context as ViewContext;
  const now = { id: welcome.web_view_id, data, state, code, context, capabilities };
  const listeners: Listeners = { update: new Set(), contextChanged: new Set(), closing: new Set() };
  let isDirty = false;

  let lastSubmit = { content: '', key: '' };

  const view: View = Object.assign(now, {
    ready: () => channel.notify('ready', {}),
    async requestSize(size: ViewSize) {
      if (!sizes.includes(size)) throw wrong('size', sizes.join(', '), size);
      return from<ViewSize>(await channel.request('request_size', { size }), 'size');
    },
    async resize(height: number) {
      if (!Number.isFinite(height)) throw wrong('height', 'a finite number of pixels', height);
      return from<number>(await channel.request('resize', { height }), 'height');
    },
    setTitle(title: string) {
      checkText('title', title, bounds.title);
      channel.notify('set_title', { title });
    },
    setDirty(dirty: boolean) {
      if (typeof dirty !== 'boolean') throw wrong('dirty', 'true or false', dirty);
      // Said on every key, perhaps; told once.
      if (dirty !== isDirty) channel.notify('dirty', { dirty });
      isDirty = dirty;
    },
    async saveState(state: unknown) {
      checkJson('state', state);
      await channel.request('save_state', { state }, { timeoutMs: storing });
    },
    async submit(result: Record<string, unknown>, options: { summary?: string; idempotencyKey?: string } = {}) {
      const { summary, idempotencyKey } = options;
      if (typeof result !== 'object' || !result || Array.isArray(result)) throw wrong('result', 'an object', result);
      if (idempotencyKey !== undefined && !/^[\w-]{8,64}$/.test(idempotencyKey))
        throw wrong('idempotencyKey', '8 to 64 of A-Z a-z 0-9 _ -', idempotencyKey);
      checkJson('result', result);
      if (summary !== undefined) checkText('summary', summary, bounds.summary);
      // A button that is pressed twice, and a retry after no answer, are one submit.
      const content = JSON.stringify([result, summary]);
      const key = idempotencyKey ?? (content === lastSubmit.content ? lastSubmit.key : newKey());
      lastSubmit = { content, key };
      const submission = { result, idempotency_key: key, ...(summary === undefined ? {} : { summary }) };
      const answer = (await channel.request('submit', submission, { timeoutMs: storing })) as Submitted;
      if (!answer.accepted)
        for (const { message } of answer.errors) console.error(`guichet: the result was not taken: ${message}`);
      return answer;
    },
    close: () => channel.notify('close', {}),
    openLink(url: string) {
      if (!isWebAddress(url)) throw wrong('url', 'an absolute http or https URL without user-info', url);
      channel.notify('open_link', { url });
    },
    announce(text: string) {
      checkText('text', text, bounds.summary);
      channel.notify('announce', { text });
    },
    on<K extends keyof ViewEvents>(event: K, listener: ViewEvents[K]) {
      const set: Set<ViewEvents[K]> = listeners[event];
      if (!set) throw wrong('event', Object.keys(listeners).join(', '), event);
      if (typeof listener !== 'function') throw wrong('listener', 'a function', listener);
      set.add(listener);
      return () => void set.delete(listener);
    },
  });

  showContext(context);
  forwardEscape(() => channel.notify('escape', {}));

  return {
    view,
    update(data: Record<string, unknown>) {
      now.data = data;
      for (const listener of listeners.update) safely(() => listener(data));
    },
    contextChanged(changes: ToPage['context_changed']) {
      now.context = { ...now.context, ...changes } as ViewContext;
      showContext(now.context);
      for (const listener of listeners.contextChanged) safely(() => listener(now.context));
    },
    /** All listeners are waited for; the last state that one gives is saved. */
    async closing(closing: Closing) {
      const states = await Promise.all([...listeners.closing].map((listener) => safely(() => listener(closing))));
      const state = states.filter((one) => one !== undefined).pop();
      if (state === undefined) return {};
      try {
        checkJson('state', state);
        return { state };
      } catch (error) {
        console.error(`guichet: not saved: ${(error as Error).message}`);
        return {};
      }
    },
  };
}

/** A listener that throws is the page's own affair and stops no other one. */
async function safely(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    console.error(error);
  }
}

const sizes: ViewSize[] = ['compact', 'tall', 'full'];
/** Longer than the chat waits for its server: then its words come first. */
const storing = 15_000;

function isWebAddress(text: unknown): boolean {
  try {
    const { protocol, username, password } = new URL(text as string);
    return /^https?:$/.test(protocol) && !username && !password;
  } catch {
    return false;
  }
}

const from = <T>(answer: unknown, key: string) => (answer as Record<string, T>)[key] as T;
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(36)).join('_');

/** Escape closes the view, unless the page has a use for it: it says so by `preventDefault`, or has a dialog open. */
function forwardEscape(tell: () => void): void {
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.repeat || event.isComposing || document.querySelector('dialog[open]')) return;
    // After all listeners, those of the page on the window included.
    setTimeout(() => {
      if (!event.defaultPrevented) tell();
    });
  });
}
