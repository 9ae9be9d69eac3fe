import { answerHello } from '../channel/hello';
import { askStill } from '../channel/still';
import type { FromHostView, HostView, ToHostView } from '../protocol/hostView';

/** Whatever the widget says: what it can't have in its own document it doesn't get in the host page's either. */
const grantable =
  /^allow-(?:scripts|forms|same-origin|popups|popups-to-escape-sandbox|storage-access-by-user-activation)$/;
/** Room for the page in the panel, over the widget's own frame. The loader's sheet stands before it. */
const styles = 'div{position:relative}::slotted([slot=page]){display:contents!important}';
/** The frame is out of reach of the page's CSS by these alone. */
const frameStyles = 'all:unset!important;position:absolute!important';

/** Within how many milliseconds of a breach of the host page's policy a load is taken for the browser's own error page. */
const breachCounts = 1_000;
const started = new WeakSet<Element>();

/**
 * Stands web views in the host page, over the hole that the widget leaves for them in its sheet: there a page of the host's own site
 * has its cookies. Fetched by the loader when the first such view opens, and called for each.
 *
 * All the talk is between page and widget: of the page's hello only window and origin are looked at here, and its port is passed on.
 *
 * @param host the chat's element
 * @param signal ends all of it
 */
export function start(host: Element, signal: AbortSignal): void {
  if (signal.aborted || started.has(host)) return;
  started.add(host);
  const root = host.shadowRoot as ShadowRoot;
  const panel = root.querySelector('div') as HTMLElement;
  // The loader may have put another in its place.
  const widget = () => host.querySelector(':scope > iframe') as HTMLIFrameElement;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  // Slotted, as the widget's frame is: a browser fills in no card in a frame that stands in a shadow tree.
  const slot = document.createElement('slot');
  const place = document.createElement('div');
  slot.name = place.slot = 'page';
  panel.append(slot);
  host.append(place);
  let remove = () => {};

  const stop = answerHello({
    window,
    frame: () => widget().contentWindow,
    origin: new URL(import.meta.url).origin,
    hello: 'view',
    welcome: 'host',
    onPort(port) {
      remove();
      remove = stand(place, port, () => widget().focus());
    },
  });
  signal.addEventListener('abort', () => {
    stop();
    remove();
  });
}

/** One page's frame, as the widget says by `port`; when the widget goes, so does the frame. Returns how to take it away. */
function stand(parent: HTMLElement, port: MessagePort, focusWidget: () => void): () => void {
  const tell = (message: FromHostView, ports: MessagePort[] = []) => port.postMessage(message, ports);
  const frame = document.createElement('iframe');
  /** Until there is a document to be seen, what the widget shows in its hole is. */
  let isThere = false;
  let isShown = false;
  let place = '';
  /** Of the page, as its URL says. */
  let real = '';
  /** As it is told by messages. */
  let shown = '';
  let breached = Number.NEGATIVE_INFINITY;
  let stopPage = () => {};

  function render() {
    frame.style.cssText = `${frameStyles};${place}visibility:${isShown && isThere ? 'visible' : 'hidden'}!important`;
  }
  function appear() {
    isThere = true;
    render();
  }
  function show({ url, origin, strict, title, sandbox, allow }: HostView) {
    const { protocol } = new URL(url);
    real = new URL(url).origin;
    // On the host's own origin, or by another scheme, a page could act in the host page's name.
    if (!/^https?:$/.test(protocol) || real !== origin || real === location.origin) return tell({ t: 'blocked' });
    shown = strict ? 'null' : origin;
    stopPage = answerHello({
      window,
      frame: () => frame.contentWindow,
      origin: shown,
      hello: 'page',
      welcome: 'widget',
      onPort(page) {
        tell({ t: 'port' }, [page]);
        appear();
      },
    });
    frame.onload = () => {
      tell({ t: performance.now() - breached < breachCounts ? 'blocked' : 'load' });
      breached = Number.NEGATIVE_INFINITY;
      appear();
    };
    frame.title = title;
    frame.sandbox.add(...sandbox.split(/\s+/).filter((token) => grantable.test(token)));
    frame.referrerPolicy = 'no-referrer';
    frame.allow = allow;
    frame.src = url;
    render();
    parent.append(frame);
  }
  // Whose frame it was isn't told. Where the page's own origin isn't let in, nothing will come; elsewhere the frame's next load tells.
  const onViolation = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) => {
    if (effectiveDirective !== 'frame-src') return;
    if (URL.canParse(blockedURI) && new URL(blockedURI).origin === real) tell({ t: 'blocked' });
    else breached = performance.now();
  };
  function remove() {
    stopPage();
    document.removeEventListener('securitypolicyviolation', onViolation);
    frame.remove();
    port.close();
  }

  document.addEventListener('securitypolicyviolation', onViolation);
  port.onmessage = ({ data }: MessageEvent<ToHostView>) => {
    switch (data.t) {
      case 'view':
        return show(data.view);
      case 'box': {
        const { x, y, width, height } = data.box;
        const sides = Object.entries({ left: x, top: y, width, height });
        place = sides.map(([side, pixels]) => `${side}:${+pixels}px!important;`).join('');
        isShown = data.isShown;
        // Who typed in the page is in the conversation now: hidden, it would keep the focus, or give it to nobody.
        if (!isShown && document.activeElement === frame) focusWidget();
        return render();
      }
      case 'title':
        frame.title = data.title;
        return;
      case 'still':
        return void askStill({
          window,
          frame: () => frame.contentWindow,
          origin: shown,
          timeoutMs: data.timeoutMs,
        }).then((isStill) => isStill && tell({ t: 'still', id: data.id }));
      case 'remove':
        return remove();
    }
  };
  // Where the browser tells that the widget's document is gone.
  port.addEventListener('close', remove);
  return remove;
}
