import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Channel, ChannelError, type ChannelOptions, openChannel } from './channel';

type Traffic = Record<string, unknown>;
const open: Array<{ close(): void }> = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A channel, and the raw other end of its port as a hostile peer has it. */
function channelAndPeer(options: Partial<ChannelOptions<Traffic>> = {}) {
  const { port1, port2 } = new MessageChannel();
  const faults: string[] = [];
  const channel = openChannel<Traffic, Traffic>(port1, {
    handlers: {},
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  const got: unknown[] = [];
  port2.onmessage = ({ data }) => got.push(data);
  open.push(channel, port2);
  return { channel, peer: port2, got, faults };
}

function pair(a: Partial<ChannelOptions<Traffic>>, b: Partial<ChannelOptions<Traffic>>) {
  const { port1, port2 } = new MessageChannel();
  const ends: [Channel<Traffic>, Channel<Traffic>] = [
    openChannel<Traffic, Traffic>(port1, { handlers: {}, ...a }),
    openChannel<Traffic, Traffic>(port2, { handlers: {}, ...b }),
  ];
  open.push(...ends);
  return ends;
}

const arrived = <T>(get: () => T) => vi.waitFor(() => expect(get()).toBeTruthy(), { timeout: 2_000 });
/** Everything that was posted before has been taken in: ports keep their order. */
const flushed = async (peer: MessagePort, got: unknown[]) => {
  const id = `flush ${Math.random()}`;
  peer.postMessage({ v: 1, t: 'no such type', d: null, id });
  await arrived(() => got.some((one) => (one as { re?: unknown }).re === id));
};

describe('notifications and requests', () => {
  it('brings notifications to the handler of their type, in order', async () => {
    const seen: unknown[] = [];
    const [a] = pair({}, { handlers: { note: (data) => seen.push(data) } });

    for (const n of [1, 2, 3]) a.notify('note', { n });

    await arrived(() => seen.length === 3);
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('answers a request with what the handler returns, a promise included, each request its own answer', async () => {
    const [a] = pair(
      {},
      {
        handlers: {
          double: (n) => (n as number) * 2,
          later: (n) => new Promise((resolve) => setTimeout(resolve, 20, `later ${n}`)),
        },
      },
    );

    expect(await Promise.all([a.request('later', 1), a.request('double', 4), a.request('double', 5)])).toEqual([
      'later 1',
      8,
      10,
    ]);
  });

  it('refuses a request with the words of the handler that throws or rejects', async () => {
    const [a] = pair(
      {},
      {
        handlers: {
          throws: () => {
            throw new Error('no account named so');
          },
          rejects: () => Promise.reject(new Error('later, please')),
        },
      },
    );

    await expect(a.request('throws', {})).rejects.toMatchObject({ code: 'refused', message: 'no account named so' });
    await expect(a.request('rejects', {})).rejects.toMatchObject({ code: 'refused', message: 'later, please' });
  });

  it('refuses a request whose answer cannot be sent', async () => {
    const [a] = pair({}, { handlers: { ask: () => () => 'a function' } });

    await expect(a.request('ask', {})).rejects.toMatchObject({ code: 'refused' });
  });

  it('rejects with timeout when nobody answers, and takes no answer after that', async () => {
    const { channel, peer, got, faults } = channelAndPeer();

    await expect(channel.request('ask', {}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
    peer.postMessage({ v: 1, re: (got[0] as { id: number }).id, ok: true, d: 'late' });
    await flushed(peer, got);

    expect(faults).toContain('an answer that nobody waits for');
  });
});

describe('the end', () => {
  it('rejects what waits and what comes after close, and close may come twice', async () => {
    const { channel } = channelAndPeer();
    const waiting = channel.request('ask', {});

    channel.close();
    channel.close();

    await expect(waiting).rejects.toBeInstanceOf(ChannelError);
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(channel.request('ask', {})).rejects.toMatchObject({ code: 'closed' });
    expect(() => channel.notify('note', {})).not.toThrow();
    expect(channel.closed).toBe(true);
  });

  it('lets nothing in after close: what was on its way and what is replayed reaches no handler', async () => {
    const handler = vi.fn();
    const { channel, peer, faults } = channelAndPeer({ handlers: { note: handler } });
    peer.postMessage({ v: 1, t: 'note', d: 1 });

    channel.close();
    peer.postMessage({ v: 1, t: 'note', d: 2 });
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(handler).not.toHaveBeenCalled();
    expect(faults).toEqual([]);
  });

  it('says nothing more when it was closed while a handler still worked', async () => {
    let finish = (_: string) => {};
    const { channel, peer, got } = channelAndPeer({
      handlers: { ask: () => new Promise<string>((resolve) => (finish = resolve)) },
    });
    peer.postMessage({ v: 1, t: 'ask', d: null, id: 7 });
    await new Promise((resolve) => setTimeout(resolve, 20));

    channel.close();
    finish('too late');
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(got).toEqual([]);
  });

  it('closes when the other side closes', async () => {
    const { channel, peer } = channelAndPeer();
    const waiting = channel.request('ask', {});

    peer.close();

    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('what the other side may try', () => {
  it.each([
    ['text', 'hello'],
    ['null', null],
    ['an array', [1, 2]],
    ['no version', { t: 'note', d: 1 }],
    ['another version', { v: 2, t: 'note', d: 1 }],
    ['no type', { v: 1, d: 1 }],
    ['a type that is no text', { v: 1, t: { toString: 'note' }, d: 1 }],
    ['an unknown type', { v: 1, t: 'nonsense', d: 1 }],
    ['the name of an inherited property', { v: 1, t: 'constructor', d: 1 }],
    ['the name of the prototype', { v: 1, t: '__proto__', d: 1 }],
    ['an answer to an unknown id', { v: 1, re: 99, ok: true, d: 1 }],
    ['an answer without id', { v: 1, re: undefined, ok: true, d: 1 }],
  ])('tells of %s as a fault and calls no handler', async (_, message) => {
    const handler = vi.fn();
    const { peer, got, faults } = channelAndPeer({ handlers: { note: handler } });

    peer.postMessage(message);
    await flushed(peer, got);

    expect(handler).not.toHaveBeenCalled();
    expect(faults.filter((fault) => !fault.startsWith('no such type'))).toHaveLength(1);
  });

  it('refuses what the check refuses, with its words, and hands on what the check returns', async () => {
    const handler = vi.fn((data: unknown) => data);
    const { peer, got, faults } = channelAndPeer({
      handlers: { size: handler },
      check: (_, data) => {
        if (typeof data !== 'number') throw new Error('expected a number');
        return Math.round(data);
      },
    });

    peer.postMessage({ v: 1, t: 'size', d: 'wide', id: 1 });
    peer.postMessage({ v: 1, t: 'size', d: 1.6, id: 2 });
    await flushed(peer, got);

    expect(got.slice(0, 2)).toEqual(
      expect.arrayContaining([
        { v: 1, re: 1, ok: false, d: 'expected a number' },
        { v: 1, re: 2, ok: true, d: 2 },
      ]),
    );
    expect(handler.mock.calls).toEqual([[2]]);
    expect(faults[0]).toBe('size: expected a number');
  });

  it('answers each request once: a replayed answer is a fault and changes nothing', async () => {
    const { channel, peer, got, faults } = channelAndPeer();
    const asked = channel.request('ask', {});
    await arrived(() => got.length === 1);
    const { id } = got[0] as { id: number };

    peer.postMessage({ v: 1, re: id, ok: true, d: 'first' });
    peer.postMessage({ v: 1, re: id, ok: false, d: 'second' });
    await flushed(peer, got);

    await expect(asked).resolves.toBe('first');
    expect(faults).toContain('an answer that nobody waits for');
  });

  it('keeps out a message over the bound, also as an answer, and lets in one at the bound', async () => {
    const handler = vi.fn();
    const { channel, peer, got, faults } = channelAndPeer({ handlers: { note: handler }, maxBytes: 100 });
    const asked = channel.request('ask', {});
    asked.catch(() => {});
    await arrived(() => got.length === 1);

    peer.postMessage({ v: 1, t: 'note', d: 'x'.repeat(98) });
    peer.postMessage({ v: 1, t: 'note', d: 'x'.repeat(99) });
    peer.postMessage({ v: 1, re: (got[0] as { id: number }).id, ok: true, d: 'x'.repeat(200) });
    await flushed(peer, got);

    expect(handler.mock.calls).toEqual([['x'.repeat(98)]]);
    expect(faults[0]).toBe('note: expected at most 100 bytes of JSON');
    await expect(asked).rejects.toMatchObject({ code: 'refused', message: 'expected at most 100 bytes of JSON' });
  });

  it('keeps out a circular message without hanging', async () => {
    const handler = vi.fn();
    const { peer, got } = channelAndPeer({ handlers: { note: handler } });
    const circle: { self?: unknown } = {};
    circle.self = circle;

    peer.postMessage({ v: 1, t: 'note', d: circle });
    await flushed(peer, got);

    expect(handler).not.toHaveBeenCalled();
  });

  it('drops a flood beyond the rate, says so once, and listens again afterwards', async () => {
    const handler = vi.fn();
    const { peer, faults } = channelAndPeer({ handlers: { note: handler }, maxPerSecond: 50 });

    for (let i = 0; i < 1_000; i++) peer.postMessage({ v: 1, t: 'note', d: i });
    await arrived(() => faults.length > 0);
    const during = handler.mock.calls.length;
    peer.postMessage({ v: 1, t: 'note', d: 'after' });
    await arrived(() => handler.mock.calls.length > during);

    expect(during).toBeGreaterThanOrEqual(50);
    expect(during).toBeLessThan(150);
    expect(faults).toEqual([expect.stringMatching(/^\d+ messages dropped: more than 50 a second$/)]);
    expect(handler.mock.lastCall).toEqual(['after']);
  });

  it('hears the answer it waits for in the middle of a flood', async () => {
    const { channel, peer, got } = channelAndPeer({ maxPerSecond: 5 });
    const asked = channel.request('ask', {});
    await arrived(() => got.length === 1);

    for (let i = 0; i < 100; i++) peer.postMessage({ v: 1, t: 'note', d: i });
    peer.postMessage({ v: 1, re: (got[0] as { id: number }).id, ok: true, d: 'heard' });

    await expect(asked).resolves.toBe('heard');
  });
});
