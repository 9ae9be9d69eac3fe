import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { type Dispatcher, request } from 'undici';
import { retrySchedule } from '../../protocol/webhook';

/** A delivery as the server hands it out, without the listener's signature. */
export type Told = { headers: Record<string, string>; body: string };
/** What became of it. `printed`: there is nobody to forward it to. */
export type Forwarded = 'printed' | 'delivered' | 'refused' | 'stopped';
export type Attempt = { status: number | undefined; error: string | undefined; milliseconds: number; again?: number };

/**
 * Posts to a bot on this machine as the server would: signed by the listener's secret as well, in order for each conversation,
 * again after a failure that may pass.
 *
 * @param tools.tell is told of each attempt
 */
export function createForwarder(
  wanted: { url: string; secret: string },
  tools: {
    agent: Dispatcher;
    tell: (told: Told, attempt: Attempt) => void;
    signal: AbortSignal;
    /** Milliseconds that the bot has. */
    timeout?: number;
    schedule?: readonly number[];
  },
): (told: Told) => Promise<Forwarded> {
  const lanes = new Map<string, Promise<unknown>>();
  const schedule = tools.schedule ?? retrySchedule;
  const signer = new Webhook(wanted.secret);

  async function deliver(told: Told): Promise<Forwarded> {
    for (let attempt = 0; !tools.signal.aborted; attempt += 1) {
      const started = performance.now();
      const { status, error } = await post(told, attempt);
      if (tools.signal.aborted && status === undefined) break;
      const milliseconds = Math.round(performance.now() - started);
      const delivered = status !== undefined && status >= 200 && status < 300;
      const mayPass = status === undefined || status === 408 || status === 429 || status >= 500;
      const again = delivered || !mayPass ? undefined : schedule[attempt];
      tools.tell(told, { status, error, milliseconds, ...(again === undefined ? {} : { again }) });
      if (again === undefined) return delivered ? 'delivered' : 'refused';
      await pause(again * 1_000, undefined, { signal: tools.signal }).catch(() => {});
    }
    return 'stopped';
  }

  async function post(told: Told, attempt: number) {
    const now = new Date();
    const id = told.headers['webhook-id'] ?? '';
    try {
      const { statusCode, body } = await request(wanted.url, {
        method: 'POST',
        headers: {
          ...told.headers,
          'x-retry-count': String(attempt),
          'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
          'webhook-signature': signer.sign(id, now, told.body),
        },
        body: told.body,
        dispatcher: tools.agent,
        signal: AbortSignal.any([tools.signal, AbortSignal.timeout(tools.timeout ?? 15_000)]),
      });
      await body.dump({ limit: 65_536 });
      return { status: statusCode, error: undefined };
    } catch (error) {
      return { status: undefined, error: error instanceof Error ? error.message || error.name : String(error) };
    }
  }

  return (told) => {
    const { conversation_id: lane } = JSON.parse(told.body) as { conversation_id: string };
    const work = (lanes.get(lane) ?? Promise.resolve()).then(() => deliver(told));
    lanes.set(lane, work);
    void work.then(() => {
      if (lanes.get(lane) === work) lanes.delete(lane);
    });
    return work;
  };
}
