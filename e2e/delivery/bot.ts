/** A bot that knows webhooks and `/v2` only: it answers every message of a customer, once, and keeps what it was told. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookBody } from '../../src/protocol/webhook';
import { openApiWriter } from './apiWriter';
import { copyOf, type Keep } from './history';

export type Bot = {
  readonly port: number;
  /** Answers that are on their way. */
  readonly waiting: number;
  /** Messages of customers that it has answered, or is about to. */
  readonly answered: number;
  /** Messages that it was told of, each counted once. */
  readonly seen: number;
  /** Webhooks of all kinds, each counted once. */
  readonly told: number;
  /** Webhooks that came, repeated ones too; and those that it said it could not take. */
  readonly counts: { received: number; repeated: number; failed: number };
  stop(): Promise<void>;
};

export type BotOptions = {
  url: string;
  token: string;
  keep: Keep;
  /** What it does with the webhook of this id; takes it. */
  receive?: (id: string) => 'take' | 'take and fail' | 'fail';
  isDoubling?: () => boolean;
  isByKey?: (clientId: string) => boolean;
};

export async function startBot(options: BotOptions): Promise<Bot> {
  const writer = openApiWriter({ ...options, actor: 'bot' });
  const counts = { received: 0, repeated: 0, failed: 0 };
  /** By the id of the webhook: at least once is promised, so a repeat is told by its id and has to be the same. */
  const known = new Map<string, string>();
  let answered = 0;
  let seen = 0;

  function take(id: string, raw: string) {
    const before = known.get(id);
    if (before !== undefined) {
      counts.repeated += 1;
      if (before === raw) return;
    }
    known.set(id, raw);
    const { message } = (JSON.parse(raw) as WebhookBody).data;
    if (!message) return;
    seen += 1;
    options.keep({ what: 'seen', ...copyOf(message) });
    if (message.actor_type !== 'user') return;
    answered += 1;
    void writer.say(message.conversation_id, `Freddy answers ${message.id}`, `answer-${message.id}`);
  }

  options.keep({ what: 'open' });
  const http = createServer((request, response) => {
    let raw = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      raw += chunk;
    });
    request.on('error', () => {});
    request.on('end', () => {
      counts.received += 1;
      const id = String(request.headers['webhook-id']);
      const act = options.receive?.(id) ?? 'take';
      if (act !== 'fail') take(id, raw);
      const isFailed = act !== 'take';
      if (isFailed) counts.failed += 1;
      response.writeHead(isFailed ? 500 : 204).end();
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    get waiting() {
      return writer.waiting;
    },
    get answered() {
      return answered;
    },
    get seen() {
      return seen;
    },
    get told() {
      return known.size;
    },
    counts,
    async stop() {
      writer.stop();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
