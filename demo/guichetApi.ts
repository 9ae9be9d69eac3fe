import { setTimeout as pause } from 'node:timers/promises';
import { type Fetch, loopbackFetch } from './loopback';

/** An answer of `/v2` that isn't 2xx. `code` is the API's own, such as `WEB_VIEW_CLOSED`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export type Call = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** Makes a repeated POST safe: the same key gives the same answer and happens once. */
  idempotencyKey?: string;
  /** How long to go on trying, in milliseconds; 0 tries once. */
  patience?: number;
};

export type GuichetApi = (path: string, call?: Call) => Promise<Record<string, unknown>>;

/** A client of `/v2`. Tries again with growing pauses on 429, 5xx and when nobody answers. Throws ApiError. */
export function guichetApi(origin: string, token: string, fetch: Fetch = loopbackFetch): GuichetApi {
  return async (path, { method = 'GET', body, idempotencyKey, patience = 10_000 } = {}) => {
    const until = Date.now() + patience;
    let retryAfter = 0;
    for (let attempt = 0; ; attempt++) {
      const result = await once();
      if (!(result instanceof ApiError)) return result;
      const wait = Math.max(retryAfter, Math.min(30_000, 250 * 2 ** attempt) * (0.75 + Math.random() / 2));
      const worthIt = result.status === 0 || result.status === 429 || result.status >= 500;
      if (!worthIt || Date.now() + wait > until) throw result;
      await pause(wait);
    }

    async function once(): Promise<Record<string, unknown> | ApiError> {
      retryAfter = 0;
      try {
        const answer = await fetch(`${origin}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        const json = parse(text);
        if (answer.ok) return json;
        retryAfter = Math.min(60, Number(answer.headers.get('retry-after')) || 0) * 1_000;
        return new ApiError(answer.status, String(json.status ?? 'UNKNOWN'), String(json.message ?? 'no message'));
      } catch (error) {
        return new ApiError(0, 'UNREACHABLE', `${origin} doesn't answer: ${(error as Error).message}`);
      }
    }
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
