import * as v from 'valibot';
import { limits } from './limits';

/**
 * Widget ⇄ a business's page inside a web view.
 *
 * The page speaks first: `parent.postMessage({ guichet: 1, hello: 'page', id }, chatOrigin)`, for each chat origin that the page names, repeated
 * until it is answered; `id` is random, and one for all repeats of a document. The widget takes it only from that
 * very frame's window and the declared origin, and answers to exactly that origin with `{ guichet: 1, welcome: 'widget' }` and a `MessagePort`.
 * All else goes over the port (`src/channel`), but for one thing: whenever the frame has loaded, the widget posts `{ guichet: 1, still: id }` to it, and the document
 * that was welcomed posts the same back. Until then, nothing that comes over the port is heard: it could be a former document's.
 */
export const webViewVersion = 1;

/** Why a web view ended. */
export const CloseReason = v.picklist([
  'submitted',
  'page',
  'customer',
  'business',
  'expired',
  'resolved',
  'replaced',
  'blocked',
]);
export type CloseReason = v.InferOutput<typeof CloseReason>;

/** How much of the panel a web view takes. */
export const ViewSize = v.picklist(['compact', 'tall', 'full']);
export type ViewSize = v.InferOutput<typeof ViewSize>;

/**
 * What a page may do beyond scripts and forms: only what the site grants (`web_view_permissions`) and its button asks for. `popups` opens windows that are
 * free of the sandbox, `storage-access` lets the page ask for its own cookies by a tap; the others are permissions policies of these names.
 * Never granted: top navigation, modals, downloads, pointer lock.
 */
export const WebViewPermission = v.picklist([
  'popups',
  'storage-access',
  'camera',
  'microphone',
  'geolocation',
  'payment',
  'publickey-credentials-get',
  'otp-credentials',
  'clipboard-write',
  'fullscreen',
]);
export type WebViewPermission = v.InferOutput<typeof WebViewPermission>;
/** Each of them once. */
export const WebViewPermissions = v.pipe(
  v.array(WebViewPermission),
  v.check((list) => new Set(list).size === list.length, 'each permission once'),
);

/**
 * Where the frame stands: nested in the widget's document, or in the host page over the panel. There a page of the host's own site has its
 * `SameSite` cookies, which it doesn't get when nested.
 */
export const Mount = v.picklist(['widget', 'host']);
export type Mount = v.InferOutput<typeof Mount>;

export const ViewContext = v.object({
  locale: v.string(),
  direction: v.picklist(['ltr', 'rtl']),
  time_zone: v.string(),
  color_scheme: v.picklist(['light', 'dark']),
  contrast: v.picklist(['no-preference', 'more']),
  reduced_motion: v.boolean(),
  size: ViewSize,
  /** CSS pixels at the frame's edges that the device's own (a home bar, round corners) may cover. */
  safe_area: v.object({ top: v.number(), right: v.number(), bottom: v.number(), left: v.number() }),
  /** `--guichet-*` custom properties by name, for pages that want the chat's look. */
  theme: v.record(v.string(), v.string()),
});
export type ViewContext = v.InferOutput<typeof ViewContext>;

/** Widget → page. */
export const toPage = {
  welcome: v.object({
    /** None for a strict page, which can't show who it is: it gets no `data`, `state` and `code` either, and of `context` only `locale`, `direction`, `color_scheme` and `theme`. */
    web_view_id: v.optional(v.string()),
    data: v.optional(v.record(v.string(), v.unknown())),
    state: v.optional(v.unknown()),
    /** Exchanged by the page's backend, once, within 60 s: `POST /v2/web-views/exchange`. */
    code: v.optional(v.string()),
    context: v.partial(ViewContext),
    capabilities: v.array(v.string()),
  }),
  context_changed: v.partial(ViewContext),
  update: v.object({ data: v.record(v.string(), v.unknown()) }),
  /** The page may answer with `{ state }` until the deadline (milliseconds from now). Request. */
  closing: v.object({ reason: CloseReason, deadline: v.number() }),
} as const;

const finite = v.pipe(v.number(), v.finite());
/** Page → widget. Those marked *request* are answered. */
export const toWidgetFromPage = {
  ready: v.object({}),
  request_size: v.object({ size: ViewSize }), // request → { size } as really set
  resize: v.object({ height: finite }), // CSS pixels of content; request → { height } as really set
  set_title: v.object({ title: v.pipe(v.string(), v.maxLength(limits.title)) }),
  dirty: v.object({ dirty: v.boolean() }),
  announce: v.object({ text: v.pipe(v.string(), v.maxLength(limits.summary)) }),
  escape: v.object({}),
  save_state: v.object({ state: v.unknown() }), // request → {}
  submit: v.object({
    result: v.record(v.string(), v.unknown()),
    summary: v.optional(v.pipe(v.string(), v.maxLength(limits.summary))),
    idempotency_key: v.pipe(v.string(), v.maxLength(limits.clientId)),
  }), // request → { accepted: true } | { accepted: false, errors }
  close: v.object({}),
  open_link: v.object({ url: v.string() }),
} as const;

export type ToPage = { [K in keyof typeof toPage]: v.InferOutput<(typeof toPage)[K]> };
export type FromPage = { [K in keyof typeof toWidgetFromPage]: v.InferOutput<(typeof toWidgetFromPage)[K]> };
