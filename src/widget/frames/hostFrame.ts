import { effect, type ReadonlySignal } from '@preact/signals';
import type { Box, FromHostView, ToHostView } from '../../protocol/hostView';
import type { WebViewOpenAnswer } from '../../protocol/live';
import { cleanSandbox } from '../model/webViewRules';
import { type OpenPageFrame, stillWithin } from './pageFrame';

/** The page that embeds the chat, as far as it lends its room for web views. */
export type HostPage = {
  origin: string;
  /** A port to the script that stands frames there. Rejects where that can't be had. */
  portForView(): Promise<MessagePort>;
};

/**
 * A frame in the host page, over a hole in the widget's sheet. The same talk as with a nested one.
 *
 * @param on.fail it can't be there (the host page's policy, an older loader): nothing was shown
 * @param on.blocked a page was there, and then led to where it may not be
 */
export function hostFrame(
  host: HostPage,
  hole: HTMLElement,
  { url, origin, strict, allow, sandbox }: WebViewOpenAnswer,
  view: { title: ReadonlySignal<string>; isShown: ReadonlySignal<boolean> },
  on: { fail: () => void; blocked: () => void; shown: () => void },
): OpenPageFrame {
  return ({ onPort, onLoad }) => {
    let stop = () => {};
    let isOver = false;
    let tell: (message: ToHostView) => void = () => {};
    const asked = new Map<number, () => void>();
    const end = () => {
      isOver = true;
      stop();
    };

    function begin(port: MessagePort): void {
      if (isOver) {
        port.close();
        return;
      }
      let wasThere = false;
      tell = (message) => port.postMessage(message);
      port.onmessage = ({ data, ports: [page] }: MessageEvent<FromHostView>) => {
        if (isOver) return;
        if (data.t === 'load') {
          wasThere = true;
          on.shown();
          onLoad();
        } else if (data.t === 'port' && page) {
          wasThere = true;
          onPort(page);
        } else if (data.t === 'still') {
          asked.get(data.id)?.();
        } else if (data.t === 'blocked') {
          if (wasThere) return on.blocked();
          end();
          on.fail();
        }
      };
      tell({
        t: 'view',
        view: { url, origin, strict, allow, sandbox: cleanSandbox(sandbox), title: view.title.peek() },
      });
      const stopBox = followBox(hole, view.isShown, tell);
      const stopTitle = effect(() => tell({ t: 'title', title: view.title.value }));
      stop = () => {
        stopBox();
        stopTitle();
        tell({ t: 'remove' });
        port.close();
      };
    }
    host.portForView().then(begin, () => {
      if (!isOver) on.fail();
    });
    return {
      isStill: () =>
        new Promise((resolve) => {
          const id = Math.random();
          const answer = (isStill: boolean) => {
            clearTimeout(timer);
            asked.delete(id);
            resolve(isStill);
          };
          const timer = setTimeout(() => answer(false), stillWithin);
          asked.set(id, () => answer(true));
          tell({ t: 'still', id, timeoutMs: stillWithin });
        }),
      stop: end,
    };
  };
}

/** Frames for which the hole has to lie still before it isn't looked at any more. */
const stillFor = 15;

/** Tells where the hole is, whenever that changes: it slides in, is dragged, makes room for a question, the keyboard comes. */
function followBox(
  hole: HTMLElement,
  isShown: ReadonlySignal<boolean>,
  tell: (message: ToHostView) => void,
): () => void {
  let known = '';
  let still = 0;
  let frame = 0;
  function look() {
    const { x, y, width, height } = hole.getBoundingClientRect();
    const box: Box = { x, y, width, height };
    const now = JSON.stringify([box, isShown.peek()]);
    still = now === known ? still + 1 : 0;
    if (now !== known) tell({ t: 'box', box, isShown: isShown.peek() });
    known = now;
    frame = still < stillFor ? requestAnimationFrame(look) : 0;
  }
  function wake() {
    still = 0;
    if (!frame) look();
  }
  const sheet = hole.closest('.sheet') ?? hole;
  const sizes = new ResizeObserver(wake);
  sizes.observe(hole);
  sizes.observe(sheet);
  const moves = new MutationObserver(wake);
  moves.observe(sheet, { attributes: true, childList: true });
  window.addEventListener('resize', wake);
  const stopShown = effect(() => {
    isShown.value;
    wake();
  });
  return () => {
    cancelAnimationFrame(frame);
    sizes.disconnect();
    moves.disconnect();
    window.removeEventListener('resize', wake);
    stopShown();
  };
}
