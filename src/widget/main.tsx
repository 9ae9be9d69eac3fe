import { computed, effect, signal } from '@preact/signals';
import { render } from 'preact';
import { openDisk } from '../client/disk';
import { openLive } from '../client/live';
import { openRest } from '../client/rest';
import { attemptJson } from '../client/shape';
import { readSite } from '../client/site';
import { openStorage } from '../client/storage';
import { openSharedSocket } from '../client/tabs/sharedSocket';
import { tabWorld } from '../client/tabs/tabWorld';
import type { PageEvents } from '../protocol/frame';
import type { HostPage } from './frames/hostFrame';
import { connectToLoader } from './frames/toLoader';
import { newId } from './model/id';
import { createModel } from './model/model';
import { chooseLocale, locale, setLocale } from './text/locale';
import { applyTheme } from './theme/theme';
import { App, log, type Sheets } from './view/App';
import { later } from './view/later';

/** What the document says of its site; the server wrote it there. */
const site = attemptJson(readSite, document.getElementById('site')?.textContent ?? '') ?? {
  id: new URLSearchParams(location.search).get('site') ?? '',
  config: {},
  hosts: [],
  web_view_origins: [],
  allow_host_origin: false,
  uploads: false,
};

const tabs = tabWorld(window, newId);
const sheets = signal<Sheets | undefined>(undefined);
const storage = openStorage(() => localStorage);
const model = createModel({
  site,
  origin: location.origin,
  storage,
  disk: openDisk(storage, () => indexedDB),
  locks: navigator.locks,
  channel: (name) => new BroadcastChannel(name),
  rest: openRest('/widget/v1', (input, init) => fetch(input, init)),
  openLive: (options) => openLive(options, tabs && ((link) => openSharedSocket(tabs, link))),
  openChannel: tabs?.openChannel,
  newId,
  async loadWebViews(options) {
    const { openWebViews } = await import('./webViews');
    const opened = openWebViews(window, model, theme, options, () => hostPage);
    sheets.value = opened.Sheets;
    return opened.webViews;
  },
  height: window.innerHeight,
  isVisible: document.visibilityState === 'visible',
});
const files = later(async () => (await import('./attachments')).openAttachments(model, '/widget/v1'));
const theme = applyTheme(window, model.config.value);

let pageLocale: string | undefined;
effect(() => {
  const tag = chooseLocale([model.config.value.value.locale, pageLocale, ...navigator.languages]);
  if (tag !== document.documentElement.lang || tag !== locale.peek().tag) void setLocale(tag, document);
});
effect(() => {
  document.title = model.config.value.value.name ?? 'Chat';
});

const root = document.getElementById('root');
if (root) {
  render(<App model={model} sheets={sheets} files={files.value} />, root);
}

// Whoever opens the panel is about to need the socket, and soon the messages; whoever only hovers isn't.
const isWanted = computed(() => model.panel.isOpen.value || model.session.state.value.phase !== 'idle');
effect(() => {
  if (!isWanted.value) return;
  void import('../client/socketio/connect').catch(() => {});
  setTimeout(log.load, model.session.isExpected() ? 0 : 1_500);
  if (model.takesFiles.value) setTimeout(files.load, 1_000);
});

let hostPage: HostPage | undefined;
connectToLoader(window, model, (tag) => {
  pageLocale = tag;
  const chosen = chooseLocale([model.config.value.value.locale, pageLocale, ...navigator.languages]);
  if (chosen !== locale.peek().tag) void setLocale(chosen, document);
}).then(
  (page) => {
    hostPage = page;
  },
  (error) => console.warn(`guichet: no answer from the host page: ${error.message}`),
);

model.on((name, data) => {
  if (name !== 'message_received' || model.panel.isWatched.peek()) return;
  // Elsewhere the browser would keep it quiet, and say so in the console.
  if (model.config.value.peek().features?.sound === false || !navigator.userActivation?.hasBeenActive) return;
  const { id } = data as PageEvents['message_received'];
  void import('./sound').then(({ ring }) => ring(id, () => model.thread.unread.peek().length > 0)).catch(() => {});
});
window.addEventListener('resize', () => model.panel.setHeight(window.innerHeight));
/**
 * A page that comes back out of the back/forward cache wakes a moment later: the one that the customer leaves for it may still be letting
 * go, in a process of its own, and a lock that is wanted or a message on a channel would cost that one its place in the cache.
 */
let isAway = false;
let waking: ReturnType<typeof setTimeout> | undefined;
function wake(): void {
  if (!isAway) {
    model.wake();
    return;
  }
  waking ??= setTimeout(() => {
    waking = undefined;
    isAway = false;
    model.wake();
  }, 400);
}
document.addEventListener('visibilitychange', () => {
  const isVisible = document.visibilityState === 'visible';
  model.panel.setVisible(isVisible);
  if (isVisible) wake();
  else model.composer.flush();
});
window.addEventListener('online', wake);
window.addEventListener('focus', wake);
// What an open page holds would keep it out of that cache: let go, and taken again on the way back.
window.addEventListener('pagehide', () => {
  isAway = true;
  clearTimeout(waking);
  waking = undefined;
  model.sleep();
});
window.addEventListener('pageshow', ({ persisted }) => persisted && wake());
// Frozen it would keep from the other tabs what it holds: nobody may wait for it.
document.addEventListener('freeze', () => model.sleep());
document.addEventListener('resume', wake);
document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
  const view = model.webViews.current.peek();
  if (view && effectiveDirective === 'frame-src') model.webViews.inside?.blocked(view);
});
