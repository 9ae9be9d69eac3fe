import { type Dispatcher, request } from 'undici';
import type { createSigner } from './sign';

/** One request to a receiver. */
export type Letter = {
  id: string;
  url: string;
  body: string;
  secrets: string[];
  /** Attempts before this one. */
  attempts: number;
};
/** What an attempt came to. `retry`: worth another try; `refused`: it isn't; `stopped`: we broke it off ourselves. */
export type Outcome = {
  kind: 'delivered' | 'retry' | 'refused' | 'stopped';
  status?: number;
  error?: string;
  /** Seconds that the receiver asks for. */
  retryAfter?: number;
};
export type Post = (letter: Letter, signal?: AbortSignal) => Promise<Outcome>;

/** Signs and posts through the guarded agent. Never throws; redirects are not followed, and answers not read. */
export function createPost(tools: {
  sign: ReturnType<typeof createSigner>;
  agent: Dispatcher;
  now: () => number;
  /** Milliseconds that a receiver has for its answer. */
  timeout?: number;
}): Post {
  const { timeout = 15_000 } = tools;
  return async (letter, signal) => {
    // Not by AbortSignal.any: each would stay with the long-lived signal for good.
    const ending = new AbortController();
    const stop = () => ending.abort();
    const late = setTimeout(
      () => ending.abort(new DOMException(`no answer within ${timeout} ms`, 'TimeoutError')),
      timeout,
    );
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      const response = await request(letter.url, {
        method: 'POST',
        headers: tools.sign({ ...letter, retries: letter.attempts, now: tools.now() }),
        body: letter.body,
        dispatcher: tools.agent,
        signal: ending.signal,
      });
      const status = response.statusCode;
      await response.body.dump({ limit: 65_536 });
      if (status >= 200 && status < 300) return { kind: 'delivered', status };
      const retry = status === 408 || status === 429 || status >= 500;
      const retryAfter = secondsOf(response.headers['retry-after'], tools.now());
      return { kind: retry ? 'retry' : 'refused', status, ...(retryAfter ? { retryAfter } : {}) };
    } catch (error) {
      if (signal?.aborted) return { kind: 'stopped' };
      return {
        kind: 'retry',
        error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown',
      };
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', stop);
    }
  };
}

/** Seconds that a receiver may ask to be left alone for. */
export const longestRetryAfter = 86_400;

/** `Retry-After` in seconds; a date counts from now. */
function secondsOf(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (!text) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1_000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, longestRetryAfter) : undefined;
}
