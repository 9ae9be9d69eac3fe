import { effect, type ReadonlySignal } from '@preact/signals';
import type { ComponentProps, FunctionComponent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Model } from '../model/model';
import { t } from '../text/locale';
import { Banners } from './Banners';
import { Composer } from './Composer';
import { ModelContext } from './context';
import { Empty } from './Empty';
import { Failed } from './Failed';
import { Header } from './Header';
import { later } from './later';
import { Skeleton } from './Skeleton';
import './app.css';

/** The messages: needed once there are some. What one types into is there before. */
export const log = later(() => import('./Log').then(({ Log }) => Log));

/** Shows the web views; comes with them. */
export type Sheets = FunctionComponent;

type AppProps = { model: Model; sheets: ReadonlySignal<Sheets | undefined> } & ComponentProps<typeof Composer>;

export function App({ model, sheets, files }: AppProps) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => listenForEscape(model), [model]);
  useEffect(() => followFocusWishes(model, root), [model]);
  const view = model.webViews.current.value;
  const Sheets = sheets.value;
  return (
    <ModelContext.Provider value={model}>
      <div class="panel" ref={root} tabIndex={-1}>
        <main class="chat" aria-label={t('conversation')} inert={view !== undefined}>
          <Body model={model} />
          <Composer files={files} />
        </main>
        {Sheets && <Sheets />}
        <Announcer model={model} />
      </div>
    </ModelContext.Provider>
  );
}

function Body({ model }: { model: Model }) {
  const hasRows = model.hasRows.value;
  const { phase } = model.session.state.value;
  const Log = log.value.value;
  useEffect(() => {
    if (hasRows) log.load();
  }, [hasRows]);
  return (
    <>
      <Header isBare={!hasRows && phase !== 'loading'} />
      <Banners />
      {hasRows ? (
        Log ? (
          <Log />
        ) : (
          <Skeleton />
        )
      ) : phase === 'failed' ? (
        <Failed />
      ) : phase === 'loading' && model.session.isExpected() ? (
        <Skeleton />
      ) : (
        <Empty />
      )}
    </>
  );
}

/**
 * What screen readers should hear that isn't a message: the log says those. Two regions that are always there, by turns: what comes into the
 * document together with its words often isn't spoken, nor are the same words in the same place once more.
 */
function Announcer({ model }: { model: Model }) {
  const { text, count } = model.panel.announcement.value;
  return [0, 1].map((turn) => (
    <p class="hidden-text" aria-live="polite" key={turn}>
      {count % 2 === turn && text}
    </p>
  ));
}

function listenForEscape(model: Model): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return;
    const view = model.webViews.current.peek();
    if (view) model.webViews.inside?.escape(view);
    else model.minimise(true);
    event.preventDefault();
  };
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

function followFocusWishes(model: Model, root: { current: HTMLElement | null }): () => void {
  return effect(() => {
    const wish = model.panel.focusWish.value;
    if (!wish) return;
    // After the drawing that the same change causes: what was inert isn't any more.
    const timer = setTimeout(() => {
      model.panel.focusWish.value = undefined;
      const find = (selector: string) => root.current?.querySelector<HTMLElement>(selector);
      const button = wish.to === 'button' && find(`[data-button="${CSS.escape(wish.key)}"]:not(:disabled)`);
      // On a phone focus in the composer would raise the keyboard over what there is to read.
      const target = button || (model.panel.isPhone.peek() ? root.current : find('.composer textarea'));
      (target ?? root.current)?.focus({ preventScroll: true });
    }, 0);
    return () => clearTimeout(timer);
  });
}
