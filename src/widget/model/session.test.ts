import { describe, expect, test } from 'vitest';
import { openDisk } from '../../client/disk';
import { Failure } from '../../client/failure';
import { fakeLocks } from '../../client/fakeLocks';
import type { Rest, Session } from '../../client/rest';
import { memoryStorage, type Storage } from '../../client/storage';
import { openTurn } from '../../client/turn';
import type { SessionRequest } from '../../protocol/live';
import { createSession, formerName } from './session';

type Answer = { customer: string; vouched?: boolean } | Failure;

function bench(storage = memoryStorage()) {
  const asked: SessionRequest[] = [];
  const loggedOut: string[] = [];
  const ended: { owner: string; erase: boolean }[] = [];
  const ready: { customer: string; from: string; samePerson: boolean }[] = [];
  const refused: string[] = [];
  const answers: Answer[] = [];
  let tokens = 0;
  const rest = {
    async session(request) {
      asked.push(request);
      const answer = answers.shift();
      if (!answer) throw new Error('no answer prepared');
      if (answer instanceof Failure) throw answer;
      return {
        token: `token-${++tokens}`,
        customer: { id: answer.customer, vouched: answer.vouched ?? false },
      } as Session;
    },
    logout: async (token) => void loggedOut.push(token),
  } as Rest;
  const session = createSession({
    site: 'bank',
    storage,
    disk: openDisk(storage),
    rest,
    tabsTurn: openTurn({ locks: undefined, name: 'session', patience: 5_000 }),
    onReady: (answer, { from, samePerson }) => ready.push({ customer: answer.customer.id, from, samePerson }),
    onEnd: (owner, erase) => ended.push({ owner, erase }),
    onIdentityRefused: ({ code }) => refused.push(code),
  });
  return { session, asked, answers, loggedOut, ended, ready, refused, storage };
}

describe('the session', () => {
  test('nothing is asked and nothing stored until somebody wants one', () => {
    const { session, asked, storage } = bench();

    expect([session.state.value.phase, session.canResume(), asked.length, storage.keys('').length]).toEqual([
      'idle',
      false,
      0,
      0,
    ]);
  });

  test('it is opened once, however often it is wanted', async () => {
    const { session, asked, answers } = bench();
    answers.push({ customer: 'ana' });
    await Promise.all([session.open(), session.open(), session.open()]);

    expect(asked).toEqual([{ site: 'bank' }]);
    expect(session.state.value).toMatchObject({ phase: 'ready', token: 'token-1' });
  });

  test('a later visit goes on with the same token', async () => {
    const first = bench();
    first.answers.push({ customer: 'ana' });
    await first.session.open();
    const second = bench(first.storage);
    second.answers.push({ customer: 'ana' });
    await second.session.open();

    expect(second.asked).toEqual([{ site: 'bank', resume: 'token-1' }]);
    expect(second.ended).toEqual([]);
  });

  test('a guest who signs in is the same person', async () => {
    const { session, answers, ready, ended } = bench();
    answers.push({ customer: 'guest' }, { customer: 'ana', vouched: true });
    await session.open();
    await session.identify('jwt', true);

    expect(ready.at(-1)).toEqual({ customer: 'ana', from: 'guest', samePerson: true });
    expect(ended).toEqual([]);
  });

  test('another identity ends the former customer before the new one begins', async () => {
    const { session, answers, ready, ended } = bench();
    answers.push({ customer: 'ana', vouched: true }, { customer: 'ben', vouched: true });
    await session.identify('jwt of Ana', true);
    await session.identify('jwt of Ben', true);

    expect(ended).toEqual([{ owner: 'ana', erase: true }]);
    expect(ready.at(-1)).toMatchObject({ customer: 'ben', samePerson: false });
  });

  const jwtOf = (sub: string) => `h.${btoa(JSON.stringify({ sub, name: 'Zoë'.normalize('NFD').slice(0, 2) }))}.s`;

  test('who the site names anew is somebody else at once, before the server has answered', async () => {
    const { session, answers, ended, loggedOut } = bench();
    answers.push({ customer: 'ana', vouched: true }, new Failure('unreachable', 'no network'));
    await session.identify(jwtOf('1'), true);

    await expect(session.identify(jwtOf('2'), true)).rejects.toMatchObject({ kind: 'unreachable' });

    expect(ended).toEqual([{ owner: 'ana', erase: true }]);
    expect(loggedOut).toEqual(['token-1']);
    expect([session.state.value.phase, session.owner()]).toEqual(['idle', '-']);
  });

  test('a fresh JWT of the same person changes nothing', async () => {
    const { session, answers, ended } = bench();
    answers.push({ customer: 'ana', vouched: true }, new Failure('unreachable', 'no network'));
    await session.identify(jwtOf('1'), true);

    await expect(session.identify(jwtOf('1'), true)).rejects.toMatchObject({ kind: 'unreachable' });

    expect(ended).toEqual([]);
    expect(session.state.value).toMatchObject({ phase: 'ready', token: 'token-1' });
  });

  test('an identity whose answer was lost is told again when the guest’s token is at its end, and nothing is erased', async () => {
    const { session, answers, asked, ended, ready } = bench();
    answers.push({ customer: 'guest' }, new Failure('timeout', 'no answer'));
    await session.open();
    await expect(session.identify(jwtOf('1'), true)).rejects.toMatchObject({ kind: 'timeout' });
    answers.push(new Failure('refused', 'revoked', 'SESSION_INVALID'), { customer: 'ana', vouched: true });

    session.renew('token-1');
    await session.open();

    expect(ended).toEqual([]);
    expect(asked.at(-1)).toEqual({ site: 'bank', identity: jwtOf('1') });
    expect(ready.at(-1)).toEqual({ customer: 'ana', from: 'guest', samePerson: true });
  });

  test('a guest of two tabs who signs in in both stays the same person in both', async () => {
    const one = bench();
    one.answers.push({ customer: 'guest' });
    await one.session.open();
    const two = bench(one.storage);
    two.answers.push({ customer: 'guest' });
    await two.session.open();
    for (const tab of [one, two]) {
      tab.answers.push({ customer: 'ana', vouched: true });
      await tab.session.identify(jwtOf('1'), true);
    }

    expect([one.ended, two.ended]).toEqual([[], []]);
    expect(two.ready.at(-1)).toEqual({ customer: 'ana', from: 'guest', samePerson: true });
  });

  test('a logout erases at once, and whoever a session under way signs in after it', async () => {
    const { session, answers, ended, storage, loggedOut } = bench();
    answers.push({ customer: 'ana', vouched: true }, { customer: 'ana', vouched: true });
    await session.identify(jwtOf('1'), true);

    const again = session.identify(jwtOf('1'), true);
    const leaving = session.logout();
    expect([storage.get('guichet:bank:session'), ended.length]).toEqual([null, 1]);
    await Promise.all([again, leaving]);

    expect(storage.keys('')).toEqual([]);
    expect(loggedOut.sort()).toEqual(['token-1', 'token-2']);
    expect(session.state.value.phase).toBe('idle');
  });

  test('a refused identity is told, and the chat goes on as a guest, never as who was vouched for before', async () => {
    const { session, answers, asked, refused, loggedOut, ended } = bench();
    answers.push({ customer: 'ana', vouched: true });
    await session.identify('jwt of Ana', true);
    answers.push(new Failure('refused', 'expired', 'IDENTITY_INVALID'), { customer: 'guest' });

    await expect(session.identify('forged', true)).rejects.toMatchObject({ code: 'IDENTITY_INVALID' });

    expect(refused).toEqual(['IDENTITY_INVALID']);
    expect(loggedOut).toEqual(['token-1']);
    expect(ended).toEqual([{ owner: 'ana', erase: false }]);
    expect(asked.at(-1)).toEqual({ site: 'bank' });
    expect(session.state.value).toMatchObject({ phase: 'ready', customer: { id: 'guest' } });
  });

  describe('what waits for a customer whose identity was refused', () => {
    const outbox = 'guichet:bank:ana:outbox:1';
    async function refuse() {
      const tab = bench();
      tab.answers.push({ customer: 'ana', vouched: true });
      await tab.session.identify('jwt of Ana', true);
      tab.storage.set(outbox, '{}');
      tab.answers.push(new Failure('refused', 'expired', 'IDENTITY_INVALID'), { customer: 'guest' });
      await tab.session.identify('expired', true).catch(() => {});
      return tab;
    }

    test('is there when the site vouches for them again', async () => {
      const { session, answers, storage } = await refuse();
      answers.push({ customer: 'ana', vouched: true });

      await session.identify('new jwt of Ana', true);

      expect(storage.get(outbox)).toBe('{}');
      expect(storage.keys('guichet:bank:awaited')).toEqual([]);
    });

    test('goes when the site vouches for somebody else', async () => {
      const { session, answers, storage } = await refuse();
      answers.push({ customer: 'ben', vouched: true });

      await session.identify('jwt of Ben', true);
      await Promise.resolve();

      expect(storage.get(outbox)).toBeNull();
    });

    test('goes with a logout, of the guest too', async () => {
      const { session, storage } = await refuse();

      await session.logout();

      expect(storage.keys('')).toEqual([]);
    });

    test('is not erased by another tab, which only hears that the session is over', async () => {
      const other = bench();
      other.answers.push({ customer: 'ana', vouched: true });
      await other.session.identify('jwt of Ana', true);
      const tab = bench(other.storage);
      tab.answers.push(new Failure('refused', 'expired', 'IDENTITY_INVALID'), new Failure('unreachable', 'no network'));
      await tab.session.identify('expired', true).catch(() => {});
      tab.session.stop();

      other.session.renew('token-1');
      await other.session.open().catch(() => {});
      other.session.stop();

      expect(other.ended).toEqual([{ owner: 'ana', erase: false }]);
    });
  });

  test('after a logout nothing is left, and the token is revoked', async () => {
    const { session, answers, storage, loggedOut, ended } = bench();
    answers.push({ customer: 'ana' });
    await session.open();
    await session.logout();

    expect(storage.keys('')).toEqual([]);
    expect(loggedOut).toEqual(['token-1']);
    expect(ended).toEqual([{ owner: 'ana', erase: true }]);
    expect(session.state.value.phase).toBe('idle');
  });

  test('a token that is no longer good opens a new session', async () => {
    const first = bench();
    first.answers.push({ customer: 'ana' });
    await first.session.open();
    const second = bench(first.storage);
    second.answers.push(new Failure('refused', 'revoked', 'SESSION_INVALID'), { customer: 'guest' });
    await second.session.open();

    expect(second.asked.map(({ resume }) => resume)).toEqual(['token-1', undefined]);
    expect(second.ended).toEqual([{ owner: 'ana', erase: true }]);
  });

  test('a session that the server ends is erased, and nobody is signed in again by what the page still holds', async () => {
    const { session, answers, ended, storage, asked } = bench();
    answers.push({ customer: 'ana', vouched: true });
    await session.identify('jwt', true);
    session.renew('token-1');
    await session.logout();

    expect(ended[0]).toEqual({ owner: 'ana', erase: true });
    expect(storage.keys('')).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('the end of a former token, told late, does not end the session that replaced it', async () => {
    const { session, answers, ended } = bench();
    answers.push({ customer: 'guest' }, { customer: 'ana', vouched: true });
    await session.open();
    const identified = session.identify('jwt', true);
    // The server revokes the guest's session before its answer is here.
    session.renew('token-1');
    await identified;
    await session.open();

    expect(ended).toEqual([]);
    expect(session.state.value).toMatchObject({ phase: 'ready', customer: { id: 'ana' } });
  });

  test('where another tab has a newer session, its data stays', async () => {
    const { session, answers, ended, storage, ready } = bench();
    answers.push({ customer: 'guest' });
    await session.open();
    storage.set('guichet:bank:session', JSON.stringify({ token: 'newer', customer: 'ana', vouched: true }));
    answers.push({ customer: 'ana', vouched: true });
    session.renew('token-1');
    await session.open();

    expect(ended).toEqual([{ owner: 'guest', erase: false }]);
    expect(ready.at(-1)).toMatchObject({ customer: 'ana' });
  });

  test('no server is a state of its own, and trying again leads out of it', async () => {
    const { session, answers } = bench();
    answers.push(new Failure('unreachable', 'no network'), { customer: 'ana' });
    await session.open();
    expect(session.state.value).toEqual({ phase: 'failed', code: 'UNREACHABLE' });
    await session.open();
    session.stop();

    expect(session.state.value.phase).toBe('ready');
  });

  test('what storage holds that is no session is as good as none', () => {
    const storage = memoryStorage();
    storage.set('guichet:bank:session', '{"token":5}');

    expect(bench(storage).session.canResume()).toBe(false);
  });
});

/** Tabs of one browser, and a server that takes a moment and makes a guest for whoever brings no good token. */
function browser({ locks = fakeLocks() as ReturnType<typeof fakeLocks> | undefined } = {}) {
  const storage: Storage = memoryStorage();
  const asked: SessionRequest[] = [];
  const good = new Map<string, { id: string; vouched: boolean }>();
  const held: (() => void)[] = [];
  let isHeld = false;
  let ids = 0;
  const rest = {
    async session(request) {
      asked.push(request);
      await new Promise<void>((resolve) => (isHeld ? held.push(resolve) : setTimeout(resolve, 5)));
      const { identity, resume } = request;
      const known = resume ? good.get(resume) : undefined;
      if (resume && !known) throw new Failure('refused', 'revoked', 'SESSION_INVALID');
      const customer = identity ? { id: identity, vouched: true } : (known ?? { id: `guest-${++ids}`, vouched: false });
      const token = !identity && known && resume ? resume : `token-${++ids}`;
      good.set(token, customer);
      return { token, customer } as Session;
    },
    logout: async () => {},
  } as Partial<Rest> as Rest;
  return {
    storage,
    asked,
    revokeAll: () => good.clear(),
    hold() {
      isHeld = true;
    },
    answer() {
      isHeld = false;
      for (const go of held.splice(0)) go();
    },
    tab: () =>
      createSession({
        site: 'bank',
        storage,
        disk: openDisk(storage),
        rest,
        tabsTurn: openTurn({ locks, name: 'session', patience: 5_000 }),
        onReady() {},
        onEnd() {},
        onIdentityRefused() {},
      }),
  };
}

describe('two tabs in the same moment', () => {
  test.each([
    ['with locks', fakeLocks()],
    ['without', undefined],
  ])('are one guest, %s', async (_, locks) => {
    const { tab } = browser({ locks });
    const tabs = [tab(), tab()];

    await Promise.all(tabs.map((each) => each.open()));

    expect(tabs.map((each) => each.owner())).toEqual(['guest-1', 'guest-1']);
  });

  test('ask for one session: the second goes on with what the first has opened', async () => {
    const { tab, asked } = browser();

    await Promise.all([tab().open(), tab().open()]);

    expect(asked).toEqual([{ site: 'bank' }, { site: 'bank', resume: 'token-2' }]);
  });

  test.each([
    ['with locks', fakeLocks()],
    ['without', undefined],
  ])('that renew a session which is no longer good become one guest, %s', async (_, locks) => {
    const { tab, revokeAll } = browser({ locks });
    await tab().open();
    revokeAll();
    const tabs = [tab(), tab()];

    await Promise.all(tabs.map((each) => each.open()));

    expect(tabs[0]?.owner()).not.toBe('guest-1');
    expect(tabs[1]?.owner()).toBe(tabs[0]?.owner());
  });

  test('what the guest of one wrote goes with who signs in in the other', async () => {
    const { tab, storage } = browser();
    const [guest, signingIn] = [tab(), tab()];

    await Promise.all([guest.open(), signingIn.identify('ana', true)]);

    expect(storage.get(formerName('bank', 'ana', 'guest-1'))).toBe('1');
  });

  test('one that is put away keeps nobody waiting, and goes on as who the other has become', async () => {
    const { tab, hold, answer } = browser();
    const [away, here] = [tab(), tab()];
    hold();
    const first = away.open();
    const second = here.open();
    await new Promise((resolve) => setTimeout(resolve, 5));

    away.sleep();
    await new Promise((resolve) => setTimeout(resolve, 5));
    answer();
    await Promise.all([first, second]);

    expect(here.state.value.phase).toBe('ready');
    expect(away.owner()).toBe(here.owner());
  });

  test('one that is put away before its turn waits no more, and opens a session when it is back', async () => {
    const { tab, hold, answer } = browser();
    const [here, away] = [tab(), tab()];
    hold();
    const first = here.open();
    const second = away.open();
    await new Promise((resolve) => setTimeout(resolve, 5));

    away.sleep();
    await second;
    expect(away.state.value).toEqual({ phase: 'failed', code: 'UNREACHABLE' });
    answer();
    await Promise.all([first, away.open()]);
    away.stop();

    expect(away.owner()).toBe(here.owner());
  });
});
