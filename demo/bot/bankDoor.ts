import { type Fetch, loopbackFetch } from '../loopback';
import type { Fetched } from './topics/statement';

export type BankDoor = (ref: string, month?: string) => Promise<Fetched>;

/** Turns a statement reference into a link at the bank. Tries three times. */
export function bankDoor(bank: string, secret: string, fetch: Fetch = loopbackFetch): BankDoor {
  return async (ref, month) => {
    const url = `${bank}/internal/statements/${encodeURIComponent(ref)}${month ? `?month=${encodeURIComponent(month)}` : ''}`;
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const answer = await fetch(url, { headers: { authorization: `Bearer ${secret}` } });
        if (answer.status === 404) return { kind: 'expired' };
        if (answer.ok) {
          const { url, name, file_size_in_bytes, content_type } = (await answer.json()) as FileAnswer;
          return { kind: 'file', file: { name, url, file_size_in_bytes, content_type } };
        }
        if (answer.status < 500) break;
      } catch {
        // Nobody there: once more after a moment.
      }
      await new Promise((done) => setTimeout(done, 300 * 3 ** attempt));
    }
    return { kind: 'failed' };
  };
}

type FileAnswer = { url: string; name: string; file_size_in_bytes: number; content_type: string };
