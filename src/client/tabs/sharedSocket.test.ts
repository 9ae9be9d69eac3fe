import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Link } from '../socket';
import { fakeBrowser, fakeServer } from './fakeTabs';
import { openSharedSocket } from './sharedSocket';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Tabs that fold what they hear by seq, ask for gaps, and look at the head when they hear of a connection. */
function bench() {
  const browser = fakeBrowser();
  const server = fakeServer();
  const tabs = new Map<string, { link: Link; heard: string[]; ends: string[]; check: () => Promise<void> }>();
  return {
    browser,
    server,
    tabs,
    tab(id: string, isVisible = () => true) {
      const heard: string[] = [];
      const ends: string[] = [];
      const fold = (events: unknown) => {
        for (const { seq, word } of events as { seq: number; word: string }[])
          if (seq === heard.length + 1) heard.push(word);
      };
      const check = async () => {
        const part = await link.ask('events', { after: heard.length }, 5_000).catch(() => undefined);
        if (part) fold((part as { events: unknown }).events);
      };
      const link = openSharedSocket(
        browser.tab(id, isVisible),
        {
          name: 'bank:ada:socket',
          token: () => 'token',
          cursors: () => ({ c: heard.length }),
          onState: (state) => state === 'online' && void check(),
          onMessage: (type, data) => (type === 'session_end' ? ends.push(type) : fold(data)),
        },
        (options) => server.open(id, options, () => browser.isRunning(id)),
      );
      const opened = { link, heard, ends, check };
      tabs.set(id, opened);
      return opened;
    },
  };
}
const soon = () => vi.advanceTimersByTimeAsync(100);

describe('one socket for all tabs', () => {
  it('that doesn’t answer begins anew: in the tab that holds it, and else in the one that has noticed', async () => {
    const { server, tab, tabs } = bench();
    const [a, b] = [tab('a'), tab('b')];
    await soon();

    a.link.resume(true);
    expect(server.reconnects).toEqual(['a']);
    b.link.resume(true);
    expect(b.link.state).toBe('connecting');
    await soon();
    server.say('by the new one');
    await soon();

    expect([...server.sockets].map((socket) => socket.tab)).toEqual(['b']);
    expect([a.heard, b.heard]).toEqual([['by the new one'], ['by the new one']]);
    for (const each of tabs.values()) each.link.close();
  });

  it('is held by one; all hear what the server says and can ask', async () => {
    const { server, tab } = bench();
    const [a, b, c] = [tab('a'), tab('b'), tab('c')];
    await soon();

    server.say('one');
    const answer = await Promise.all([b.link.ask('send', { word: 'two' }, 5_000), soon()]);
    await soon();

    expect(server.sockets.size).toBe(1);
    expect(answer[0]).toEqual({ seq: 2 });
    for (const { heard, link } of [a, b, c]) {
      expect(link.state).toBe('online');
      expect(heard).toEqual(['one', 'two']);
    }
  });

  it('refuses in the asking tab what the server refused, with its code and its wait', async () => {
    const { tab } = bench();
    const [, b] = [tab('a'), tab('b')];
    await soon();

    const refused = b.link.ask('refused', {}, 5_000).catch((error) => error);
    await soon();

    expect(await refused).toMatchObject({ kind: 'refused', code: 'CONFLICT', retryAfter: 3_000 });
  });

  it('passes on when the holder closes, and what was said meanwhile is there', async () => {
    const { server, tab } = bench();
    const [a, b, c] = [tab('a'), tab('b'), tab('c')];
    await soon();

    a.link.close();
    server.say('said to nobody');
    await soon();

    expect([...server.sockets].map(({ tab }) => tab)).toEqual(['b']);
    for (const { heard } of [b, c]) expect(heard).toEqual(['said to nobody']);
  });

  it('passes on when the holder crashes', async () => {
    const { browser, server, tab } = bench();
    const [, b] = [tab('a'), tab('b')];
    await soon();

    browser.crash('a');
    server.sockets.clear();
    server.say('one');
    await soon();

    expect(b.heard).toEqual(['one']);
  });

  it('is taken from a frozen holder within ten seconds; it follows when it thaws, and has everything', async () => {
    const { browser, server, tab } = bench();
    const [a, b, c] = [tab('a'), tab('b'), tab('c')];
    await soon();

    browser.freeze('a');
    server.say('one');
    await vi.advanceTimersByTimeAsync(10_000);
    expect([b.heard, c.heard]).toEqual([['one'], ['one']]);
    browser.thaw('a');
    await vi.advanceTimersByTimeAsync(3_000);

    expect(a.heard).toEqual(['one']);
    expect(server.sockets.size).toBe(1);
    expect([...server.sockets][0]?.tab).not.toBe('a');
  });

  it('is taken at once when the holder leaves a question unanswered', async () => {
    const { browser, tab } = bench();
    const [, b] = [tab('a'), tab('b')];
    await soon();
    browser.freeze('a');

    const failed = b.link.ask('send', { word: 'one' }, 10_000).catch((error) => error);
    await vi.advanceTimersByTimeAsync(5_000);

    expect(await failed).toMatchObject({ kind: 'unreachable' });
    expect(b.link.state).toBe('online');
    expect(await b.link.ask('who', {}, 1_000)).toEqual({ by: 'b' });
  });

  it('lets go of everything on pause, and takes it again on resume', async () => {
    const { browser, server, tab } = bench();
    const a = tab('a');
    await soon();
    expect(browser.openCount()).toBe(2);

    a.link.pause();
    await soon();
    expect(browser.openCount()).toBe(0);
    expect(server.sockets.size).toBe(0);
    server.say('while away');
    a.link.resume();
    await soon();

    expect(a.heard).toEqual(['while away']);
  });

  it('a tab that shows a web view has its own, until it shows none any more', async () => {
    const { server, tab } = bench();
    const [, b] = [tab('a'), tab('b')];
    await soon();

    const opened = b.link.ask('web_view_open', {}, 5_000);
    await soon();
    expect(await opened).toEqual({ by: 'b' });
    server.say('heard twice, folded once');
    for (let beats = 0; beats < 6; beats++) {
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await b.link.ask('web_view_beat', {}, 5_000)).toEqual({ by: 'b' });
    }
    expect(b.heard).toEqual(['heard twice, folded once']);
    expect([...server.sockets].map(({ tab }) => tab).sort()).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(71_000);

    expect([...server.sockets].map(({ tab }) => tab)).toEqual(['a']);
  });

  it('believes the end of a session only from the server', async () => {
    const { browser, server, tab } = bench();
    const [a, b] = [tab('a'), tab('b')];
    await soon();
    const liar = browser.tab('liar').openChannel('bank:ada:socket:1');

    liar.postMessage({ is: 'said', from: 'liar', type: 'session_end', data: { reason: 'I say so' } });
    await soon();
    expect([a.ends, b.ends]).toEqual([[], []]);
    server.endSession();
    await soon();

    expect(a.ends.length).toBeGreaterThan(0);
    expect(b.ends.length).toBeGreaterThan(0);
  });

  it('doesn’t mind what is none of its messages', async () => {
    const { browser, server, tab } = bench();
    const [a, b] = [tab('a'), tab('b')];
    await soon();
    const stranger = browser.tab('x').openChannel('bank:ada:socket:1');

    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('who', 'hold', 'said', 'ask', 'answer', 'nothing'), (value, is) => {
        stranger.postMessage(value);
        stranger.postMessage({ ...(Object(value) as object), is });
      }),
    );
    await soon();
    server.say('one');
    await vi.advanceTimersByTimeAsync(10_000);

    for (const { heard } of [a, b]) expect(heard).toEqual(['one']);
  });

  it('whatever is lost or doubled between the tabs, and whichever dies when: all end with the same', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('say', 'send', 'freeze', 'thaw', 'crash', 'pause', 'resume'), tab: fc.nat(3) }),
      fc.record({ do: fc.constant('wait'), tab: fc.integer({ min: 1, max: 8_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.infiniteStream(fc.nat(9)), async (steps, dice) => {
        const { browser, server, tabs, tab } = bench();
        for (const id of ['a', 'b', 'c', 'd']) tab(id);
        browser.lose(() => {
          const rolled = dice.next().value as number;
          return rolled < 2 ? 0 : rolled === 9 ? 2 : 1;
        });
        const crashed = new Set<string>();
        let words = 0;
        for (const { do: what, tab: at } of steps) {
          const id = 'abcd'[at] as string;
          const { link } = tabs.get(id) ?? {};
          if (what === 'wait') await vi.advanceTimersByTimeAsync(at);
          if (what === 'say') server.say(`word ${++words}`);
          if (what === 'freeze' && !crashed.has(id) && browser.isRunning(id)) browser.freeze(id);
          if (what === 'thaw') browser.thaw(id);
          if (what === 'crash' && crashed.size < 3) {
            crashed.add(id);
            browser.crash(id);
            for (const socket of server.sockets) if (socket.tab === id) server.sockets.delete(socket);
          }
          if (!browser.isRunning(id)) continue;
          if (what === 'send') void link?.ask('send', { word: `word ${++words}` }, 5_000).catch(() => {});
          if (what === 'pause') link?.pause();
          if (what === 'resume') link?.resume();
        }
        browser.lose(() => 1);
        const left = [...tabs].filter(([id]) => !crashed.has(id));
        for (const [id, { link }] of left) {
          browser.thaw(id);
          link.resume();
        }
        await vi.advanceTimersByTimeAsync(30_000);
        for (const [, { check }] of left) await Promise.all([check(), vi.advanceTimersByTimeAsync(100)]);

        for (const [id, { heard, link }] of left) {
          expect([id, link.state]).toEqual([id, 'online']);
          expect([id, heard]).toEqual([id, server.log]);
        }
        expect([...server.sockets].filter(({ tab }) => !crashed.has(tab))).toHaveLength(1);
        for (const [, { link }] of left) link.close();
        await soon();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
