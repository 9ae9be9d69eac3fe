import type { ClientAnswers, ClientMessages, ServerMessages } from '../protocol/live';
import { type LogEvent, readEvents } from './events';
import { readLogPart } from './rest';
import { attempt, flag, maybe, object, type Shape, text } from './shape';
import { type Link, type LinkOptions, type LinkState, openSocket } from './socket';

export type LiveState = LinkState;
type Answers = Omit<ClientAnswers, 'events'> & { events: ReturnType<typeof readLogPart> };

/**
 * The live connection. Live events are a shortcut and nothing is owed to them: whoever listens folds by `seq` and asks for what is
 * missing. Every reconnect sends today's cursors and gets what was missed.
 */
export type Live = {
  readonly state: LiveState;
  /** Asks once, without buffering; throws `Failure`. What has to arrive is retried by who sends it. */
  ask<K extends keyof ClientMessages>(type: K, data: ClientMessages[K], timeoutMs?: number): Promise<Answers[K]>;
  /** Lets go of the connection (bfcache), until `resume`. */
  pause(): void;
  /** `isDeaf`: it looks connected, and doesn't answer. It begins anew, and until then nobody waits for it. */
  resume(isDeaf?: boolean): void;
  close(): void;
};

export type LiveOptions = {
  /** Names site and customer: tabs with the same name may share a socket. */
  name: string;
  token: () => string;
  cursors: () => Record<string, number>;
  onState: (state: LiveState) => void;
  onEvents: (events: LogEvent[]) => void;
  onTyping: (typing: { conversation_id: string; name?: string | undefined; on: boolean }) => void;
  onTaken: (taken: { web_view_id: string; owner: string }) => void;
  onSessionEnd: (reason: string) => void;
  /** Where the server is; the document's own origin when absent. */
  url?: string;
};

/**
 * Reads what comes over a link, whether its own socket or another tab's: it is checked in the tab that it is for.
 *
 * @param open what it comes over; a socket of this tab's own when absent
 */
export function openLive(options: LiveOptions, open: (options: LinkOptions) => Link = openSocket): Live {
  const hear = <T>(shape: Shape<T>, data: unknown, handle: (message: T) => void) => {
    const message = attempt(shape, data);
    if (message) handle(message);
  };
  const link = open({
    name: options.name,
    token: options.token,
    cursors: options.cursors,
    onState: options.onState,
    url: options.url,
    onMessage(type, data) {
      if (type === 'events') options.onEvents(readEvents(data));
      else if (type === 'typing') hear(readTyping, data, options.onTyping);
      else if (type === 'web_view_taken') hear(readTaken, data, options.onTaken);
      else if (type === 'session_end') hear(readEnd, data, ({ reason }) => options.onSessionEnd(reason));
    },
  });
  return {
    get state() {
      return link.state;
    },
    async ask(type, data, timeoutMs = 10_000) {
      const value = await link.ask(type, data, timeoutMs);
      return (type === 'events' ? readLogPart(value) : value) as never;
    },
    pause: link.pause,
    resume: link.resume,
    close: link.close,
  };
}

const readTyping = object<ServerMessages['typing']>({ conversation_id: text, name: maybe(text), on: flag });
const readTaken = object<ServerMessages['web_view_taken']>({ web_view_id: text, owner: text });
const readEnd = object<ServerMessages['session_end']>({ reason: text });
