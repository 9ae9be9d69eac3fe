import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { getConversation } from '../conversations/conversations';
import { addMessage } from '../conversations/messages';
import { eventually, type Receiver, startReceiver, startTestServer, type TestServer } from '../testServer';
import { behind, straighten } from './lanes';
import { startWebhookWorker } from './worker';

let server: TestServer;
let bot: { token: string };
let receiver: Receiver;
let ahead = 0;
beforeAll(async () => {
  server = await startTestServer({ now: () => Date.now() + ahead });
  bot = await server.token();
});
afterAll(() => server.stop());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const { id } of await server.world.store.db.selectFrom('webhooks').select('id').execute())
    await server.call('DELETE', `/v2/webhooks/${id}`, { token: bot.token });
  await receiver.stop();
});

/** Conversations in which nothing is told yet. */
const conversations = async (count: number) => {
  const made: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const { customer, id } = await server.conversation();
    customer.leave();
    made.push(id);
  }
  return made;
};
/** Numbered messages in each conversation, one transaction for each number. */
async function write(ids: string[], count: number, from = 0): Promise<void> {
  for (let at = from; at < from + count; at += 1)
    await server.world.store.transaction(async () => {
      for (const id of ids)
        await addMessage(server.world, await getConversation(server.world, id), {
          actor: { actor_type: 'bot', actor_id: 'freddy' },
          source: 'api',
          parts: [{ text: { content: String(at) } }],
        });
    });
}
/** The clock goes on, and the worker looks at it. */
function passTime(seconds: number): void {
  ahead += seconds * 1_000;
  server.world.hub.publish({ type: 'deliveries' });
}
const waiting = () =>
  server.world.store.db
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '=', 'waiting')
    .orderBy('position')
    .execute();
const numbersOf = (received: Receiver['received'], id: string) =>
  received
    .filter(({ body }) => body.conversation_id === id)
    .map(({ raw }) => Number(JSON.parse(raw.toString()).data.message.message_parts[0].text.content));

describe('a receiver that is down', { timeout: 60_000 }, () => {
  test('has one delivery of each conversation to be looked for, however many wait, and gets all of them when it is back', async () => {
    const ids = await conversations(3);
    receiver.answerWith(() => 503);
    await server.webhook(receiver.url, ['message_create']);
    await write(ids, 15);
    await receiver.until((received) => received.length >= 3);
    await eventually(async () => (await waiting()).every(({ attempts, next }) => next === behind || attempts > 0));

    const before = await waiting();
    expect(before).toHaveLength(45);
    expect(before.filter(({ next }) => next !== behind)).toHaveLength(3);

    receiver.received.length = 0;
    receiver.answerWith(() => 200);
    passTime(3_600);
    await eventually(async () => (await waiting()).length === 0, 30_000);
    for (const id of ids) expect(numbersOf(receiver.received, id)).toEqual(Array.from({ length: 15 }, (_, at) => at));
  });

  test('and lanes in disorder, as an older version or a fault left them: they are straightened and go on in order', async () => {
    const [id = ''] = await conversations(1);
    receiver.answerWith(() => 503);
    await server.webhook(receiver.url, ['message_create']);
    await write([id], 10);
    await receiver.until((received) => received.length > 0);
    await eventually(async () => (await waiting())[0]?.attempts === 1);

    // All of them due: the order holds all the same.
    await server.world.store.db.updateTable('deliveries').set({ next: 0 }).where('state', '=', 'waiting').execute();
    receiver.received.length = 0;
    receiver.answerWith(() => (receiver.received.length > 5 ? 503 : 200));
    passTime(0);
    await eventually(async () => receiver.received.length === 6 && (await waiting())[0]?.attempts === 1);
    // None of them due: nothing goes, until they are straightened.
    await server.world.store.db
      .updateTable('deliveries')
      .set({ next: behind })
      .where('state', '=', 'waiting')
      .execute();
    receiver.answerWith(() => 200);
    await straighten(server.world);
    passTime(0);

    await eventually(async () => (await waiting()).length === 0, 30_000);
    expect([...new Set(numbersOf(receiver.received, id))]).toEqual(Array.from({ length: 10 }, (_, at) => at));
  });
});

test('a receiver that fails three times in ten loses nothing, in every conversation in order', {
  timeout: 60_000,
}, async () => {
  const ids = await conversations(5);
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  let failed = 0;
  receiver.answerWith(() => {
    if (random() >= 0.3) return 200;
    failed += 1;
    return random() < 0.5 ? 500 : 'break';
  });
  await server.webhook(receiver.url, ['message_create']);

  await write(ids, 15);
  await eventually(async () => {
    passTime(600);
    return (await waiting()).length === 0;
  }, 60_000);

  for (const id of ids) {
    // What failed comes again at once behind itself: without these the order is the log's, each there.
    const told = numbersOf(receiver.received, id);
    expect(told.filter((each, at) => each !== told[at - 1])).toEqual(Array.from({ length: 15 }, (_, at) => at));
  }
  expect(failed).toBeGreaterThan(10);
  const dead = await server.world.store.db.selectFrom('deliveries').select('id').where('state', '=', 'dead').execute();
  expect(dead).toEqual([]);
});

describe('what a clock planned that has been set back since', () => {
  const month = 30 * 86_400;

  test('waits no longer than the schedule says', async () => {
    const [id = ''] = await conversations(1);
    receiver.answerWith(() => 503);
    await server.webhook(receiver.url, ['message_create']);
    passTime(month);
    await write([id], 2);
    await eventually(async () => (await waiting())[0]?.attempts === 1);
    receiver.answerWith(() => 200);

    passTime(-month);
    passTime(3);

    await eventually(async () => (await waiting()).length === 0);
    expect(numbersOf(receiver.received, id)).toEqual([0, 0, 1]);
  });

  test('waits no longer either where the server starts after it', async () => {
    const [id = ''] = await conversations(1);
    await server.webhook(receiver.url, ['message_create']);
    receiver.answerWith(() => 503);
    await write([id], 1);
    await eventually(async () => (await waiting())[0]?.attempts === 1);
    const now = server.world.now();
    await server.world.store.db
      .updateTable('deliveries')
      .set({ next: now + month * 1_000, attempts: 4 })
      .where('state', '=', 'waiting')
      .execute();

    const worker = startWebhookWorker(server.world, {
      post: async () => ({ kind: 'stopped' }),
      log: pino({ level: 'silent' }),
      random: () => 0,
    });
    await eventually(async () => Number((await waiting())[0]?.next) < now + month * 1_000);
    await worker.stop();

    const wait = Number((await waiting())[0]?.next) - now;
    expect(wait).toBeGreaterThan(120_000); // The longest that follows a fourth attempt: 2 min and a tenth.
    expect(wait).toBeLessThan(140_000);
  });
});
