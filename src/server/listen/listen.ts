import { setTimeout as pause } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import * as v from 'valibot';
import { webhookRoutes } from '../../protocol/rest/webhooks';
import { UsageError } from '../control/words';
import type { Forwarded, Told } from './forward';

/** Seconds that one question waits for something new. */
const patience = 25;
/** Milliseconds between questions that fail. */
const pauses = [500, 1_000, 2_000, 5_000, 10_000, 15_000];
/** Deliveries that may wait for a slow bot before no more are fetched. */
const mostUnderWay = 200;

type Answer = v.InferOutput<typeof webhookRoutes.listenWebhooks.answer>;

/**
 * Fetches what webhooks tell and hands each to `take`, from `from` on, until `signal` ends it. It outlives the server: when
 * that can't be reached it asks again with the cursor that it has.
 *
 * @param tools.note what a person may want to know of the connection
 * @returns the cursor up to which everything was taken
 * @throws UsageError when the server refuses: the token, a scope, the cursor
 */
export async function listenTo(
  wanted: { server: string; token: string; from: string; events: string[] | undefined },
  tools: {
    agent: Dispatcher;
    take: (told: Told) => Promise<Forwarded>;
    note: (text: string) => void;
    ready: () => void;
    signal: AbortSignal;
  },
): Promise<string> {
  const { signal } = tools;
  let cursor = wanted.from;
  let failures = 0;
  /** What was fetched together, and how much of it is still under way. */
  const pages: { cursor: string; left: number }[] = [];
  let taken = cursor;
  const underWay = new Set<Promise<void>>();
  let isFirst = true;

  const settle = () => {
    for (let page = pages[0]; page && page.left === 0; page = pages[0]) {
      taken = page.cursor;
      pages.shift();
    }
  };
  const handOn = (answer: Answer) => {
    const page = { cursor: answer.cursor, left: answer.deliveries.length };
    pages.push(page);
    for (const told of answer.deliveries) {
      const work = tools.take(told).then((outcome) => {
        underWay.delete(work);
        if (outcome === 'stopped') return;
        page.left -= 1;
        settle();
      });
      underWay.add(work);
    }
    settle();
  };

  while (!signal.aborted) {
    if (underWay.size >= mostUnderWay) {
      await Promise.race(underWay);
      continue;
    }
    try {
      const answer = await ask(wanted, cursor, isFirst ? 0 : patience, tools);
      if (failures > 0) tools.note('Connected again.');
      failures = 0;
      cursor = answer.cursor;
      if (isFirst) tools.ready();
      isFirst = false;
      handOn(answer);
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof UsageError) throw error;
      if (failures === 0) tools.note(`The server can't be reached (${(error as Error).message}); trying again.`);
      const wait = error instanceof Busy ? error.seconds * 1_000 : (pauses[failures] ?? 15_000);
      failures += 1;
      await pause(wait, undefined, { signal }).catch(() => {});
    }
  }
  await Promise.allSettled(underWay);
  return taken;
}

/** The server asks for patience. */
class Busy extends Error {
  constructor(
    readonly status: number,
    readonly seconds: number,
  ) {
    super(`it answers ${status}`);
  }
}

async function ask(
  wanted: { server: string; token: string; events: string[] | undefined },
  after: string,
  wait: number,
  tools: { agent: Dispatcher; signal: AbortSignal },
): Promise<Answer> {
  const { statusCode, headers, body } = await request(`${wanted.server}/v2/webhooks/listen`, {
    method: 'POST',
    headers: { authorization: `Bearer ${wanted.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ after, wait, ...(wanted.events ? { events: wanted.events } : {}) }),
    dispatcher: tools.agent,
    headersTimeout: (wait + 15) * 1_000,
    bodyTimeout: 15_000,
    signal: tools.signal,
  });
  if (statusCode === 429 || statusCode >= 500) {
    await body.dump();
    throw new Busy(statusCode, Number(headers['retry-after']) || 2);
  }
  const text = await body.text();
  if (statusCode !== 200) throw new UsageError(`${wanted.server} answers ${statusCode}: ${messageOf(text)}`);
  return v.parse(webhookRoutes.listenWebhooks.answer, JSON.parse(text));
}

function messageOf(text: string): string {
  try {
    const { status, message } = JSON.parse(text) as { status?: string; message?: string };
    return `${status ?? ''} ${message ?? ''}`.trim() || 'nothing that says why';
  } catch {
    return 'this is no Guichet server';
  }
}
