/**
 * Whether the document that got a port is still the one in the frame. A port can be handed on, to a worker or another window, and then outlives its document; and
 * a parent sees the frame's `load`, but not whose: a hello and a `load` look the same when a document says hello before its own
 * `load`, and when it has done so after it and another has come since. So the parent asks whoever is in the frame now:
 *
 * 1. parent → frame `{guichet: 1, still: id}`, to the expected origin;
 * 2. frame → parent `{guichet: 1, still: id}`, from a document that has been welcomed.
 *
 * Over the windows: who holds nothing but the port can't answer.
 */
type Still = { guichet?: unknown; still?: unknown } | null;

/**
 * Parent side. Resolves with whether that frame's document has answered within `timeoutMs`.
 *
 * @param options.origin `null` for a sandboxed child without an origin
 */
export function askStill(options: {
  window: Window;
  frame: () => Window | null;
  origin: string;
  timeoutMs: number;
}): Promise<boolean> {
  const { window, frame, origin, timeoutMs } = options;
  return new Promise((resolve) => {
    const id = Math.random();
    const end = (isStill: boolean) => {
      clearTimeout(timer);
      window.removeEventListener('message', listen);
      resolve(isStill);
    };
    const listen = ({ source, origin: from, data }: MessageEvent<Still>) => {
      if (source && source === frame() && from === origin && data?.guichet === 1 && data.still === id) end(true);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    window.addEventListener('message', listen);
    frame()?.postMessage({ guichet: 1, still: id }, origin === 'null' ? '*' : origin);
  });
}

/** Child side, once welcomed: answers `parent`, as long as the document lives. @param origin the parent's */
export function answerStill(window: Window, parent: Window, origin: string): void {
  window.addEventListener('message', ({ source, origin: from, data }: MessageEvent<Still>) => {
    if (source === parent && from === origin && data?.guichet === 1 && data.still !== undefined)
      parent.postMessage({ guichet: 1, still: data.still }, origin);
  });
}
