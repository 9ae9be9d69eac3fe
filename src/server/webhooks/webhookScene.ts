import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Message } from '../../protocol/message';
import {
  conversationPath,
  type Received,
  type Receiver,
  says,
  startReceiver,
  startTestServer,
  type TestServer,
} from '../testServer';

/**
 * For tests of webhooks: a server whose clock the test sets, a bot, and a receiver that is fresh for each test.
 *
 * ```ts
 * const scene = webhookScene();
 * test('…', async () => {
 *   await scene.server.webhook(scene.receiver.url);
 * ```
 */
export function webhookScene() {
  let server: TestServer;
  let bot: { token: string; agentId: string };
  let receiver: Receiver;
  let ahead = 0;
  beforeAll(async () => {
    server = await startTestServer({ now: () => Date.now() + ahead });
    bot = await server.token(undefined, { bot: true });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    ahead = 0;
    receiver = await startReceiver();
  });
  afterEach(async () => {
    for (const { id } of await server.world.store.db.selectFrom('webhooks').select('id').execute())
      await server.call('DELETE', `/v2/webhooks/${id}`, { token: bot.token });
    await receiver.stop();
  });
  return {
    get server() {
      return server;
    },
    get bot() {
      return bot;
    },
    get receiver() {
      return receiver;
    },
    now: () => Date.now() + ahead,
    /** The clock is so many milliseconds ahead, and nobody looks at it for that. */
    setAhead(ms: number): void {
      ahead = ms;
    },
    /** The clock goes on, and the worker looks at it. */
    passTime(seconds: number): void {
      ahead += seconds * 1_000;
      server.world.hub.publish({ type: 'deliveries' });
    },
    post: (id: string, text: string) =>
      server.call<Message>('POST', conversationPath(id, '/messages'), { token: bot.token, body: says(text) }),
    /** What was received of a conversation. */
    of: (id: string) => receiver.received.filter(({ body }) => body.conversation_id === id),
    deliveries: () => server.world.store.db.selectFrom('deliveries').selectAll().orderBy('position').execute(),
  };
}

export const texts = (received: Received[]) =>
  received.map(({ body }) => (body.data.message?.message_parts[0] as { text?: { content: string } })?.text?.content);
/** Once, for each event. */
export const ids = (received: Received[]) => [...new Set(received.map(({ headers }) => headers['webhook-id']))];
