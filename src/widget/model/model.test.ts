// @vitest-environment jsdom
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Failure } from '../../client/failure';
import type { LiveOptions } from '../../client/live';
import type { Range, Rest, Session } from '../../client/rest';
import { memoryStorage } from '../../client/storage';
import { createModel } from './model';
import type { Surroundings } from './surroundings';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const site = {
  id: 'bank',
  config: {},
  hosts: [],
  web_view_origins: [],
  allow_host_origin: false,
  uploads: false,
};

/** A model whose server stores what is sent and broadcasts nothing; without `ask` there is no socket to it. */
function bench(ask?: (type: string, data: unknown) => unknown, more: Partial<Surroundings> = {}) {
  let live: LiveOptions | undefined;
  const ranges: { token: string; range: Range }[] = [];
  let ids = 0;
  const rest: Rest = {
    session: async ({ identity }) =>
      ({
        token: `token of ${identity ?? 'guest'}`,
        customer: { id: identity ?? 'guest', vouched: identity !== undefined },
        conversations: [],
        events: [],
        site,
        time: '',
      }) as Session,
    send: async (token) => ({ id: 'm1', conversation_id: `conversation by ${token}`, seq: 2, created_time: '' }),
    async events(token, range) {
      ranges.push({ token, range });
      return { events: [], seq: 2 };
    },
    read: async () => ({}),
    head: async () => ({ cursors: {} }),
    logout: async () => {},
  };
  const model = createModel({
    site,
    origin: 'https://chat.example',
    storage: memoryStorage(),
    rest,
    openLive(options: LiveOptions) {
      live = options;
      return {
        state: ask ? 'online' : 'offline',
        ask: (async (type: string, data: unknown) => {
          if (!ask) throw new Error('offline');
          return ask(type, data);
        }) as never,
        pause() {},
        resume() {},
        close() {},
      };
    },
    newId: () => `client-id-${++ids}`,
    loadWebViews: () => new Promise(() => {}),
    height: 700,
    isVisible: true,
    ...more,
  });
  return { model, rest, ranges, live: () => live as LiveOptions };
}

test('a message whose broadcast was lost is asked for', async () => {
  const { model, ranges } = bench();
  model.open(true);
  await vi.advanceTimersByTimeAsync(10);

  model.say('Hello');
  await vi.advanceTimersByTimeAsync(5_000);
  model.close();

  expect(ranges).toContainEqual({
    token: 'token of guest',
    range: expect.objectContaining({ conversation_id: 'conversation by token of guest' }),
  });
});

test('nobody asks for the conversation of the customer before', async () => {
  const { model, ranges } = bench();
  await model.identify('ada');
  model.open(true);
  await vi.advanceTimersByTimeAsync(10);

  const said = vi.advanceTimersByTimeAsync(0);
  model.say('Hello');
  const changed = model.identify('bo');
  await Promise.all([said, changed, vi.advanceTimersByTimeAsync(10)]);
  await vi.advanceTimersByTimeAsync(20_000);
  model.close();

  expect(ranges.filter(({ token, range }) => token === 'token of bo' && range.conversation_id.includes('ada'))).toEqual(
    [],
  );
});

test('whoever the customer becomes, one outbox is open: a second one would send the same once more', async () => {
  const open: string[] = [];
  const channel = (name: string) => {
    open.push(name);
    return { postMessage() {}, close: () => open.splice(open.indexOf(name), 1) } as unknown as BroadcastChannel;
  };
  const { model } = bench(undefined, { channel });
  const steps = [
    () => model.say('Hello'),
    () => model.identify('ada'),
    () => model.identify('bo'),
    () => model.logout(),
    () => model.say('Hello again'),
  ];
  for (const step of steps) {
    await step();
    await vi.advanceTimersByTimeAsync(10);
    expect(open).toHaveLength(1);
  }
  model.close();

  expect(open).toEqual([]);
});

test('what waits for a customer whose identity has expired is sent by nobody else, and when they are back', async () => {
  const { rest } = bench();
  const sent: string[] = [];
  let isUp = false;
  const { model } = bench(undefined, {
    rest: {
      ...rest,
      async session(request) {
        if (request.identity === 'expired') throw new Failure('refused', 'expired', 'IDENTITY_INVALID');
        return rest.session(request);
      },
      async send(token, request) {
        if (!isUp) throw new Failure('unreachable', 'no server');
        sent.push(`${'text' in request.content && request.content.text}, by the ${token}`);
        return rest.send(token, request);
      },
    },
  });
  await model.identify('ada');
  model.say('Hers');
  await vi.advanceTimersByTimeAsync(10);

  await model.identify('expired').catch(() => {});
  isUp = true;
  model.say('The guest’s');
  await vi.advanceTimersByTimeAsync(5_000);
  const asGuest = [...sent];
  await model.identify('ada');
  await vi.advanceTimersByTimeAsync(5_000);
  model.close();

  expect(asGuest).toEqual(['The guest’s, by the token of guest']);
  expect(sent.slice(1)).toEqual(['Hers, by the token of ada']);
});

test('a tab that slept through a sign-out in another tab signs out as it wakes', async () => {
  const storage = memoryStorage();
  const { model } = bench(undefined, { storage });
  await model.identify('ada');
  model.open(true);
  await vi.advanceTimersByTimeAsync(10);
  expect(model.session.state.value.phase).toBe('ready');

  model.sleep();
  storage.remove('guichet:bank:session');
  model.wake();
  await vi.advanceTimersByTimeAsync(10);
  const { phase } = model.session.state.value;
  model.close();

  expect(phase).toBe('idle');
});

test('chosen files stay with a guest who signs in, and go with a customer who leaves', async () => {
  const { model } = bench();
  const told: string[] = [];
  model.attachments.value = { restart: () => told.push('restart'), drop: () => told.push('drop') } as never;
  model.open(true);
  await vi.advanceTimersByTimeAsync(10);

  told.length = 0;

  await model.identify('ada');
  expect(told).toEqual(['restart']);
  await model.identify('bo');
  expect(told).toEqual(['restart', 'drop']);
  await model.logout();
  expect(told).toEqual(['restart', 'drop', 'drop']);
  model.close();
});

test('an uploaded file goes out by its id and is shown meanwhile', async () => {
  const { model } = bench();
  const file = {
    id: 'f1',
    url: 'https://files.example/f/x/a.pdf',
    name: 'a.pdf',
    content_type: 'application/pdf',
    size: 7,
  };
  model.sendFile(file);

  expect(model.waiting.value).toMatchObject([{ entry: { request: { content: { file: { id: 'f1' } } }, file } }]);
  model.close();
});

test('what comes under a web view’s sheet is seen once the sheet is gone, under its line', async () => {
  const read = new Set<number>();
  const { model, live } = bench((type, data) => {
    if (type === 'read') read.add((data as { up_to: number }).up_to);
    return { cursors: {} };
  });
  const say = (seq: number) =>
    live().onEvents([
      {
        id: `e${seq}`,
        conversation_id: 'c1',
        seq,
        time: '',
        actor: { actor_type: 'bot', actor_id: 'b1' },
        type: 'message_create',
        data: { message: { id: `m${seq}`, actor_type: 'bot', seq, message_parts: [], reply_parts: [] } },
      } as never,
    ]);
  const phase = signal('open');
  model.open(true);
  await vi.advanceTimersByTimeAsync(10);
  live().onState('online');
  say(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([...read]).toEqual([1]);
  expect(model.thread.unreadFrom.value).toBeUndefined();

  model.webViews.all.value = [{ phase } as never];
  say(2);
  await vi.advanceTimersByTimeAsync(1_000);
  model.minimise();
  model.open(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([...read]).toEqual([1]);
  expect(model.thread.unreadFrom.value).toBe(2);
  phase.value = 'leaving';
  await vi.advanceTimersByTimeAsync(1_000);
  model.close();

  expect([...read]).toEqual([1, 2]);
  expect(model.thread.unreadFrom.value).toBe(2);
});
