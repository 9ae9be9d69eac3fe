import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

export type WebhookKeys = { secret: string; publicKey: string };
export type Headers = Record<string, string | undefined>;
export type Verdict = { genuine: true } | { genuine: false; why: string };

/**
 * Whether a webhook comes from Guichet, unchanged and not old: both signatures over the bytes as they came. The one of
 * Standard Webhooks (`webhook-*`) covers the time as well and is checked by its published library; the RSA one
 * (`X-Freshchat-Signature`) is what receivers written for Freshchat check.
 */
export function webhookCheck({ secret, publicKey }: WebhookKeys): (raw: Buffer, headers: Headers) => Verdict {
  const hmac = new Webhook(secret);
  const key = publicKeyOf(publicKey);
  return (raw, headers) => {
    try {
      hmac.verify(raw, definedOf(headers), { jsonParse: false });
    } catch (error) {
      return { genuine: false, why: (error as Error).message };
    }
    const signature = headers['x-freshchat-signature'];
    if (!signature) return { genuine: false, why: 'Missing X-Freshchat-Signature' };
    if (!verify('sha256', raw, key, Buffer.from(signature, 'base64'))) {
      return { genuine: false, why: 'X-Freshchat-Signature does not match' };
    }
    return { genuine: true };
  };
}

/** Such keys are often labelled "RSA PUBLIC KEY" though what is inside is the general form (SubjectPublicKeyInfo). */
function publicKeyOf(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    const base64 = pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
    return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
  }
}

const definedOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
