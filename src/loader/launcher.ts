import { styles } from './styles';

/** Adds an element to `parent`; by calls and not by HTML, which pages with Trusted Types would refuse. */
export function add<K extends keyof HTMLElementTagNameMap>(parent: Node, tag: K, text = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  return parent.appendChild(element);
}

/**
 * What stands on the host page: one element; in its shadow root, out of reach of the page's CSS, the launcher, the newest message beside it
 * and the box of the panel. The frame is the element's child, slotted into the box.
 */
export function drawLauncher(onClick: () => void, onIntent: () => void) {
  // After the body, not in it: pages that swap or transform their body leave it alone. The page's direction is inherited.
  const host = add(document.documentElement, 'guichet-chat' as 'div');
  const root = host.attachShadow({ mode: 'open' });
  const corner = add(root, 'section');
  const panel = add(corner, 'div');
  const row = add(corner, 'header');
  const news = add(row, 'p');
  const button = add(row, 'button');

  try {
    // A constructed sheet needs no `style-src`.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Safari before 16.4.
    add(root, 'style', styles);
  }
  add(panel, 'slot');
  add(button, 'i');
  const words = add(button, 'span');
  news.ariaLive = 'polite';
  button.ariaHasPopup = 'dialog';
  button.onclick = onClick;
  button.onpointerenter = button.onfocus = onIntent;

  /** The newest message, to be opened or dismissed; no text takes it away. */
  function peek(text?: string, author?: string) {
    news.textContent = '';
    if (!text) return;
    const dismiss = add(news, 'button', '×');
    const newest = add(news, 'button');
    dismiss.ariaLabel = 'Dismiss';
    dismiss.onclick = () => {
      peek();
      button.focus();
    };
    add(newest, 'small', author);
    newest.append(text);
    newest.onclick = onClick;
  }

  return [host, corner, panel, button, words, add(button, 'b'), peek] as const;
}
