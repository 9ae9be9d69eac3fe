import { SignJWT } from 'jose';
import type { Customer } from './customers';

export type IdentityKey = { kid: string; secret: string };

/**
 * Vouches for the signed-in customer: the whole of what a site's backend does for Guichet. The token stands in the
 * page of that customer alone, and is good for ten minutes.
 */
export function identityOf(
  customer: Customer,
  key: IdentityKey,
  site: string,
  now: number = Date.now(),
): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  return new SignJWT({ first_name: customer.firstName, last_name: customer.lastName })
    .setProtectedHeader({ alg: 'HS256', kid: key.kid })
    .setSubject(customer.id)
    .setAudience(site)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 600)
    .sign(new TextEncoder().encode(key.secret));
}
