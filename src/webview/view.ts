import type { Channel } from '../channel/port';
import type { FromPage, ToPage, ViewContext } from '../protocol/webview';
import { showContext } from './theme';

export type { ViewContext } from '../protocol/webview';

/** About half of the panel, about three quarters, all of it. On phones the first two are sheets from below. */
export type ViewSize = ViewContext['size'];
/** Why the view closes, and how many milliseconds there are to save state. */
export type Closing = ToPage['closing'];
/** What became of a result: taken, or what is wrong with it. */
export type Submitted = { accepted: true } | { accepted: false; errors: unknown[] };

export type ViewEvents = {
  /** The business changed `view.data` (`PATCH /v2/web-views/{id}`). */
  update: (data: Record<string, unknown>) => void;
  /** `view.context` has changed: another colour scheme, language, size. */
  contextChanged: (context: ViewContext) => void;
  /** The view goes. What is returned, or resolves before the deadline, is saved as its state (at most 8 KiB of JSON). */
  closing: (closing: Closing) => unknown;
};

/**
 * A page's end of the chat. Promises reject with an Error whose `code` is `timeout`, `closed` or `refused`; the message says why.
 * Whatever goes through here is seen by the chat: secrets go to your own backend.
 */
export type View = {
  readonly id: string;
  /** What the bot opened the page with. */
  readonly data: Record<string, unknown> | undefined;
  /** What the page saved when it was open before. */
  readonly state: unknown;
  /** For your backend, once, within 60 s: `POST /v2/web-views/exchange` tells it whose view this is. A strict page gets none. */
  readonly code: string | undefined;
  readonly context: ViewContext;
  /** What this chat can do, by the names of the wire. */
  readonly capabilities: string[];
  /** The page can be used. */
  ready(): void;
  /** Resolves with the size that was really set. */
  requestSize(size: ViewSize): Promise<ViewSize>;
  /** Height of the content in CSS pixels; resolves with the height that was really set. */
  resize(height: number): Promise<number>;
  /** At most 80 characters, beside the page's origin. */
  setTitle(title: string): void;
  /** While dirty, the customer is asked before the view closes, if the bot wants it so. */
  setDirty(dirty: boolean): void;
  /** At most 8 KiB of JSON; kept for when the customer comes back. */
  saveState(state: unknown): Promise<void>;
  /**
   * Ends the view with a result (at most 8 KiB of JSON) that the bot gets as *the customer's word*: anybody can forge it. What counts comes from your backend
   * (`POST /v2/web-views/{id}/submit`). Try again with the same `idempotencyKey` (8 to 64 of A-Z a-z 0-9 _ -) and it counts once.
   */
  submit(result: Record<string, unknown>, options?: { summary?: string; idempotencyKey?: string }): Promise<Submitted>;
  /** Closes without a result. */
  close(): void;
  /** Opens an https address in a new tab. */
  openLink(url: string): void;
  /** Says up to 300 characters to screen readers. */
  announce(text: string): void;
  /** Returns how to stop listening. */
  on<K extends keyof ViewEvents>(event: K, listener: ViewEvents[K]): () => void;
};

type Listeners = { [K in keyof ViewEvents]: Set<ViewEvents[K]> };

/** The view, and what the channel tells it. */
export function createView(channel: Channel<FromPage>, welcome: ToPage['welcome']) {
  const { data, state, code, context, capabilities } = welcome;
  const now = { id: welcome.web_view_id, data, state, code, context, capabilities };
  const listeners: Listeners = { update: new Set(), contextChanged: new Set(), closing: new Set() };
  let isDirty = false;

  const view: View = Object.assign(now, {
    ready: () => channel.notify('ready', {}),
    requestSize: async (size: ViewSize) => from<ViewSize>(await channel.request('request_size', { size }), 'size'),
    resize: async (height: number) => from<number>(await channel.request('resize', { height }), 'height'),
    setTitle: (title: string) => channel.notify('set_title', { title }),
    setDirty(dirty: boolean) {
      // Said on every key, perhaps; told once.
      if (dirty !== isDirty) channel.notify('dirty', { dirty });
      isDirty = dirty;
    },
    async saveState(state: unknown) {
      await channel.request('save_state', { state });
    },
    submit: (result: Record<string, unknown>, options: { summary?: string; idempotencyKey?: string } = {}) => {
      const { summary, idempotencyKey = newKey() } = options;
      return channel.request('submit', {
        result,
        idempotency_key: idempotencyKey,
        ...(summary === undefined ? {} : { summary }),
      }) as Promise<Submitted>;
    },
    close: () => channel.notify('close', {}),
    openLink: (url: string) => channel.notify('open_link', { url }),
    announce: (text: string) => channel.notify('announce', { text }),
    on<K extends keyof ViewEvents>(event: K, listener: ViewEvents[K]) {
      const set: Set<ViewEvents[K]> = listeners[event];
      if (!set) throw new Error(`expected one of ${Object.keys(listeners)}, got ${event}`);
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
      return state === undefined ? {} : { state };
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
