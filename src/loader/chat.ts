import { isHello } from '../channel/hello';
import type { PageEvents, ToLoader, ToWidget } from '../protocol/frame';
import { checkConfig, type PageConfig } from './config';
import { emit } from './events';
import { inkOn } from './ink';
import { drawLauncher } from './launcher';

type Handlers = { [K in keyof ToLoader]: (data: ToLoader[K]) => void };

/** A frame that hasn't said hello by then is taken for blocked or unreachable; one that is only slow may still come. */
const helloWithinMs = 10_000;
/** Narrow, or a phone on its side. */
const phoneScreen = '(max-width:480px),(max-height:480px) and (pointer:coarse)';

/**
 * One chat on a page: the launcher, and the frame once there is a reason for it: the customer's intent, a command that needs it,
 * or the key of a customer who was here before. Returns the commands of a running chat; `destroy` closes all that was opened.
 */
export function startChat(origin: string, config: PageConfig) {
  const { site } = config;
  if (!site) throw Error('expected {site}');
  const life = new AbortController();
  const { signal } = life;
  const visual = visualViewport as VisualViewport;
  const phone = matchMedia(phoneScreen);
  const key = `guichet:${site}`;
  let ofSite: PageConfig = {};
  let isOpen = false;
  let isHidden = false;
  let isLocked = false;
  let overflow = 'hidden';
  let count = '';
  let returning: unknown;
  let wasOpen: unknown;
  let frame: HTMLIFrameElement | undefined;
  let port: MessagePort | undefined;
  let answered: unknown;
  let waiting: ((data: unknown, ok: unknown) => void)[];
  let patience: ReturnType<typeof setTimeout> | 0;
  let settle: () => unknown = Boolean;
  let settled: Promise<void>;

  const [host, corner, panel, button, badge, peek] = drawLauncher(toggle, load);
  const viewport = () => ({ phone: phone.matches, height: visual.height });

  function tell<K extends keyof ToWidget>(t: K, d: ToWidget[K], id?: number) {
    if (port) port.postMessage({ v: 1, t, d, id });
  }

  function render() {
    const look: PageConfig = Object.assign({}, ofSite, config);
    const { brand_color = '#0f6b5c', launcher_label = 'Chat' } = look;
    const full = isOpen && phone.matches;
    corner.className = `${look.color_scheme} ${look.position} ${isOpen && 'open'} ${full && 'full'} ${isHidden && 'hidden'}`;
    button.style.cssText = `background:${brand_color};color:${inkOn(brand_color)}`;
    button.ariaExpanded = `${isOpen}`;
    button.ariaLabel = `${launcher_label} ${count}`;
    badge.textContent = count;
    if (frame) frame.title = launcher_label;
    panel.style.cssText = full ? `height:${visual.height}px;top:${visual.offsetTop}px` : '';
    if (full !== isLocked) {
      // Holds the page behind a full screen still, and gives it back as it was.
      const { style } = document.documentElement;
      const before = style.overflow;
      style.overflow = overflow;
      overflow = before;
      isLocked = full;
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
    settled = new Promise((go) => {
      settle = go;
    });
    patience = setTimeout(fail, helloWithinMs);
    frame = document.createElement('iframe');
    frame.src = `${origin}/widget/?site=${site}`;
    host.append(frame);
    render();
  }

  function endWait() {
    clearTimeout(patience);
    patience = 0;
    settle();
  }

  function fail() {
    const message = `no answer: ${origin} is down, not in this page's CSP frame-src, or ${location.host} is no host of ${site}`;
    endWait();
    console.error(`guichet: ${message}`);
    if (isOpen) {
      count = '!';
      setOpen(false, true);
      peek("The chat couldn't load. Try again.");
    }
    emit('error', { code: 'frame_blocked', message });
  }

  /** Each new document of the frame says hello, repeatedly until it is answered. */
  function onMessage(event: MessageEvent) {
    if (!isHello(event, frame && frame.contentWindow, origin, 'widget') || event.data.id === answered) return;
    const { port1, port2 } = new MessageChannel();
    answered = event.data.id;
    (event.source as Window).postMessage({ guichet: 1, welcome: 'loader' }, origin, [port2]);
    if (port) port.close();
    port = port1;
    port.onmessage = ({ data: { t, d, re, ok } }) => (waiting[re] || handlers[t as 'event'] || Boolean)(d, ok);
    waiting = [];
    count = '';
    peek();
    tell('init', {
      config: config as Record<string, unknown>,
      open: isOpen,
      identity: config.identity,
      locale: document.documentElement.lang || undefined,
      viewport: viewport(),
    });
    if (isOpen) tell('open', { focus: document.activeElement === frame });
    render();
    endWait();
  }

  const handlers: Handlers = {
    ready: () => emit('ready', {}),
    close,
    unread(news) {
      count = news.count > 99 ? '99+' : `${news.count || ''}`;
      render();
      if (news.peek && !isOpen) peek(news.peek.text, news.peek.name);
      else peek();
      emit('unread', { count: news.count });
    },
    returning(data) {
      returning = data.returning;
      remember();
    },
    launcher(look) {
      ofSite = checkConfig(look);
      render();
    },
    event: ({ name, data }) => emit(name as 'error', data as PageEvents['error']),
  };

  /** Asks the widget, which is loaded for it if need be. */
  async function ask<K extends 'identify' | 'logout' | 'send'>(type: K, data: ToWidget[K]) {
    load();
    await settled;
    if (!port) throw Error('no answer');
    return new Promise((resolve, reject) => {
      setTimeout(reject, 10_000, Error('no answer'));
      tell(type, data, waiting.push((value, ok) => (ok ? resolve(value) : reject(Error(`${value}`)))) - 1);
    });
  }

  const refit = () => {
    // While the customer zooms by pinching, the panel stays as it is.
    if (isOpen && visual.scale < 1.01) render();
  };
  addEventListener('message', onMessage, { signal });
  visual.addEventListener('resize', refit, { signal });
  visual.addEventListener('scroll', refit, { signal });
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
    identify(identity: unknown) {
      config.identity = words(identity);
      if (port) return ask('identify', { identity: config.identity });
    },
    logout() {
      delete config.identity;
      count = '';
      returning = false;
      remember();
      peek();
      render();
      // What the widget keeps in its own origin must go too: it's loaded for it.
      return ask('logout', {});
    },
    send: (text: unknown) => ask('send', { text: words(text) }),
    setConfig(changes: object) {
      Object.assign(config, checkConfig(changes));
      render();
      tell('config', { config: config as Record<string, unknown> });
    },
    destroy() {
      life.abort();
      if (port) port.close();
      port = undefined;
      isOpen = false;
      render();
      endWait();
      host.remove();
    },
  };
}

function words(value: unknown): string {
  if (typeof value !== 'string') throw Error('expected a text');
  return value;
}
