/**
 * Widget ⇄ `host-view.js` on the host page. The widget draws the sheet and leaves a hole in it; the script stands the page's frame over the hole, and
 * passes on the port of whoever says hello there.
 *
 * The loader fetches the script when the widget asks (`host_view`). Then the widget says `{ guichet: 1, hello: 'view', id }` to the host page, once for each
 * view, and the script answers, as the widget does to pages, with `{ guichet: 1, welcome: 'host' }` and a MessagePort; all else goes over that.
 */
export type HostView = {
  url: string;
  /** Of the page; nobody else in the frame is answered. */
  origin: string;
  /** The page's origin is opaque: it is known by its window alone. */
  strict: boolean;
  title: string;
  sandbox: string;
  /** Of the frame: which permissions it has. */
  allow: string;
};

/** CSS pixels from the panel's upper left corner. */
export type Box = { x: number; y: number; width: number; height: number };

export type ToHostView =
  /** First on the port. */
  | { t: 'view'; view: HostView }
  /** Where the frame is to be; out of sight, it lives on. */
  | { t: 'box'; box: Box; isShown: boolean }
  | { t: 'title'; title: string }
  /** Is the document in the frame still one that was welcomed? Answered by the same, when and if it says so. */
  | { t: 'still'; id: number; timeoutMs: number }
  | { t: 'remove' };

export type FromHostView =
  /** The frame shows another document. */
  | { t: 'load' }
  /** The page has said hello and holds the other end of the port that comes along. */
  | { t: 'port' }
  | { t: 'still'; id: number }
  /** The host page's Content-Security-Policy doesn't let it be framed. */
  | { t: 'blocked' };
