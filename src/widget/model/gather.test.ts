import { expect, test } from 'vitest';
import { openDisk } from '../../client/disk';
import { memoryStorage } from '../../client/storage';
import { gather } from './gather';
import { awaitedName, formerName } from './session';

const entryOf = (text: string) => ({ request: { client_id: text, conversation_id: 'old', content: { text } }, at: 1 });

function bench() {
  const storage = memoryStorage();
  const disk = openDisk(storage);
  const put = (customer: string, text: string) =>
    storage.set(`guichet:bank:${customer}:outbox:${text}`, JSON.stringify(entryOf(text)));
  let moves = 0;
  const run = (isCurrent = true) =>
    gather({
      disk,
      storage,
      session: { owner: () => 'ada', isCurrent: () => isCurrent },
      site: 'bank',
      onMoved: () => moves++,
    });
  return { storage, put, run, moves: () => moves };
}

test('what nobody wrote yet, and what was written under an earlier name, comes along without its conversation', async () => {
  const { storage, put, run, moves } = bench();
  put('-', 'before the session');
  put('guest', 'as a guest, in another tab');
  put('ada', 'her own');
  storage.set(formerName('bank', 'ada', 'guest'), '1');

  await run();

  expect(storage.keys('guichet:bank:').filter((key) => key.includes(':outbox:'))).toEqual([
    'guichet:bank:ada:outbox:her own',
    'guichet:bank:ada:outbox:before the session',
    'guichet:bank:ada:outbox:as a guest, in another tab',
  ]);
  expect(storage.get('guichet:bank:ada:outbox:before the session')).not.toContain('old');
  expect(moves()).toBe(2);
});

test('what another customer left is erased, and other things and other sites are left alone', async () => {
  const { storage, put, run } = bench();
  put('ben', 'never to be sent');
  storage.set('guichet:bank:session', '{}');
  storage.set('guichet:shop:ben:outbox:x', '{}');

  await run();

  expect(storage.keys('')).toEqual(['guichet:bank:session', 'guichet:shop:ben:outbox:x']);
});

test('nothing is touched once another tab has gone on as somebody else', async () => {
  const { storage, put, run } = bench();
  put('ben', 'of the one who is here now');

  await run(false);

  expect(storage.keys('')).toEqual(['guichet:bank:ben:outbox:of the one who is here now']);
});

test('what waits for somebody whom the site is to vouch for again stays where it is', async () => {
  const { storage, put, run, moves } = bench();
  put('ben', 'until he is back');
  storage.set(awaitedName('bank'), 'ben');

  await run();

  expect(storage.keys('guichet:bank:ben:')).toEqual(['guichet:bank:ben:outbox:until he is back']);
  expect(moves()).toBe(0);
});
