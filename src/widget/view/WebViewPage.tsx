import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { WebViewOpenAnswer } from '../../protocol/live';
import { cleanSandbox } from '../model/webViewRules';
import type { View } from '../model/webViews';
import { s } from '../text/parts/sheet';

/** Where the page's frame can stand, and who begins the talk with it there; each returns how to end it. */
export type PageFrames = {
  nest: (iframe: HTMLIFrameElement, view: View, answer: WebViewOpenAnswer) => () => void;
  mayStandInHost: (answer: WebViewOpenAnswer) => boolean;
  standInHost: (
    hole: HTMLElement,
    view: View,
    answer: WebViewOpenAnswer,
    on: { onFail: () => void; onShown: () => void },
  ) => () => void;
};

type Props = { view: View; answer: WebViewOpenAnswer; frames: PageFrames };

/** The page, or the hole over which it stands in the host page. */
export function WebViewPage({ view, answer, frames }: Props) {
  const isInHost = useSignal(frames.mayStandInHost(answer));
  const isLoaded = useSignal(false);
  const onShown = () => {
    isLoaded.value = true;
  };
  const onFail = () => {
    isInHost.value = false;
  };
  const height = view.height.value;
  const Frame = isInHost.value ? InHost : Nested;
  return (
    <div class="page" style={{ '--page-height': height === undefined ? null : `${height}px` }}>
      {!isLoaded.value && !view.isReady.value && <Loading />}
      <Frame view={view} answer={answer} frames={frames} onShown={onShown} onFail={onFail} />
    </div>
  );
}

type FrameProps = Props & { onShown: () => void; onFail: () => void };

function Nested({ view, answer, frames, onShown }: FrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  // Before the browser has had the time to load anything: no hello is missed.
  useLayoutEffect(() => (frame.current ? frames.nest(frame.current, view, answer) : undefined), []);
  return (
    <iframe
      ref={frame}
      sandbox={cleanSandbox(answer.sandbox)}
      referrerpolicy="no-referrer"
      allow={answer.allow}
      title={view.title.value}
      src={answer.url}
      onLoad={onShown}
    />
  );
}

function InHost({ view, answer, frames, onShown, onFail }: FrameProps) {
  const hole = useRef<HTMLDivElement>(null);
  useLayoutEffect(
    () => (hole.current ? frames.standInHost(hole.current, view, answer, { onFail, onShown }) : undefined),
    [],
  );
  return <div ref={hole} class="hole" />;
}

export const Loading = () => (
  <div class="loading" role="status">
    <span class="spinner" />
    <span class="hidden-text">{s('loading')}</span>
  </div>
);
