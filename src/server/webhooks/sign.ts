import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { payloadVersion } from '../../protocol/webhook';

/** A Standard Webhooks secret: `whsec_` and 32 random bytes in base64. */
export const mintSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

/** A webhook's secrets, newest first; one that was rotated away has an end, in milliseconds. */
export type KeptSecret = string | { secret: string; until: number };

/** Those that sign now. */
export const secretsGoodAt = (secretsJson: string, now: number): string[] =>
  (JSON.parse(secretsJson) as KeptSecret[]).flatMap((kept) =>
    typeof kept === 'string' ? [kept] : kept.until > now ? [kept.secret] : [],
  );

export function mintKeyPair(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** The public key as SubjectPublicKeyInfo, labelled as what it is. */
export const publicKeyOf = (privatePem: string) =>
  createPublicKey(privatePem).export({ type: 'spki', format: 'pem' }) as string;

/**
 * Headers of one attempt: v2's RSA signature over the raw bytes, and the three of Standard Webhooks, with a signature
 * by each secret that is good today.
 */
export function createSigner(privatePem: string): (delivery: {
  id: string;
  body: string;
  secrets: string[];
  /** Attempts before this one. */
  retries: number;
  now: number;
}) => Record<string, string> {
  const key: KeyObject = createPrivateKey(privatePem);
  return ({ id, body, secrets, retries, now }) => {
    const time = new Date(now);
    return {
      'content-type': 'application/json',
      'user-agent': 'Guichet-Webhooks/1',
      'x-freshchat-signature': createSign('RSA-SHA256').update(body).sign(key, 'base64'),
      'x-freshchat-payload-version': payloadVersion,
      'x-retry-count': String(retries),
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now / 1_000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, time, body)).join(' '),
    };
  };
}
