/** Somebody of the business's side who writes through `/v2`: each message until it is stored or refused, in order for each conversation. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '../../src/protocol/message';
import { hashOf, type Keep } from './history';

export type ApiWriter = {
  /** Resolves once it is settled. */
  say(conversation: string, text: string, clientId: string): Promise<void>;
  /** Messages on their way. */
  readonly waiting: number;
  stop(): void;
};

export type ApiWriterOptions = {
  url: string;
  token: string;
  actor: 'bot' | 'agent';
  keep: Keep;
  /** What is sent now arrives twice. */
  isDoubling?: () => boolean;
  /** By which of the two ways a retry of this message is the same message. */
  isByKey?: (clientId: string) => boolean;
};

type Outcome = { message: Message } | { refused: string } | undefined;

export function openApiWriter(options: ApiWriterOptions): ApiWriter {
  const { keep } = options;
  const last = new Map<string, Promise<void>>();
  let waiting = 0;
  let isStopped = false;

  async function attempt(conversation: string, text: string, clientId: string): Promise<Outcome> {
    const isByKey = options.isByKey?.(clientId);
    try {
      const answer = await fetch(`${options.url}/v2/conversations/${conversation}/messages`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${options.token}`,
          'content-type': 'application/json',
          ...(isByKey ? { 'idempotency-key': clientId } : {}),
        },
        body: JSON.stringify({
          actor_type: options.actor,
          message_parts: [{ text: { content: text } }],
          ...(isByKey ? {} : { client_id: clientId }),
        }),
        signal: AbortSignal.timeout(4_000),
      });
      const body = (await answer.json()) as Message & { status?: string };
      if (answer.ok) return { message: body };
      return answer.status >= 500 || answer.status === 429 ? undefined : { refused: `${answer.status} ${body.status}` };
    } catch {
      return undefined; // Nobody knows whether it arrived.
    }
  }

  async function insist(conversation: string, text: string, client_id: string): Promise<void> {
    const hash = hashOf(text);
    keep({ what: 'invoke', hash, text });
    keep({ what: 'kept', client_id, hash });
    for (; !isStopped; await pause(50)) {
      const attempts = Array.from({ length: options.isDoubling?.() ? 2 : 1 }, () =>
        attempt(conversation, text, client_id),
      );
      const outcomes = (await Promise.all(attempts)).filter((outcome) => outcome !== undefined);
      for (const outcome of outcomes) {
        if ('refused' in outcome) keep({ what: 'refused', client_id, hash, code: outcome.refused });
        else {
          const { id, seq } = outcome.message;
          keep({ what: 'ok', client_id, hash, conversation: outcome.message.conversation_id, id, seq });
        }
      }
      if (outcomes.length > 0) return;
    }
  }

  return {
    get waiting() {
      return waiting;
    },
    say(conversation, text, clientId) {
      waiting += 1;
      const done = (last.get(conversation) ?? Promise.resolve())
        .then(() => insist(conversation, text, clientId))
        .finally(() => {
          waiting -= 1;
        });
      last.set(conversation, done);
      return done;
    },
    stop() {
      isStopped = true;
    },
  };
}
