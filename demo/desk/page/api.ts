/** An answer of `/v2` that isn't 2xx; `status` 0: nobody answered. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Milliseconds that the server asks to wait. */
    readonly retryAfter = 0,
  ) {
    super(message);
    this.name = 'Refused';
  }
  /** Whether the same once more may go through. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export type Api = {
  <T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T>;
  /** Sends a file; gives what `/v2` answers. */
  upload<T>(path: string, field: string, file: File): Promise<T>;
};

/** Asks `/v2` of the chat with one agent's token. @throws Refused */
export function createApi(chat: string, token: string): Api {
  const call = async <T>(path: string, init: RequestInit, patience: number): Promise<T> => {
    let answer: Response;
    let body: Record<string, unknown>;
    try {
      answer = await fetch(`${chat}/v2${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
        credentials: 'omit',
        signal: AbortSignal.timeout(patience),
      });
      const text = await answer.text();
      body = text ? JSON.parse(text) : {};
    } catch {
      throw new Refused(0, 'UNREACHABLE', 'The chat can’t be reached.');
    }
    if (answer.ok) return body as T;
    const wait = Math.min(60, Number(answer.headers.get('retry-after')) || 0) * 1_000;
    throw new Refused(answer.status, String(body.status ?? ''), String(body.message ?? answer.status), wait);
  };
  const api = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    call<T>(
      path,
      body === undefined
        ? { method }
        : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      15_000,
    );
  return Object.assign(api, {
    upload: <T>(path: string, field: string, file: File): Promise<T> => {
      const form = new FormData();
      form.append(field, file, file.name);
      return call<T>(path, { method: 'POST', body: form }, 120_000);
    },
  });
}
