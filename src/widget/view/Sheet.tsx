import { useEffect, useRef } from 'preact/hooks';
import { safeUrl } from '../../client/shape';
import type { WebViewOpenAnswer } from '../../protocol/live';
import type { View, WebViews } from '../model/webViews';
import { t } from '../text/locale';
import { s } from '../text/parts/sheet';
import { useModel } from './context';
import { Icon } from './icons';
import { swipeDown } from './swipe';
import { Loading, type PageFrames, WebViewPage } from './WebViewPage';
import './sheet.css';

/**
 * The business's page, over the conversation. Whose page it is, where it really comes from and the way out stand outside the
 * frame, where the page can't reach. While it's leaving, the frame lives on unseen so that the page can save.
 */
export type SheetProps = {
  view: View;
  webViews: WebViews;
  frames: PageFrames;
};

export function Sheet({ view, webViews, frames }: SheetProps) {
  const model = useModel();
  const sheet = useRef<HTMLElement>(null);
  const grip = useRef<HTMLElement>(null);
  const closeButton = useRef<HTMLButtonElement>(null);
  const phase = view.phase.value;
  const isLeaving = phase === 'leaving';
  const answer = view.answer.value;
  const title = view.title.value;
  const place = view.place.value;
  const origin = answer ? hostOf(answer.origin) : ' ';
  const isBlocked = view.trouble.value === 'blocked';
  const name = model.config.value.value.name ?? '';

  useEffect(() => closeButton.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    if (!isLeaving) return undefined;
    // The page may still take the focus into its frame, where nobody sees it; with the frame it would be lost.
    const takeFocusBack = () => {
      if (sheet.current?.contains(document.activeElement))
        model.panel.focusWish.value = { to: 'button', key: view.key };
    };
    window.addEventListener('blur', takeFocusBack);
    return () => {
      window.removeEventListener('blur', takeFocusBack);
      takeFocusBack();
    };
  }, [isLeaving]);
  useEffect(() => {
    if (grip.current && sheet.current) return swipeDown(grip.current, sheet.current, () => webViews.requestClose(view));
    return undefined;
  }, []);

  return (
    <div class={`layer${isLeaving ? ' leaving' : ''}`} inert={isLeaving}>
      <div class="scrim" />
      <section
        ref={sheet}
        class={`sheet ${view.size.value}${view.height.value === undefined ? '' : ' fitted'}`}
        role="dialog"
        aria-modal="true"
        aria-label={title}
      >
        <header ref={grip} class="grip">
          <span class="handle" aria-hidden="true" />
          <div class="bar">
            <div class="grow">
              <h2 dir="auto">{title}</h2>
              <p class={`origin ${place}`}>
                <Icon name="lock" />
                {place === 'moved' ? (
                  <span>{s('moved', { host: isolate(origin) })}</span>
                ) : (
                  <bdi dir="ltr">{origin}</bdi>
                )}
              </p>
            </div>
            <button
              ref={closeButton}
              type="button"
              class="icon-button"
              aria-label={s('close', { title })}
              title={s('close', { title })}
              onClick={() => webViews.requestClose(view)}
            >
              <Icon name="x" />
            </button>
          </div>
        </header>
        {!answer?.readable_by_host && place !== 'moved' && (
          <p class={answer ? 'trust' : 'trust unknown'}>
            <Icon name="shield" />
            <span>{s('trust', { name: isolate(name) })}</span>
          </p>
        )}
        {view.isAsking.value && <Asking view={view} webViews={webViews} />}
        {view.link.value && <LinkOffer view={view} url={view.link.value} />}
        {answer && isBlocked && <Blocked url={tabUrlOf(answer)} />}
        {answer && !isBlocked && <WebViewPage view={view} answer={answer} frames={frames} />}
        {!answer && !isLeaving && (
          <div class="page">
            <Loading />
          </div>
        )}
        {answer && view.trouble.value === 'silent' && (
          <p class="offer" role="status">
            <span>{s('silent')}</span>
            <a href={tabUrlOf(answer)} target="_blank" rel="noopener noreferrer">
              {t('viewOpenTab')}
            </a>
          </p>
        )}
      </section>
    </div>
  );
}

/** The page outside the chat; nothing but http and https, whatever the server says. */
const tabUrlOf = ({ url, fallback_url: other }: WebViewOpenAnswer) => (other && safeUrl(other)?.href) || url;

/** A name in a sentence keeps its own direction to itself. */
const isolate = (name: string) => `\u2068${name}\u2069`;

/** Punycode as it is: what looks like another name isn't shown as one. */
const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : origin);

const Blocked = ({ url }: { url: string }) => (
  <div class="page failed" role="alert">
    <span class="sign">
      <Icon name="alert" />
    </span>
    <h2>{s('blockedTitle')}</h2>
    <a class="url-button" href={url} target="_blank" rel="noopener noreferrer">
      {t('viewOpenTab')}
      <Icon name="out" class="turns" />
    </a>
  </div>
);

function Asking({ view, webViews }: Pick<SheetProps, 'view' | 'webViews'>) {
  const stay = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    stay.current?.focus();
    // Who stays is where they were; who leaves is taken to the conversation.
    return () => before instanceof HTMLElement && before.focus({ preventScroll: true });
  }, []);
  return (
    <div class="ask" role="alertdialog" aria-label={s('leave')} aria-describedby="leave-text">
      <p>
        <b>{s('leave')}</b> <span id="leave-text">{s('leaveText')}</span>
      </p>
      <div class="choices">
        <button type="button" class="quiet" onClick={() => webViews.leave(view, 'customer')}>
          {s('leaveNow')}
        </button>
        <button ref={stay} type="button" class="primary" onClick={() => webViews.stay(view)}>
          {s('stay')}
        </button>
      </div>
    </div>
  );
}

/** The page asked for it; the customer's own tap opens it. */
function LinkOffer({ view, url }: { view: View; url: URL }) {
  const dismiss = () => {
    view.link.value = undefined;
  };
  return (
    <div class="ask" role="status">
      <p>{s('link', { host: url.host })}</p>
      <div class="choices">
        <button type="button" class="quiet" onClick={dismiss}>
          {s('linkNot')}
        </button>
        <a class="primary" href={url.href} target="_blank" rel="noopener noreferrer" onClick={dismiss}>
          {s('linkOpen')}
        </a>
      </div>
    </div>
  );
}
