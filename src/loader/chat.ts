import type { PageEvents, ToLoader, ToWidget } from '../protocol/frame';
import type { WidgetConfig } from '../protocol/theme';
import { type Options, settingsIn } from './config';
import { emit } from './events';
import { add, drawLauncher } from './launcher';

type Handlers = { [K in keyof ToLoader]: (data: ToLoader[K]) => void };

/** A frame that hasn't said hello by then is taken for blocked or unreachable; one that is only slow may still come. */
const helloWithinMs = 10_000;
/** A phone, upright or on its side, or as little room as that. */
const phoneScreen = '(max-width:480px),(max-height:480px)';

/**
 * One chat on a page: the launcher, and the frame once there is a reason for it: the customer's intent, a command that needs it,
 * or the key of a customer who was here before. Returns the commands of a running chat; `destroy` closes all that was opened.
 */
export function startChat(origin: string, options: Options) {
  const { site, launcher_label = 'Chat', allow = 'fullscreen' } = options;
  let { identity } = options;
  if (!site) throw Error('expected a site');
  let config = settingsIn(options);
  const life = new AbortController();
  const { signal } = life;
  const visual = visualViewport as VisualViewport;
  const phone = matchMedia(phoneScreen);
  const key = `guichet:${site}`;
  let seen: WidgetConfig = {};
  let isOpen = false;
  let isHidden = false;
  /** What the page's overflow is to be changed to: `hidden`, or what it was before. */
  let overflow = 'hidden';
  let count = '';
  let returning: unknown;
  let wasOpen: unknown;
  let frame: HTMLIFrameElement | undefined;
  let port: MessagePort | undefined;
  let answered: unknown;
  const waiting: ((data: unknown, ok: unknown) => void)[] = [];
  let patience: ReturnType<typeof setTimeout> | 0;
  let unsaid: object[] = [];

  const [host, corner, panel, button, words, badge, peek] = drawLauncher(toggle, load);
  const viewport = () => ({ phone: phone.matches, height: visual.height });

  /** What is said before the widget can hear waits for it. */
  function tell<K extends keyof ToWidget>(t: K, d: ToWidget[K], id?: number) {
    const message = { v: 1, t, d, id };
    if (port) port.postMessage(message);
    else unsaid.push(message);
  }

  function render() {
    const { brand_color, color_scheme, position, launcher }: WidgetConfig = { ...config, ...seen };
    const { label = '', hidden = isHidden } = launcher || {};
    const brand = /^#\w+$/.exec(brand_color as string) || '#0f6b5c';
    // White where that can be read, black elsewhere: at least 4.5:1 on any colour. The browser computes the luminance; those that can't, before 2024, have white.
    const full = isOpen && phone.matches;
    corner.style.colorScheme = color_scheme === 'auto' ? '' : (color_scheme as string);
    corner.className = `${position} ${isOpen && 'open'} ${full && 'full'} ${hidden && 'hidden'}`;
    words.textContent = label;
    button.style.cssText = `background:${brand};color:#fff;color:color(from ${brand} xyz ${'calc(1e9*(.18 - y)) '.repeat(3)})`;
    button.ariaExpanded = `${isOpen}`;
    button.ariaLabel = `${label || launcher_label} ${count}`;
    badge.textContent = count;
    panel.style.cssText = full ? `height:${visual.height}px;top:${visual.offsetTop}px` : '';
    if (full === (overflow === 'hidden')) {
      // Holds the page behind a full screen still, and gives it back as it was.
      const { style } = document.documentElement;
      [style.overflow, overflow] = [overflow, style.overflow];
    }
    tell('viewport', viewport());
  }

  /**
   * The one first-party key, `{returning, open}`: no id, no token. It is written once the widget says that the customer has a conversation;
   * then the next page loads the frame by itself. A storage that refuses is as good as none.
   */
  function remember() {
    try {
      if (returning) localStorage[key] = JSON.stringify({ returning, open: isOpen });
      else delete localStorage[key];
    } catch {}
  }

  function setOpen(value: boolean, focus: boolean) {
    const name = value ? 'open' : 'close';
    if (value) load();
    if (isOpen === value) return;
    isOpen = value;
    peek();
    render();
    if (focus) (value ? (frame as HTMLElement) : button).focus();
    if (returning) remember();
    tell(name, { focus });
    emit(name, {});
  }
  function open() {
    setOpen(true, true);
  }
  function close() {
    // A hidden frame gives its focus back to nobody.
    setOpen(false, document.activeElement === frame);
  }
  function toggle() {
    if (isOpen) close();
    else open();
  }

  function load() {
    if (patience || port) return;
    if (frame) frame.remove();
    patience = setTimeout(fail, helloWithinMs);
    frame = add(host, 'iframe');
    frame.title = launcher_label;
    frame.allow = allow;
    frame.src = `${origin}/widget/?site=${site}`;
  }

  function fail() {
    const message = `no answer from ${origin}. CSP? Host?`;
    unsaid = [];
    console.error(`guichet: ${message}`);
    if (isOpen) {
      count = '!';
      setOpen(false, true);
      peek('No answer. Try again.');
    }
    emit('error', { code: 'frame_blocked', message });
    // Only now: the launcher, which has the focus again, would start anew by it, and the customer's next tap would wait for that.
    patience = 0;
  }

  /** Each new document of the frame says hello, with one id, until it is answered; nobody else is, nor on another origin. */
  function onMessage({ source, origin: from, data }: MessageEvent) {
    if (
      !frame ||
      source !== frame.contentWindow ||
      from !== origin ||
      !data ||
      data.hello !== 'widget' ||
      data.id === answered
    )
      return;
    const { port1, port2 } = new MessageChannel();
    answered = data.id;
    (source as Window).postMessage({ guichet: 1, welcome: 'loader' }, origin, [port2]);
    clearTimeout(patience);
    if (port) port.close();
    port = port1;
    port.onmessage = ({ data: { t, d, re, ok } }) => (waiting[re] || handlers[t as 'event'] || Boolean)(d, ok);
    count = '';
    peek();
    tell('init', {
      config: config as Record<string, unknown>,
      open: isOpen,
      identity,
      locale: document.documentElement.lang,
      viewport: viewport(),
    });
    for (const message of unsaid.splice(0)) port.postMessage(message);
    render();
  }

  // In the order that compresses best.
  const handlers: Handlers = {
    open() {
      setOpen(true, false);
    },
    event: ({ name, data }) => emit(name as 'error', data as PageEvents['error']),
    /** For a web view that is to stand in this page: the widget goes on with that script, or without it. */
    host_view() {
      import(/* @vite-ignore */ `${origin}/host-view.js`).then(
        (script) => script.start(host, signal),
        () => tell('host_view', {}),
      );
    },
    unread(news) {
      count = `${news.count || ''}`;
      render();
      const { text, name }: { text?: string; name?: string } = (!isOpen && news.peek) || {};
      peek(text, name);
    },
    launcher(look) {
      seen = look as WidgetConfig;
      render();
    },
    close,
    returning(data) {
      returning = data.returning;
      remember();
    },
  };

  /** Asks the widget, which is loaded for it if need be. */
  function ask<K extends 'identify' | 'logout' | 'send'>(type: K, data: ToWidget[K]) {
    load();
    return new Promise((resolve, reject) => {
      setTimeout(reject, 2 * helloWithinMs, Error('no answer'));
      tell(type, data, waiting.push((value, ok) => (ok ? resolve(value) : reject(Error(value as string)))) - 1);
    });
  }

  const refit = () => {
    // While the customer zooms by pinching, the panel stays as it is.
    if (isOpen && visual.scale < 1.01) render();
  };
  addEventListener('message', onMessage, { signal });
  for (const type of ['resize', 'scroll']) visual.addEventListener(type, refit, { signal });
  render();

  try {
    ({ returning, open: wasOpen } = JSON.parse(localStorage[key]));
  } catch {}
  if (returning) {
    const comeBack = () => {
      if (signal.aborted) return;
      load();
      // A phone's whole screen isn't taken unasked: there the badge must do.
      if (wasOpen && !phone.matches) setOpen(true, false);
    };
    const whenIdle = () => (window.requestIdleCallback || setTimeout)(comeBack);
    if (document.readyState === 'complete') whenIdle();
    else addEventListener('load', whenIdle, { signal });
  }

  return {
    open,
    close,
    toggle,
    show() {
      isHidden = false;
      render();
    },
    hide() {
      isHidden = true;
      close();
      render();
    },
    /** Kept until there is a widget to tell: that a page vouches for its customer is no reason to load it. */
    identify(jwt: string) {
      if (!jwt.trim) throw Error('expected a JWT');
      identity = jwt;
      if (port) return ask('identify', { identity });
    },
    logout() {
      identity = undefined;
      count = returning = '';
      remember();
      peek();
      render();
      // What the widget keeps in its own origin must go too: it's loaded for it.
      return ask('logout', {});
    },
    send: (text: string) => ask('send', { text }),
    setConfig(changes: object) {
      config = { ...config, ...settingsIn(changes) };
      render();
      tell('config', { config: config as Record<string, unknown> });
    },
    destroy() {
      life.abort();
      isOpen = false;
      render();
      if (port) port.close();
      clearTimeout(patience);
      host.remove();
    },
  };
}
