import { createSign, generateKeyPairSync } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { type Headers, webhookCheck } from './signatures';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const check = webhookCheck({ secret, publicKey: pem });
const body = Buffer.from('{"action":"message_create","text":"Grüße, ça va? 🙂"}');

function signed(raw: Buffer, at = new Date(), hmacSecret = secret): Headers {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(hmacSecret).sign('msg_1', at, raw),
    'x-freshchat-signature': createSign('sha256').update(raw).sign(privateKey, 'base64'),
  };
}

describe('webhookCheck', () => {
  it('takes a body with both signatures, other letters than ASCII included', () => {
    expect(check(body, signed(body))).toEqual({ genuine: true });
  });

  it('refuses a body that was changed by one byte', () => {
    const headers = signed(body);
    const changed = Buffer.from(body);
    changed[3] = 0x41;

    expect(check(changed, headers).genuine).toBe(false);
  });

  it('refuses what is older than five minutes, or from the future', () => {
    expect(check(body, signed(body, new Date(Date.now() - 6 * 60_000))).genuine).toBe(false);
    expect(check(body, signed(body, new Date(Date.now() + 6 * 60_000))).genuine).toBe(false);
  });

  it('refuses another time under an old signature', () => {
    const headers = { ...signed(body), 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) + 1) };

    expect(check(body, headers).genuine).toBe(false);
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-freshchat-signature'])(
    'refuses a webhook without %s',
    (name) => {
      const { [name]: _left, ...headers } = signed(body);

      expect(check(body, headers).genuine).toBe(false);
    },
  );

  it('refuses when only one of the two signatures is right', () => {
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    const wrongRsa = {
      ...signed(body),
      'x-freshchat-signature': signed(Buffer.from('other'))['x-freshchat-signature'],
    };

    expect(check(body, signed(body, new Date(), other)).genuine).toBe(false);
    expect(check(body, wrongRsa)).toEqual({ genuine: false, why: 'X-Freshchat-Signature does not match' });
  });

  it('takes one of several signatures, as while a key is changed', () => {
    const headers = signed(body);
    const older = new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).sign('msg_1', new Date(), body);

    expect(check(body, { ...headers, 'webhook-signature': `${older} ${headers['webhook-signature']}` }).genuine).toBe(
      true,
    );
  });

  it('reads a key whose label is wrong, as such keys often are', () => {
    const mislabelled = pem.replace(/ PUBLIC KEY/g, ' RSA PUBLIC KEY').replace(/\n/g, '');

    expect(webhookCheck({ secret, publicKey: mislabelled })(body, signed(body)).genuine).toBe(true);
  });
});
