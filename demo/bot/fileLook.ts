import { type Fetch, loopbackFetch } from '../loopback';
import type { Looked } from './topics/documents';
import type { SentFile } from './webhookEvent';

export type FileLook = (files: SentFile[]) => Promise<Looked[]>;

/** As large as Guichet takes files, and a little. */
const largest = 21 * 1_024 * 1_024;

/**
 * Looks whether files are there, by reading them to the end and keeping nothing. Only what Guichet itself serves is fetched:
 * a message may name any address, such as one behind our own wall.
 *
 * @param origins where Guichet serves files from
 */
export function fileLook(origins: string[], fetch: Fetch = loopbackFetch): FileLook {
  const lookAt = async ({ url }: SentFile): Promise<Looked> => {
    if (!URL.canParse(url) || !origins.includes(new URL(url).origin)) return { kind: 'foreign' };
    for (let attempt = 0; attempt < 3; attempt++) {
      const bytes = await sizeAt(url).catch(() => 'nobody there' as const);
      if (bytes === 'missing') break;
      if (typeof bytes === 'number') return { kind: 'there', bytes };
      await new Promise((done) => setTimeout(done, 200 * 3 ** attempt));
    }
    return { kind: 'missing' };
  };

  async function sizeAt(url: string): Promise<number | 'missing'> {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok || !answer.body) {
      await answer.body?.cancel();
      if (answer.status >= 500 || answer.status === 429) throw new Error(`${answer.status}`);
      return 'missing';
    }
    let bytes = 0;
    for await (const chunk of answer.body) {
      bytes += (chunk as Uint8Array).byteLength;
      if (bytes > largest) return 'missing';
    }
    return bytes;
  }

  return async (files) => {
    const found: Looked[] = [];
    for (const file of files) found.push(await lookAt(file));
    return found;
  };
}
