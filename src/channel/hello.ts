import { ChannelError } from './port';

/**
 * How a frame and its parent find each other. The child speaks first, since only it knows when it listens:
 *
 * 1. child → parent `{guichet: 1, hello: name, id}`, holding nothing secret, repeated until answered;
 * 2. parent → child `{guichet: 1, welcome: name}` and a MessagePort, to exactly the origin that the parent expects there;
 * 3. all else goes over the port, which nobody else can listen to.
 *
 * `id` is one number for all the repeats of one hello: the parent answers them once, so that both sides hold the two ends of
 * the same port however slow either is. Anything else that is posted to these windows is none of our business.
 */
type Welcome = { guichet?: unknown; welcome?: unknown };

/** Whether that very frame says this hello, on that very origin. */
function isHello(
  { source, origin, data }: MessageEvent,
  frame: Window | null | undefined,
  expected: string,
  hello: string,
): boolean {
  return !!frame && source === frame && origin === expected && !!data && data.guichet === 1 && data.hello === hello;
}

/** Hellos that are answered at once; then one a second. An honest child repeats its own until it is answered. */
const answeredAtOnce = 10;

/**
 * Parent side. Answers each hello of exactly that frame's window and that origin with a new port. Returns stop().
 *
 * @param options.origin `null` for a sandboxed child without an origin: it is known by its window alone
 */
export function answerHello(options: {
  window: Window;
  frame: () => Window | null;
  origin: string;
  hello: string;
  welcome: string;
  onPort: (port: MessagePort) => void;
}): () => void {
  const { window, frame, origin, hello, welcome, onPort } = options;
  let answered: unknown;
  let left = answeredAtOnce;
  const more = setInterval(() => {
    left = Math.min(left + 1, answeredAtOnce);
  }, 1_000);

  const listen = (event: MessageEvent) => {
    const child = frame();
    if (left < 1 || !isHello(event, child, origin, hello)) return;
    const { id } = event.data;
    if (id !== undefined && id === answered) return;
    answered = id;
    left--;
    const { port1, port2 } = new MessageChannel();
    child?.postMessage({ guichet: 1, welcome }, origin === 'null' ? '*' : origin, [port2]);
    onPort(port1);
  };

  window.addEventListener('message', listen);
  return () => {
    clearInterval(more);
    window.removeEventListener('message', listen);
  };
}

const firstRepeatMs = 16;
const lastRepeatMs = 2_000;

/**
 * Child side. Says hello to `parent`, to each target origin, with backoff until answered, and resolves with the port of the first
 * welcome whose source is `parent` and whose origin `accept` takes. Rejects with `ChannelError`: `timeout` after `timeoutMs` (none
 * unless said), `closed` when the signal aborts; or with what the browser says of a target that is no origin.
 */
export function sayHello(options: {
  window: Window;
  parent: Window;
  targets: string[];
  hello: string;
  welcome: string;
  accept: (origin: string) => boolean;
  signal?: AbortSignal;
  timeoutMs?: number;
}): Promise<{ port: MessagePort; origin: string }> {
  const { window, parent, targets, hello, welcome, accept, signal, timeoutMs } = options;

  return new Promise((resolve, reject) => {
    const id = Math.random();
    let repeatMs = firstRepeatMs;
    let repeat: ReturnType<typeof setTimeout> | undefined;
    let deadline: ReturnType<typeof setTimeout> | undefined;

    const stop = () => {
      clearTimeout(repeat);
      clearTimeout(deadline);
      window.removeEventListener('message', listen);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: unknown) => {
      stop();
      reject(error);
    };
    const abort = () => fail(new ChannelError('closed', 'given up before an answer to hello'));

    const listen = ({ source, origin, data, ports }: MessageEvent<Welcome | null>) => {
      const port = ports[0];
      if (source !== parent || !accept(origin) || data?.guichet !== 1 || data.welcome !== welcome || !port) return;
      stop();
      resolve({ port, origin });
    };
    const say = () => {
      repeat = setTimeout(say, repeatMs);
      repeatMs = Math.min(repeatMs * 2, lastRepeatMs);
      try {
        for (const target of targets) parent.postMessage({ guichet: 1, hello, id }, target);
      } catch (error) {
        fail(error);
      }
    };

    if (signal?.aborted) return abort();
    window.addEventListener('message', listen);
    signal?.addEventListener('abort', abort);
    if (timeoutMs !== undefined)
      deadline = setTimeout(
        () => fail(new ChannelError('timeout', `no answer to hello within ${timeoutMs} ms`)),
        timeoutMs,
      );
    say();
  });
}
