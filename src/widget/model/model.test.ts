// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveOptions } from '../../client/live';
import type { Range, Rest, Session } from '../../client/rest';
import { memoryStorage } from '../../client/storage';
import { createModel } from './model';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const site = { id: 'bank', config: {}, web_view_origins: [], uploads: false };

/** A model whose server stores what is sent and broadcasts nothing. */
function bench() {
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
    head: async () => ({ cursors: {} }),
    logout: async () => {},
  };
  const model = createModel({
    site,
    origin: 'https://chat.example',
    storage: memoryStorage(),
    rest,
    openLive: (_options: LiveOptions) => ({
      state: 'offline',
      ask: () => Promise.reject(new Error('offline')),
      pause() {},
      resume() {},
      close() {},
    }),
    newId: () => `client-id-${++ids}`,
    loadWebViews: () => new Promise(() => {}),
    height: 700,
    isVisible: true,
  });
  return { model, ranges };
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
