import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { conversationPath } from '../testServer';
import { webhookScene } from './webhookScene';

const scene = webhookScene();
const { post, of } = scene;

describe('signatures', () => {
  test('both verify over the raw bytes, whatever script the text is in', async () => {
    const { secret, publicKey } = await scene.server.webhook(scene.receiver.url);
    const { id } = await scene.server.conversation('Grüße, 你好, مرحبا, 👋 \u2028 "\\ \u0000');
    await scene.receiver.until(() => of(id).length === 2);

    for (const { raw, headers } of of(id)) {
      const signed = { 'webhook-id': '', 'webhook-timestamp': '', 'webhook-signature': '' };
      for (const name of Object.keys(signed) as (keyof typeof signed)[]) signed[name] = String(headers[name]);
      expect(new Webhook(secret).verify(raw, signed)).toBeTruthy();
      const rsa = Buffer.from(String(headers['x-freshchat-signature']), 'base64');
      expect(verify('RSA-SHA256', raw, publicKey, rsa)).toBe(true);
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'x-freshchat-payload-version': '2',
        'x-retry-count': '0',
      });
      // One byte more, another id, another secret: no.
      expect(verify('RSA-SHA256', Buffer.concat([raw, Buffer.from(' ')]), publicKey, rsa)).toBe(false);
      expect(() => new Webhook(secret).verify(`${raw} `, signed)).toThrow();
      expect(() => new Webhook(secret).verify(raw, { ...signed, 'webhook-id': 'other' })).toThrow();
      expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(raw, signed)).toThrow();
    }
  });

  test('the public key works for receivers that mend the PEM text by hand', async () => {
    const { publicKey } = await scene.server.webhook(scene.receiver.url);
    const oneLine = publicKey.replace(/\n/g, ' ').trim();
    const der = Buffer.from(oneLine.replace(/-----[^-]+-----/g, '').replace(/\s/g, ''), 'base64');

    expect(createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType).toBe('rsa');
  });

  test('while a secret is changed, each of the two signs', async () => {
    const { id: webhookId, secret } = await scene.server.webhook(scene.receiver.url);
    const next = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await scene.server.world.store.db
      .updateTable('webhooks')
      .set({ secrets_json: JSON.stringify([next, secret]) })
      .where('id', '=', webhookId)
      .execute();
    await scene.server.conversation();
    await scene.receiver.until((received) => received.length > 0);

    for (const { raw, headers } of scene.receiver.received)
      for (const each of [next, secret])
        expect(new Webhook(each).verify(raw, headers as Record<string, string>)).toBeTruthy();
  });
});

describe('what is told', () => {
  test('each event in v2’s shape, chained by the id of the one before', async () => {
    await scene.server.webhook(scene.receiver.url);
    const { id, userId } = await scene.server.conversation('Hello');
    const put = (body: object) => scene.server.call('PUT', conversationPath(id), { token: scene.bot.token, body });
    await put({ assigned_agent_id: scene.bot.agentId });
    await put({ status: 'resolved' });
    await put({ status: 'reopened' });
    await scene.receiver.until(() => of(id).length === 5);

    const told = of(id).map(({ body }) => body);
    const conversation = { conversation_id: id, app_id: scene.server.world.appId, user_id: userId };
    expect(told.map(({ action }) => action)).toEqual([
      'conversation_create',
      'message_create',
      'conversation_assignment',
      'conversation_resolution',
      'conversation_reopen',
    ]);
    expect(told[1]).toMatchObject({
      actor: { actor_type: 'user', actor_id: userId },
      data: { message: { message_parts: [{ text: { content: 'Hello' } }], message_source: 'web', actor_type: 'user' } },
    });
    expect(told[2]?.data.assignment).toMatchObject({
      to_agent_id: scene.bot.agentId,
      from_agent_id: '',
      assignor: 'bot',
      conversation,
    });
    expect(told[3]?.data.resolve).toMatchObject({
      resolver: 'bot',
      resolver_id: scene.bot.agentId,
      conversation: { status: 'resolved' },
    });
    expect(told[4]?.data.reopen).toMatchObject({
      reopener: 'bot',
      conversation: { ...conversation, status: 'reopened' },
    });
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(told.slice(1).map((body) => body.previous_event_id)).toEqual(told.slice(0, -1).map((body) => body.event_id));
    expect(told[0]).not.toHaveProperty('previous_event_id');
  });

  test('only what was asked for, and the chain is of what was sent', async () => {
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    const { id } = await scene.server.conversation('one');
    await scene.server.call('PUT', conversationPath(id), { token: scene.bot.token, body: { status: 'resolved' } });
    await post(id, 'two');
    await scene.receiver.until(() => of(id).length === 2);

    const [first, second] = of(id).map(({ body }) => body);
    expect(second?.previous_event_id).toBe(first?.event_id);
    expect([first?.seq, second?.seq]).toEqual([2, 5]);
  });

  test('how far somebody has read', async () => {
    await scene.server.webhook(scene.receiver.url, ['message_read']);
    const { id, userId } = await scene.server.conversation();
    await scene.server.call('POST', conversationPath(id, '/read'), { token: scene.bot.token, body: { up_to: 2 } });

    await scene.receiver.until((received) => received.length === 1);
    expect(of(id)[0]?.body).toMatchObject({
      action: 'message_read',
      actor: { actor_type: 'bot', actor_id: scene.bot.agentId },
      data: { read: { up_to: 2, conversation: { conversation_id: id, user_id: userId } } },
    });
  });

  test('a change of a user, in order for each user', async () => {
    await scene.server.webhook(scene.receiver.url, ['user_update']);
    const { userId } = await scene.server.conversation();
    for (const first_name of ['A', 'B', 'C'])
      await scene.server.call('PUT', `/v2/users/${userId}`, { token: scene.bot.token, body: { first_name } });

    await scene.receiver.until((received) => received.length === 3);
    expect(scene.receiver.received.map(({ body }) => body.data.user?.first_name)).toEqual(['A', 'B', 'C']);
  });
});
