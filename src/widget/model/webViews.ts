import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { buttonKey } from '../../client/conversation';
import type { LogEvent } from '../../client/events';
import { asFailure, Failure } from '../../client/failure';
import type { Live } from '../../client/live';
import { safeUrl } from '../../client/shape';
import type { Storage } from '../../client/storage';
import type { WebViewOpenAnswer } from '../../protocol/live';
import type { UrlButton } from '../../protocol/parts';
import { type WebViewSite, whyRefused } from '../../protocol/webViewUrl';
import type { CloseReason, FromPage, ViewSize } from '../../protocol/webview';
import { createCloseQueue } from './closeQueue';
import { createSaver, type Saver } from './saver';
import type { ShownViews } from './webViewDoor';
import { clampHeight } from './webViewRules';

/**
 * Web views: the business's own page over the conversation.
 *
 * `opening → open → leaving → gone`. Closing is one path (`leave`), whoever asks: the sheet hides at once, the page may
 * save for a moment unseen, the frame goes, history goes back, and then the close is reported, unless the log told of it.
 * A report is on disk before the page gets its moment, so a tab that dies in it loses nothing.
 */
export type View = {
  /** Tells apart two openings of one button. */
  n: number;
  key: string;
  messageId: string;
  button: number;
  phase: Signal<'opening' | 'open' | 'leaving'>;
  /** While it's leaving, the page lives on unseen. */
  isShown: ReadonlySignal<boolean>;
  answer: Signal<WebViewOpenAnswer | undefined>;
  title: Signal<string>;
  size: Signal<ViewSize>;
  /** Of the page, when it asked for one. */
  height: Signal<number | undefined>;
  /** The page couldn't be shown, or hasn't said hello and may never. */
  trouble: Signal<'silent' | 'blocked' | undefined>;
  /** Whether the document in the frame is at the origin that the button named: it has said so itself; nobody has said yet; it is another one. */
  place: Signal<'known' | 'declared' | 'moved'>;
  isDirty: Signal<boolean>;
  /** The page says that it can be used, before all of it has loaded. */
  isReady: Signal<boolean>;
  /** "Leave without finishing?" is on screen. */
  isAsking: Signal<boolean>;
  link: Signal<URL | undefined>;
  /** What a reload of the page is welcomed with. */
  state: unknown;
  /** Our end of the talk with the page, while there is one. */
  page: PageEnd | undefined;
  data: Record<string, unknown> | undefined;
  left: Promise<void> | undefined;
  hurry: () => void;
};

export type PageEnd = {
  update(data: Record<string, unknown>): void;
  /** Resolves with the state that the page wants saved, or undefined. */
  closing(reason: CloseReason, deadline: number): Promise<unknown>;
};

/** What the tap said. */
export type Target = { conversationId: string; messageId: string; index: number; button: UrlButton };

export type WebViews = {
  open(target: Target): Promise<void>;
  /** The customer wants out; asks back when the page has unsaved input. */
  requestClose(view: View): void;
  /** The key answers the question that is on screen with "stay", as it does in every dialog; else it's a wish to close. */
  escape(view: View): void;
  stay(view: View): void;
  leave(view: View, reason: CloseReason, how?: { isReported?: boolean; isBack?: boolean }): void;
  blocked(view: View): void;
  /** Back was pressed. True: there is something to ask first, so the view stays. */
  wentBack(): boolean;
  take(events: readonly LogEvent[]): void;
  taken(webViewId: string, owner: string): void;
  /** Connected again, or seen again: go on with what the server has paused meanwhile. */
  goOn(): void;
  pause(): void;
  /** The customer changed: everything away, at once. */
  drop(): void;
  /** Says what couldn't be said of closings before. */
  flush(): void;
  // ---- for the page's channel
  code(view: View): Promise<string>;
  submit(
    view: View,
    submission: FromPage['submit'],
  ): Promise<{ accepted: true } | { accepted: false; errors: { message: string }[] }>;
  save(view: View, state: unknown): Promise<object>;
  requestSize(view: View, size: ViewSize): ViewSize;
  resize(view: View, height: number): number;
  openLink(view: View, url: string): void;
};

export type WebViewsOptions = {
  shown: ShownViews;
  ask: Live['ask'];
  whenOnline: (timeoutMs: number) => Promise<void>;
  site: () => WebViewSite;
  ownOrigin: string;
  /** This tab's id of itself. */
  owner: string;
  storage: Storage;
  /** Where reports of closings are kept, by customer. */
  closesPrefix: () => string;
  /** Pixels that the page of a view can have at most. */
  mostHeight: () => number;
  isWatched: () => boolean;
  focus: (key: string) => void;
  onOpen: (webViewId: string) => void;
};
/** The browser's Back; see frames/backButton. */
export type BackEntry = { push(): void; back(): void };

const beatEvery = 20_000;
const lastWords = 1_500;

/** @param onLeave a view on screen is being left: not for the sheet to say, which may be gone before it is drawn once more */
export function createWebViews(
  options: WebViewsOptions,
  history: BackEntry,
  onLeave: (view: View) => void = () => {},
): WebViews {
  const { ask, owner } = options;
  const { all, notes, current } = options.shown;
  const closes = createCloseQueue({
    storage: options.storage,
    prefix: options.closesPrefix,
    send: (report) => ask('web_view_close', report),
  });
  let count = 0;
  let beat: ReturnType<typeof setInterval> | undefined;

  const note = (key: string, code: string | undefined) => {
    const { [key]: _, ...rest } = notes.peek();
    notes.value = code ? { ...rest, [key]: code } : rest;
  };
  const remove = (view: View) => {
    all.value = all.peek().filter((each) => each !== view);
  };
  const idOf = (view: View) => view.answer.peek()?.web_view_id ?? '';
  const named = (view: View) => ({ web_view_id: idOf(view), owner });

  async function askToOpen(view: View, conversationId: string): Promise<WebViewOpenAnswer> {
    const answer = await ask('web_view_open', {
      conversation_id: conversationId,
      message_id: view.messageId,
      button: view.button,
      owner,
    });
    const refused = whyRefused(answer.url, options.site(), options.ownOrigin);
    if (!refused) return answer;
    console.warn(`guichet: the web view ${answer.url} is not opened: ${refused}`);
    closes.add({ web_view_id: answer.web_view_id, owner, reason: 'blocked' });
    void closes.flush();
    throw new Failure('refused', refused, 'WEB_VIEW_URL_REFUSED');
  }

  async function open({ conversationId, messageId, index, button }: Target): Promise<void> {
    if (current.peek()) return;
    const key = buttonKey(messageId, index);
    const leaving = [...all.peek()];
    const view = createView(++count, key, messageId, index, button);
    conversationOf.set(view, conversationId);
    note(key, undefined);
    history.push();
    all.value = [...leaving, view];
    try {
      // The server must hear of the last close before this opening, or the close would hit the view that goes on.
      for (const each of leaving) each.hurry();
      await Promise.all(leaving.map((each) => each.left));
      await options.whenOnline(8_000);
      await closes.flush();
      const answer = await askToOpen(view, conversationId);
      view.answer.value = answer;
      view.state = answer.state;
      view.data = answer.data;
      view.size.value = answer.size;
      // The server's look may be out of date: the page is tried, with the way out beside it from the start.
      if (answer.framing === 'refused') view.trouble.value = 'silent';
      if (answer.title) view.title.value = answer.title;
      if (view.phase.peek() === 'leaving') {
        report(view, 'customer');
        return;
      }
      view.phase.value = 'open';
      options.onOpen(answer.web_view_id);
      clearInterval(beat);
      beat = setInterval(() => void keepAlive(view), beatEvery);
    } catch (error) {
      if (view.phase.peek() === 'leaving') return;
      note(key, asFailure(error).code);
      leave(view, 'blocked', { isReported: true });
    }
  }
  const conversationOf = new WeakMap<View, string>();

  async function keepAlive(view: View): Promise<void> {
    try {
      await ask('web_view_beat', named(view));
    } catch (error) {
      ended(view, asFailure(error));
    }
  }
  /** True when the server says that the view is no longer ours. */
  function ended(view: View, failure: Failure): boolean {
    if (failure.code === 'WEB_VIEW_TAKEN') note(view.key, failure.code);
    else if (failure.code !== 'WEB_VIEW_CLOSED' && failure.code !== 'WEB_VIEW_NOT_FOUND') return false;
    leave(view, 'replaced', { isReported: true });
    return true;
  }

  function report(view: View, reason: CloseReason): void {
    if (!idOf(view)) return;
    const said = reason === 'page' || reason === 'replaced' || reason === 'blocked' ? reason : 'customer';
    closes.add({ ...named(view), reason: said });
    void closes.flush();
  }

  function leave(view: View, reason: CloseReason, how: { isReported?: boolean; isBack?: boolean } = {}): void {
    if (view.phase.peek() === 'leaving') return;
    clearInterval(beat);
    const mustReport = !how.isReported && idOf(view) !== '';
    if (mustReport)
      closes.add({ ...named(view), reason: reason === 'page' || reason === 'blocked' ? reason : 'customer' });
    view.phase.value = 'leaving';
    options.focus(view.key);
    onLeave(view);
    view.left = finish(view, reason, mustReport, how.isBack ?? false);
  }

  async function finish(view: View, reason: CloseReason, mustReport: boolean, isBack: boolean): Promise<void> {
    const hurried = new Promise<undefined>((resolve) => {
      view.hurry = () => resolve(undefined);
    });
    const state =
      view.page && (await Promise.race([view.page.closing(reason, lastWords).catch(() => undefined), hurried]));
    if (reason !== 'submitted' && reason !== 'resolved') await saveLast(view, state);
    remove(view);
    // Where another view is on screen already, the entry is its.
    if (!isBack && !current.peek()) history.back();
    if (mustReport) await Promise.race([closes.flush(), new Promise((resolve) => setTimeout(resolve, 3_000))]);
  }

  async function resume(view: View): Promise<void> {
    try {
      const answer = await askToOpen(view, conversationOf.get(view) ?? '');
      // The former one is closed and this is another: the page on screen belongs to the former.
      if (answer.web_view_id !== idOf(view)) throw new Failure('refused', 'It is another view now.', 'WEB_VIEW_CLOSED');
      if (view.phase.peek() === 'leaving') report(view, 'customer');
    } catch (error) {
      ended(view, asFailure(error));
    }
  }

  /** The page's last words, or what still waited to be saved: the server takes both for a moment after the close, whoever closed. */
  async function saveLast(view: View, state: unknown): Promise<void> {
    if (!idOf(view)) return;
    const saved = state === undefined ? undefined : saverOf(view).save(state);
    savers.get(view)?.flush();
    await Promise.race([saved?.catch(() => {}), new Promise((resolve) => setTimeout(resolve, saved ? 2_000 : 0))]);
  }

  const savers = new WeakMap<View, Saver>();
  function saverOf(view: View): Saver {
    const saver = savers.get(view) ?? createSaver((state) => ask('web_view_save', { ...named(view), state }));
    savers.set(view, saver);
    return saver;
  }

  const hasToAsk = (view: View) =>
    view.isDirty.peek() && !view.isAsking.peek() && view.answer.peek()?.confirm_close_when_dirty !== false;

  const self: WebViews = {
    open,
    flush: () => void closes.flush(),
    requestClose(view) {
      if (hasToAsk(view) && view.phase.peek() === 'open') view.isAsking.value = true;
      else leave(view, view.trouble.peek() === 'blocked' ? 'blocked' : 'customer');
    },
    escape(view) {
      if (view.isAsking.peek()) self.stay(view);
      else self.requestClose(view);
    },
    stay(view) {
      view.isAsking.value = false;
    },
    leave,
    blocked(view) {
      view.trouble.value = 'blocked';
    },
    wentBack() {
      const view = current.peek();
      if (!view) return false;
      if (hasToAsk(view)) {
        view.isAsking.value = true;
        return true;
      }
      leave(view, 'customer', { isBack: true });
      return false;
    },
    take(events) {
      for (const event of events) {
        if (!event.type.startsWith('web_view_') || !('web_view' in event.data)) continue;
        const { id } = event.data.web_view;
        if (event.type === 'web_view_close') closes.settle(id);
        const view = all.peek().find((each) => idOf(each) === id);
        if (!view) continue;
        if (event.type === 'web_view_close') leave(view, event.data.reason, { isReported: true });
        if (event.type === 'web_view_pause' && view.phase.peek() === 'open' && options.isWatched()) void resume(view);
        if (event.type === 'web_view_update') {
          const { title, size, data } = event.data;
          if (title) view.title.value = title;
          if (size === 'compact' || size === 'tall' || size === 'full') self.requestSize(view, size);
          if (data) {
            view.data = data;
            view.page?.update(data);
          }
        }
      }
    },
    taken(webViewId, by) {
      const view = current.peek();
      if (!view || idOf(view) !== webViewId || by === owner) return;
      note(view.key, 'WEB_VIEW_TAKEN');
      leave(view, 'replaced', { isReported: true });
    },
    goOn() {
      const view = current.peek();
      if (view?.phase.peek() === 'open') void resume(view);
    },
    pause() {
      const view = current.peek();
      if (!view || !idOf(view)) return;
      savers.get(view)?.flush();
      void ask('web_view_pause', named(view)).catch(() => {});
    },
    drop() {
      clearInterval(beat);
      if (current.peek()) history.back();
      for (const view of all.peek()) view.phase.value = 'leaving';
      all.value = [];
      notes.value = {};
    },
    async code(view) {
      return (await ask('web_view_code', named(view))).code;
    },
    async submit(view, { result, summary, idempotency_key }) {
      try {
        const words = summary?.trim();
        await ask('web_view_submit', { ...named(view), idempotency_key, result, ...(words ? { summary: words } : {}) });
        view.isDirty.value = false;
        return { accepted: true };
      } catch (error) {
        const failure = asFailure(error);
        // Nobody knows whether it arrived: the page may try again with the same key.
        if (!failure.isFinal) throw failure;
        const named = failure.details?.map(({ path, expected }) => ({
          path,
          message: `${path} should be ${expected}`,
        }));
        return { accepted: false, errors: named ?? [{ message: failure.message }] };
      }
    },
    async save(view, state) {
      await saverOf(view).save(state);
      view.state = state;
      return {};
    },
    requestSize(view, size) {
      view.height.value = undefined;
      view.size.value = size;
      return size;
    },
    resize(view, height) {
      view.height.value = clampHeight(height, options.mostHeight());
      return view.height.value;
    },
    openLink(view, url) {
      const link = safeUrl(url);
      if (!link) throw new Error('expected an absolute http or https URL without user-info');
      view.link.value = link;
    },
  };
  return self;
}

function createView(n: number, key: string, messageId: string, index: number, button: UrlButton): View {
  const phase = signal<View['phase']['value']>('opening');
  return {
    n,
    key,
    messageId,
    button: index,
    phase,
    isShown: computed(() => phase.value !== 'leaving'),
    answer: signal<WebViewOpenAnswer | undefined>(undefined),
    title: signal(button.web_view?.title ?? button.label),
    size: signal<ViewSize>(button.web_view?.size ?? 'tall'),
    height: signal<number | undefined>(undefined),
    trouble: signal<'silent' | 'blocked' | undefined>(undefined),
    place: signal<View['place']['value']>('declared'),
    isDirty: signal(false),
    isReady: signal(false),
    isAsking: signal(false),
    link: signal<URL | undefined>(undefined),
    state: undefined,
    page: undefined,
    data: undefined,
    left: undefined,
    hurry: () => {},
  };
}
