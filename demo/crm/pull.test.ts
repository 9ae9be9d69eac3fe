import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, type GuichetApi } from '../guichetApi';
import { pull } from './pull';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-pull-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const message = (number: number, more: object = {}) => ({
  type: 'message_create',
  data: {
    message: {
      id: `m${number}`,
      conversation_id: 'c1',
      user_id: 'u1',
      created_time: '2026-11-22T12:00:00.000Z',
      actor_type: 'user',
      message_type: 'normal',
      message_parts: [{ text: { content: `Words ${number} – “مرحبا”` } }],
      ...more,
    },
  },
});

/** `/v2/events` over a list; a cursor is a place in it. */
function events(list: object[], page = 2): { api: GuichetApi; list: object[]; asked: string[] } {
  const asked: string[] = [];
  const api: GuichetApi = async (path) => {
    const query = new URL(path, 'http://x.test').searchParams;
    asked.push(`${query.get('after')} ${query.get('wait') ?? ''}`.trim());
    const after = Number(query.get('after'));
    const end = Math.min(list.length, after + page);
    if (end === after && query.has('wait')) await new Promise((done) => setTimeout(done, 5));
    return { events: list.slice(after, end), cursor: String(end), has_more: end < list.length };
  };
  return { api, list, asked };
}
const out = () => join(folder, 'messages.jsonl');
const lines = async (): Promise<{ id: string; text: string }[]> =>
  (await readFile(out(), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const run = (api: GuichetApi, more: Partial<Parameters<typeof pull>[0]> = {}) =>
  pull({ api, origin: 'http://chat.test', out: out(), state: folder, follow: false, say: () => {}, ...more });

describe('pull', () => {
  it('appends every message, and nothing else, once', async () => {
    const { api, list } = events([message(1), { type: 'message_read', data: { up_to: 1 } }, message(2), message(3)]);

    expect(await run(api)).toBe(3);
    expect(await run(api)).toBe(0);
    list.push(message(4, { message_parts: [{ image: { url: 'http://f.test/1' } }] }));
    expect(await run(api)).toBe(1);
    expect((await lines()).map(({ id, text }) => [id, text])).toEqual([
      ['m1', 'Words 1 – “مرحبا”'],
      ['m2', 'Words 2 – “مرحبا”'],
      ['m3', 'Words 3 – “مرحبا”'],
      ['m4', ''],
    ]);
  });

  it('cuts off what was written before a crash kept its place, and fetches it again', async () => {
    const { api } = events([message(1), message(2), message(3)]);
    const place = join(folder, 'pull.json');
    await run(api);
    const kept = JSON.parse(await readFile(place, 'utf8'));
    const [first = ''] = (await readFile(out(), 'utf8')).split(/(?<=\n)/);
    await writeFile(place, JSON.stringify({ ...kept, cursor: '1', bytes: Buffer.byteLength(first) }));
    await appendFile(out(), '{"id":"half a li');

    expect(await run(api)).toBe(2);
    expect((await lines()).map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
  });

  it('dies at any write and has every message once in the end', async () => {
    const { api, list } = events(Array.from({ length: 40 }, (_, index) => message(index)));
    let calls = 0;
    const dying: GuichetApi = async (path, call) => {
      if (calls++ % 3 === 2) throw new ApiError(0, 'UNREACHABLE', 'the power is gone');
      return api(path, call);
    };
    for (let attempt = 0; attempt < 40; attempt++) await run(dying).catch(() => {});

    expect((await lines()).map(({ id }) => id)).toEqual(list.map((_, index) => `m${index}`));
  });

  it('keeps what stood in the file before it began', async () => {
    await writeFile(out(), '{"id":"old"}\n');
    await run(events([message(1)]).api);

    expect((await lines()).map(({ id }) => id)).toEqual(['old', 'm1']);
  });

  it('goes on waiting with --follow, until it is stopped', async () => {
    const { api, list, asked } = events([message(1)]);
    const stop = new AbortController();
    const following = run(api, { follow: true, stop: stop.signal });
    await expect.poll(async () => (await lines().catch(() => [])).length).toBe(1);
    list.push(message(2));
    await expect.poll(async () => (await lines()).length).toBe(2);
    await expect.poll(() => asked.at(-1)).toBe('2 8');
    stop.abort();

    expect(await following).toBe(2);
  });

  it('says so when the file, the place and the server don’t belong together', async () => {
    const { api } = events([message(1)]);
    await run(api);

    await expect(run(api, { origin: 'http://other.test' })).rejects.toThrow(/a place in http:\/\/chat\.test, not in/);
    await expect(run(api, { out: join(folder, 'other.jsonl') })).rejects.toThrow(/goes with .*messages\.jsonl/);
    await truncate(out(), 3);
    await expect(run(api)).rejects.toThrow(/has 3 bytes; when it was last written it had \d+/);
    await writeFile(join(folder, 'pull.json'), '{"cur');
    await expect(run(api)).rejects.toThrow(/isn't JSON any more/);
  });
});
