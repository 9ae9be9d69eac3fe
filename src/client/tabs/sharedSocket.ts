import { Failure } from '../failure';
import { type Link, type LinkOptions, type LinkState, openSocket } from '../socket';
import { createQuestions } from './questions';
import { type RelayMessage, readRelay, relayVersion } from './relay';
import type { TabChannel, TabWorld } from './tabWorld';

/**
 * One socket for all tabs of one customer in one browser.
 *
 * - The tab that holds the lock holds the socket, says on a channel what the server says, and asks for the others.
 * - Each other tab waits for the lock: when the holder closes or crashes, the browser gives it to the next one. A holder that
 *   is frozen or stuck keeps it, but doesn't answer: then the lock is stolen.
 * - Nothing is owed to anybody on the channel. A new holder connects with its own cursors, and every tab looks at the head when
 *   it hears of a connection: what was lost on the way is asked for.
 * - A tab that shows a web view has a socket of its own meanwhile: by it the server knows whether somebody still looks at the page.
 * - That a session is over is nobody's word but the server's: who hears it from another tab asks by a socket of its own.
 */
export function openSharedSocket(tabs: TabWorld, options: LinkOptions, open = openSocket): Link {
  const me = tabs.newId();
  const name = `${options.name}:${relayVersion}`;
  const waiting: (() => void)[] = [];
  let channel: TabChannel | undefined;
  let state: LinkState = 'connecting';
  let socket: Link | undefined;
  /** Whom the others hear: this tab, another one, or nobody that is known of. */
  let holder: string | undefined;
  let term = 0;
  /** Lets go of the lock, or of the wish for it. */
  let letGo: (() => void) | undefined;
  let viewAskedAt = Number.NEGATIVE_INFINITY;
  let beat: ReturnType<typeof setTimeout> | undefined;
  let suspicion: ReturnType<typeof setTimeout> | undefined;
  let alone: ReturnType<typeof setTimeout> | undefined;

  function become(next: LinkState): void {
    if (state === next) return;
    state = next;
    options.onState(next);
  }
  const isHolder = () => holder === me;
  const say = (message: RelayMessage) => channel?.postMessage(message);
  const sayHold = () => say({ is: 'hold', from: me, term, state });
  const questions = createQuestions(me, say, answerWithin, look);

  // ---- the socket: everybody's, or this tab's own

  function connect(): Link {
    const opened = open({
      ...options,
      onState(next) {
        if (opened !== socket) return;
        if (next === 'online') for (const goOn of waiting.splice(0)) goOn();
        if (!isHolder()) return;
        become(next);
        sayHold();
      },
      onMessage(type, data) {
        if (opened !== socket) return;
        if (isHolder()) say({ is: 'said', from: me, type, data });
        options.onMessage(type, data);
      },
    });
    socket = opened;
    return opened;
  }
  function disconnect(): void {
    clearTimeout(alone);
    const closing = socket;
    socket = undefined;
    closing?.close();
  }
  /** Keeps a socket of this tab's own for as long as it's needed again in time. */
  function keepOwn(): Link {
    clearTimeout(alone);
    alone = setTimeout(() => !isHolder() && disconnect(), ownFor);
    return socket ?? connect();
  }

  // ---- who holds it

  function wish(steal = false): void {
    letGo?.();
    const giveUp = new AbortController();
    let release: (() => void) | undefined;
    const own = () => {
      giveUp.abort();
      release?.();
    };
    letGo = own;
    const hold = () =>
      new Promise<void>((resolve) => {
        if (letGo !== own) return resolve();
        release = resolve;
        takeOver();
      });
    tabs.lock(name, steal ? { steal } : { signal: giveUp.signal }, hold).catch((error) => {
      if (letGo !== own) return;
      if (isHolder() || error?.name === 'AbortError') return lose();
      // No locks for this document after all: it is on its own.
      channel?.close();
      channel = undefined;
      clearTimeout(beat);
      takeOver();
    });
  }

  function trust(): void {
    clearTimeout(suspicion);
    suspicion = undefined;
  }

  function takeOver(): void {
    trust();
    holder = me;
    term++;
    state = socket?.state ?? 'connecting';
    if (!socket) connect();
    options.onState(state);
    sayHold();
  }

  /** Another tab has taken the lock. */
  function lose(): void {
    if (isHolder()) {
      holder = undefined;
      if (performance.now() - viewAskedAt < ownFor) keepOwn();
      else disconnect();
    }
    become('connecting');
    wish();
    look();
  }

  /** Asks who holds the socket, and takes it when nobody says so. */
  function look(): void {
    if (isHolder()) return;
    say({ is: 'who', from: me, visible: tabs.isVisible() });
    // A hidden tab's timers run late: the first question that is still open decides.
    suspicion ??= setTimeout(
      () => {
        suspicion = undefined;
        if (!isHolder() && channel) wish(true);
      },
      answerWithin * (1 + Math.random() / 2),
    );
  }
  function keepLooking(): void {
    look();
    beat = setTimeout(keepLooking, tabs.isVisible() ? lookEvery : lookEveryHidden);
  }

  function hear(message: RelayMessage): void {
    switch (message.is) {
      case 'who':
        if (!isHolder()) break;
        // Who is looked at gets through better than who sleeps in the background.
        if (message.visible && !tabs.isVisible() && state === 'offline') leave();
        else sayHold();
        break;
      case 'hold':
        if (message.term < term || (message.term === term && isHolder() && message.from < me)) break;
        term = message.term;
        trust();
        if (isHolder()) lose();
        else {
          // By another's socket something may have been missed, even if nobody saw it go.
          const isNews = holder !== message.from || state !== message.state;
          holder = message.from;
          state = message.state;
          if (isNews) options.onState(state);
        }
        break;
      case 'gone':
        if (message.from === holder) become('connecting');
        break;
      case 'said':
        if (isHolder()) break;
        if (message.type === 'session_end') keepOwn();
        else options.onMessage(message.type, message.data);
        break;
      case 'ask':
        if (message.to === me) void questions.answer(message, () => askSocket(message.type, message.data, message.ms));
        break;
      case 'heard':
      case 'answer':
        questions.take(message);
        break;
      default:
        message satisfies never;
    }
  }

  /** Lets another tab have it. */
  function leave(): void {
    say({ is: 'gone', from: me });
    holder = undefined;
    disconnect();
    become('connecting');
    wish();
    look();
  }

  // ---- asking

  /** For another tab. */
  async function askSocket(type: string, data: unknown, ms: number): Promise<unknown> {
    if (!socket || !isHolder()) throw new Failure('unreachable', 'This tab holds no socket.');
    return socket.ask(type, data, ms);
  }
  /** Once the socket of this tab's own is connected. */
  async function askOwn(type: string, data: unknown, ms: number): Promise<unknown> {
    const own = keepOwn();
    if (own.state !== 'online') {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        setTimeout(resolve, ownWithin);
      });
    }
    return own.ask(type, data, ms);
  }

  function start(): void {
    try {
      channel = tabs.openChannel(name);
    } catch {
      takeOver();
      return;
    }
    channel.onmessage = ({ data }) => {
      const message = readRelay(data);
      if (message && channel) hear(message);
    };
    wish();
    keepLooking();
  }
  function stop(): void {
    if (isHolder()) say({ is: 'gone', from: me });
    clearTimeout(beat);
    trust();
    const release = letGo;
    letGo = undefined;
    holder = undefined;
    disconnect();
    channel?.close();
    channel = undefined;
    questions.drop();
    release?.();
  }

  start();

  return {
    get state() {
      return state;
    },
    async ask(type, data, ms) {
      const isOfView = ofViews.has(type);
      if (isOfView) viewAskedAt = performance.now();
      if (socket && (isHolder() || socket.state === 'online')) {
        if (isOfView && !isHolder()) keepOwn();
        return socket.ask(type, data, ms);
      }
      if (isOfView) return askOwn(type, data, ms);
      if (!holder || state !== 'online') throw new Failure('unreachable', 'No tab is connected.');
      return questions.ask(holder, type, data, ms);
    },
    pause() {
      stop();
      state = 'connecting';
    },
    resume(isDeaf) {
      if (!channel && !socket) return start();
      if (isHolder() || (isDeaf && socket)) socket?.resume(isDeaf);
      else {
        if (isDeaf) {
          // The tab that holds it hasn't noticed: from now on it is this one's.
          holder = undefined;
          questions.drop();
          become('connecting');
          wish(true);
        }
        look();
      }
    },
    close: stop,
  };
}

/** By these the server knows which socket's tab shows a view. */
const ofViews: ReadonlySet<string> = new Set(['web_view_open', 'web_view_beat']);
/** Milliseconds. A tab that doesn't answer within that is frozen, stuck or gone. */
const answerWithin = 1_500;
const lookEvery = 5_000;
const lookEveryHidden = 20_000;
/** A view that is open beats every 20 s; a hidden tab's timers may run once a minute. */
const ownFor = 70_000;
const ownWithin = 8_000;
