import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Compares without telling by its time how much of the secret was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Whether a request carries the secret that the bank's own programs share. */
export function bearsSecret(authorization: string | undefined, secret: string): boolean {
  return !!authorization?.startsWith('Bearer ') && sameSecret(authorization.slice('Bearer '.length), secret);
}

/** Unguessable (at least 150 bits), letters only: it can't be taken for a card number by whatever looks for those. */
export function unguessable(length = 32): string {
  let text = '';
  while (text.length < length) {
    // 208 = 8 × 26: bytes above it would make some letters likelier than others.
    for (const byte of randomBytes(length)) if (byte < 208) text += String.fromCharCode(97 + (byte % 26));
  }
  return text.slice(0, length);
}
