import { createSign, generateKeyPairSync } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { botApp } from './app';
import { said } from './sampleWebhooks';
import type { WebhookEvent } from './webhookEvent';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const origin = 'http://bot.localhost:4183';

function knock(body: string, change: Record<string, string> = {}) {
  const taken: WebhookEvent[] = [];
  const keys = { secret, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  const app = botApp(origin, keys, { take: async (event) => void taken.push(event) });
  const headers = {
    host: 'bot.localhost:4183',
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', new Date(), body),
    'x-freshchat-signature': createSign('sha256').update(body).sign(privateKey, 'base64'),
    ...change,
  };
  const answer = app.request(`${origin}/webhook`, { method: 'POST', body, headers });
  return { answer, taken };
}

it('takes a genuine webhook', async () => {
  const { answer, taken } = knock(JSON.stringify(said('Hello')));

  expect((await answer).status).toBe(204);
  expect(taken).toHaveLength(1);
});

it.each([['webhook-signature'], ['x-freshchat-signature'], ['webhook-timestamp']])(
  'answers 401 to a wrong %s',
  async (name) => {
    const { answer, taken } = knock(JSON.stringify(said('Hello')), { [name]: 'v1,AAAA' });

    expect((await answer).status).toBe(401);
    expect(taken).toEqual([]);
  },
);

it('answers 2xx to what it doesn’t know, so that it isn’t sent again', async () => {
  for (const body of ['{"action":"csat_submit"}', '[]', '']) {
    const { answer, taken } = knock(body);

    expect((await answer).status).toBe(204);
    expect(taken).toEqual([]);
  }
});

it('refuses what is too large, and any other name than its own', async () => {
  expect((await knock('x'.repeat(300_000)).answer).status).toBe(413);
  expect((await knock('{}', { host: 'evil.example' }).answer).status).toBe(421);
});
