import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Conversation, empty } from '../../client/conversation';
import { openDisk } from '../../client/disk';
import type { LogEvent } from '../../client/events';
import { notConnected } from '../../client/outbox';
import { memoryStorage } from '../../client/storage';
import type { SendRequest } from '../../protocol/live';
import { createDelivery, type Parting } from './delivery';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Ana's, whose server stores what is sent once `isUp`. */
function bench({ isUp = true } = {}) {
  const storage = memoryStorage();
  const disk = openDisk(storage);
  const server = { isUp };
  const wire: SendRequest[] = [];
  const listening: string[] = [];
  const heads: unknown[] = [];
  const conversation = signal<Conversation | undefined>(undefined);
  let ids = 0;
  const delivery = createDelivery({
    disk,
    storage,
    site: 'bank',
    newId: () => `client-id-${++ids}`,
    channel(name) {
      listening.push(name);
      const close = () => listening.splice(listening.indexOf(name), 1);
      return { postMessage() {}, close } as unknown as BroadcastChannel;
    },
    async send(request) {
      if (!server.isUp) throw notConnected();
      wire.push(request);
      return { id: `m${wire.length}`, conversation_id: 'c', seq: wire.length, created_time: '' };
    },
    session: { owner: () => 'ana', isCurrent: () => true },
    thread: { conversation, sawHead: (cursors) => void heads.push(cursors) },
    attachments: signal(undefined),
    takesFiles: signal(false),
    isOnline: () => true,
    onSay() {},
    onStored() {},
  });
  const keptOf = async (customer: string) => (await disk.read(`guichet:bank:${customer}:outbox:`)).size;
  const texts = () =>
    delivery.waiting.value.map(({ entry: { request } }) => 'text' in request.content && request.content.text);
  return { delivery, server, wire, listening, heads, conversation, storage, keptOf, texts };
}
const soon = (ms = 10) => vi.advanceTimersByTimeAsync(ms);

describe('another customer’s turn', () => {
  test.each<[Parting, { shown: string[]; ana: number; bo: number; sent: number }]>([
    ['moves', { shown: ['Hello'], ana: 0, bo: 1, sent: 1 }],
    ['stays', { shown: [], ana: 1, bo: 0, sent: 0 }],
    ['erased', { shown: [], ana: 0, bo: 0, sent: 0 }],
  ])('what waits %s, and one outbox listens', async (what, expected) => {
    const { delivery, server, wire, listening, keptOf, texts } = bench({ isUp: false });
    delivery.say('Hello');
    await soon();

    const erased = delivery.handOver('bo', what);
    const shown = texts();
    await soon();
    await erased;
    const kept = { ana: await keptOf('ana'), bo: await keptOf('bo') };
    const heard = [...listening];
    server.isUp = true;
    delivery.kick();
    await soon();
    delivery.stop();

    expect({ shown, ...kept, sent: wire.length }).toEqual(expected);
    expect(heard).toEqual(['guichet:bank:bo:outbox:']);
    expect(listening).toEqual([]);
  });

  test('nothing that was acknowledged to the former one is shown or asked for', async () => {
    const { delivery, heads, texts } = bench();
    delivery.say('Hello');
    await soon();
    expect(texts()).toEqual(['Hello']);

    delivery.handOver('bo', 'moves');
    await soon(5_000);
    delivery.stop();

    expect(texts()).toEqual([]);
    expect(heads).toEqual([]);
  });
});

describe('what is acknowledged', () => {
  test('is shown until the log has it, and asked for when the log doesn’t get it', async () => {
    const { delivery, heads, texts } = bench();
    delivery.say('Hello');
    await soon();
    expect(delivery.waiting.value).toMatchObject([{ answer: { id: 'm1' } }]);
    expect(heads).toEqual([]);

    await soon(2_000);
    expect(heads).toEqual([{ c: 1 }]);
    delivery.settle([{ type: 'message_create', data: { message: { client_id: 'client-id-1' } } } as LogEvent]);
    delivery.stop();

    expect(texts()).toEqual([]);
  });

  test('is in a log that has got further, though a snapshot left it out', async () => {
    const { delivery, conversation, texts } = bench();
    delivery.say('Hello');
    await soon();

    conversation.value = { ...empty('c'), last: 7 };
    delivery.settle([]);
    delivery.stop();

    expect(texts()).toEqual([]);
  });
});

test('what only memory has is at risk after a second, and no more once it is sent', async () => {
  const { delivery, server } = bench({ isUp: false });
  delivery.say('Hello');
  await soon();
  expect(delivery.isAtRisk.value).toBe(false);
  await soon(1_000);
  expect(delivery.isAtRisk.value).toBe(true);

  server.isUp = true;
  delivery.kick();
  await soon();
  expect(delivery.isAtRisk.value).toBe(false);
  delivery.stop();
});
