import * as v from 'valibot';
import { configEntries } from './theme';

/**
 * Loader ⇄ widget frame.
 *
 * The widget speaks first: `parent.postMessage({ guichet: 1, hello: 'widget', id }, '*')`: it holds nothing secret. It repeats it until it is answered; `id` is
 * random, and one for all repeats of a document, so that a busy parent opens one port only. The loader takes it only
 * from its own frame's window and the chat's origin, and answers to exactly that origin with
 * `{ guichet: 1, welcome: 'loader' }` and a `MessagePort`. The widget takes the port only from `window.parent`; who may be its parent is the browser's
 * own decision, by the document's `frame-ancestors`. All else goes over the port (`src/channel`).
 */
export const frameVersion = 1;

export const Viewport = v.object({
  /** True on narrow screens: the panel fills the screen. */
  phone: v.boolean(),
  /** CSS pixels of the visual viewport's height, above the on-screen keyboard. */
  height: v.number(),
});

/** Loader → widget. */
export const toWidget = {
  /** First message on the port. `config` holds what the tag and `setConfig` say, each value checked. */
  init: v.object({
    config: v.record(v.string(), v.unknown()),
    open: v.boolean(),
    identity: v.optional(v.string()),
    locale: v.optional(v.string()),
    viewport: Viewport,
  }),
  open: v.object({ /** Move focus into the panel. */ focus: v.boolean() }),
  close: v.object({}),
  config: v.object({ config: v.record(v.string(), v.unknown()) }),
  viewport: Viewport,
  /** The script that was asked for can't be had. */
  host_view: v.object({}),
  /** Requests: answered. */
  identify: v.object({ identity: v.string() }), // { customer_id: string }
  logout: v.object({}), // {}
  send: v.object({ text: v.string() }), // { id: string }
} as const;

/** Widget → loader. */
export const toLoader = {
  /** The customer minimised the panel: hide the frame, give focus back to the launcher. */
  close: v.object({}),
  /** The customer opened the panel in another tab: show it here too, quietly. */
  open: v.object({}),
  /** For the badge and the peek beside the launcher; an empty peek takes it away. */
  unread: v.object({ count: v.number(), peek: v.optional(v.object({ name: v.string(), text: v.string() })) }),
  /** The customer has a conversation: keep the first-party key. */
  returning: v.object({ returning: v.boolean() }),
  /** The launcher's looks, from the site's settings and the page's. */
  launcher: v.object({
    brand_color: v.optional(v.string()),
    position: v.optional(v.picklist(['start', 'end'])),
    launcher: v.optional(v.object({ label: v.optional(v.string()), hidden: v.optional(v.boolean()) })),
  }),
  /** A page is to stand in the host page: `host-view.js` is wanted there, see `hostView.ts`. */
  host_view: v.object({}),
  /** For `guichet('on', name, fn)`. */
  event: v.object({ name: v.string(), data: v.unknown() }),
} as const;

export type ToWidget = { [K in keyof typeof toWidget]: v.InferOutput<(typeof toWidget)[K]> };
export type ToLoader = { [K in keyof typeof toLoader]: v.InferOutput<(typeof toLoader)[K]> };

/** Names that `guichet('on', …)` knows, with their data. */
export type PageEvents = {
  /** The panel is drawn and can take input. */
  ready: object;
  open: object;
  close: object;
  unread: { count: number };
  /** A message of the customer's own is stored. Ids only; the one thing that the host page gets words of is the peek beside the launcher. */
  message_sent: { id: string };
  message_received: { id: string };
  web_view_open: { web_view_id: string };
  web_view_close: { web_view_id: string; reason: string };
  error: { code: string; message: string };
};

/** Keys that `setConfig` and the tag's `data-*` take. */
export const configKeys = Object.keys(configEntries);
