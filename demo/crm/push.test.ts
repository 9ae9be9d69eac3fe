import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, type GuichetApi } from '../guichetApi';
import { push } from './push';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-push-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type User = { id: string; email?: string; reference_id?: string; vouched?: boolean } & Record<string, unknown>;

/** Users of a small `/v2`. */
function register(users: User[] = [], options: { dieAfter?: number } = {}) {
  const calls: string[] = [];
  const keys = new Map<string, User>();
  let left = options.dieAfter ?? Number.POSITIVE_INFINITY;
  const api: GuichetApi = async (path, { method = 'GET', body, idempotencyKey = '' } = {}) => {
    calls.push(`${method} ${path}`);
    const { searchParams: query, pathname } = new URL(path, 'http://x.test');
    if (method === 'GET') {
      const found = users.filter((user) =>
        [...query].every(([name, value]) => name === 'items_per_page' || user[name] === value),
      );
      return { users: found };
    }
    if (left-- <= 0) throw new ApiError(0, 'UNREACHABLE', 'the power is gone');
    const fields = body as Omit<User, 'id'>;
    if (String(fields.first_name ?? '').length > 20) throw new ApiError(400, 'INVALID_VALUE', 'first_name: too long');
    if (method === 'PUT') {
      const user = users.find(({ id }) => pathname.endsWith(`/${id}`));
      Object.assign(user ?? {}, fields);
      return {};
    }
    const user = keys.get(idempotencyKey) ?? { ...fields, id: `u${users.length + 1}` };
    if (!keys.has(idempotencyKey)) users.push(user);
    keys.set(idempotencyKey, user);
    return user;
  };
  return { api, users, calls };
}

async function run(text: string | Buffer, { api }: { api: GuichetApi }, linkByEmail = false) {
  const file = join(folder, 'customers.csv');
  await writeFile(file, text);
  const told: string[] = [];
  const said: string[] = [];
  const state = join(folder, 'state');
  const done = await push({
    api,
    origin: 'http://chat.test',
    file,
    state,
    linkByEmail,
    say: (line) => said.push(line),
    tell: (line) => told.push(line),
  });
  return { done, told, said };
}
const sheet = 'reference_id,email,first_name,Branch\r\nag-1,ana@bank.test,Ana,Harbour\r\n,karim@bank.test,Karim,\r\n';

describe('push', () => {
  it('makes customers once, whatever their number of runs', async () => {
    const place = register();

    expect((await run(sheet, place)).done).toEqual({ created: 2, updated: 0, unchanged: 0, skipped: 0 });
    expect((await run(`\uFEFF${sheet}`, place)).done).toEqual({ created: 0, updated: 0, unchanged: 2, skipped: 0 });
    expect(place.users).toMatchObject([
      { reference_id: 'ag-1', first_name: 'Ana', properties: [{ name: 'Branch', value: 'Harbour' }] },
      { email: 'karim@bank.test', first_name: 'Karim' },
    ]);
  });

  it('changes only what differs, and leaves what the file doesn’t speak of', async () => {
    const properties = [
      { name: 'Branch', value: 'North Gate' },
      { name: 'since', value: 1999 },
    ];
    const place = register([
      { id: 'u1', reference_id: 'ag-1', email: 'ana@bank.test', first_name: 'Anna', phone: '1', properties },
    ]);

    expect((await run(sheet, place)).done.updated).toBe(1);
    expect(place.users[0]).toEqual({
      id: 'u1',
      reference_id: 'ag-1',
      email: 'ana@bank.test',
      first_name: 'Ana',
      phone: '1',
      properties: [
        { name: 'since', value: 1999 },
        { name: 'Branch', value: 'Harbour' },
      ],
    });
  });

  it('prefers the user for whom a site vouched', async () => {
    const place = register([
      { id: 'u1', reference_id: 'ag-1', email: 'ana@bank.test' },
      { id: 'u2', reference_id: 'ag-1', vouched: true },
    ]);
    await run(sheet, place);

    expect(place.users[1]).toMatchObject({ id: 'u2', first_name: 'Ana', vouched: true });
    expect(place.users[0]?.first_name).toBeUndefined();
  });

  it('gives nobody a reference for an e-mail alone, unless it is told to', async () => {
    const claimed = () => register([{ id: 'u1', email: 'ana@bank.test' }]);
    const careful = claimed();
    const linking = claimed();
    await run(sheet, careful);
    await run(sheet, linking, true);

    expect(careful.users.map((user) => user.reference_id)).toEqual([undefined, 'ag-1', undefined]);
    expect(linking.users.map((user) => user.reference_id)).toEqual(['ag-1', undefined]);
  });

  it('takes no user over who has another reference', async () => {
    const place = register([{ id: 'u1', email: 'ana@bank.test', reference_id: 'ag-9' }]);
    await run(sheet, place, true);

    expect(place.users[0]).toEqual({ id: 'u1', email: 'ana@bank.test', reference_id: 'ag-9' });
    expect(place.users[1]).toMatchObject({ reference_id: 'ag-1' });
  });

  it('names rows that can’t be used, by line, and does the others', async () => {
    const two = [
      { id: 'u1', email: 'x@bank.test' },
      { id: 'u2', email: 'x@bank.test' },
    ];
    const place = register(two);
    const rows = ['reference_id,email,first_name', 'ag-1', `ag-2,,${'A'.repeat(30)}`, ',x@bank.test,X', 'ag-3,,Mei'];
    const { done, told } = await run(rows.join('\n'), place);

    expect(told).toEqual([
      'line 2: skipped: expected 3 fields, got 1',
      'line 3: skipped: first_name: too long',
      'line 4: skipped: 2 users have this e-mail; give the row a reference_id',
    ]);
    expect(done).toEqual({ created: 1, updated: 0, unchanged: 0, skipped: 3 });
  });

  it('goes on where it stopped, when the file and the server are the same', async () => {
    const many = `reference_id\n${Array.from({ length: 60 }, (_, index) => `ag-${index}`).join('\n')}\n`;
    const dying = register([], { dieAfter: 40 });
    await expect(run(many, dying)).rejects.toThrow('the power is gone');
    const after = register(dying.users);
    const { said, done } = await run(many, after);

    expect(said).toEqual(['Going on after 25 rows.']);
    expect(after.calls.filter((call) => call.startsWith('GET'))).toHaveLength(35);
    expect(done).toEqual({ created: 45, updated: 0, unchanged: 15, skipped: 0 });
    expect(new Set(after.users.map((user) => user.reference_id)).size).toBe(60);
    await expect(stat(join(folder, 'state', 'push.json'))).rejects.toThrow('ENOENT');
  });

  it('begins anew with another file', async () => {
    await expect(run(sheet, register([], { dieAfter: 0 }))).rejects.toThrow('the power is gone');

    expect((await run(`${sheet}ag-3,,Mei,\n`, register())).said).toEqual([]);
  });

  it('makes nobody twice when an answer was lost: the row has the same key again', async () => {
    const place = register();
    const lossy: GuichetApi = async (path, call) => {
      const answer = await place.api(path, call);
      if (call?.method === 'POST') throw new ApiError(0, 'UNREACHABLE', 'no answer');
      return answer;
    };
    await expect(run(sheet, { api: lossy })).rejects.toThrow('no answer');
    // The list lags behind: only the key can tell.
    const blind: GuichetApi = (path, call) => (call?.method ? place.api(path, call) : Promise.resolve({ users: [] }));
    await run(sheet, { api: blind });

    expect(place.users).toHaveLength(2);
  });

  it('lets nobody else work in its folder, and doesn’t wait for the dead', async () => {
    await writeFile(join(folder, 'customers.csv'), sheet);
    const slow = register();
    let go = () => {};
    const waiting = new Promise<void>((done) => {
      go = done;
    });
    const first = run(sheet, { api: async (...call) => waiting.then(() => slow.api(...call)) });
    await expect.poll(() => readFile(join(folder, 'state', 'push.lock'), 'utf8').catch(() => '')).toMatch(/\d/);
    await writeFile(join(folder, 'state', 'push.lock'), String(process.ppid));

    await expect(run(sheet, register())).rejects.toThrow(/Another `crm push` \(process \d+\) works in/);
    go();
    await first;
    await writeFile(join(folder, 'state', 'push.lock'), '4194303');
    expect((await run(sheet, slow)).done.unchanged).toBe(2);
  });

  it('refuses what is no text, and what isn’t there', async () => {
    await expect(run(Buffer.from([0xff, 0xfe, 0x61, 0x00]), register())).rejects.toThrow(
      'isn’t text in UTF-8'.replace('’', "'"),
    );
    await expect(run(Buffer.from('reference_id\nS\xe3o', 'latin1'), register())).rejects.toThrow(/CSV UTF-8/);
  });
});
