import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { sameSecret } from '../secret';
import { type Customer, customerById } from './customers';

const cookieName = 'ag_session';
const lifetime = 8 * 3_600;

/**
 * The bank's own sign-in: a signed cookie. It has nothing to do with Guichet. It is for the bank's other hosts too, such as
 * its card pages, and `SameSite=Lax`: in another site's frames it isn't sent.
 *
 * @param domain the bank's host name
 */
export function sessions(secret: string, domain: string, now: () => number = Date.now) {
  const scope = { path: '/', domain };
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');

  const seal = (customerId: string): string => {
    const text = `${customerId}.${Math.floor(now() / 1_000) + lifetime}`;
    return `${text}.${sign(text)}`;
  };

  const open = (cookie: string | undefined): Customer | undefined => {
    const [id, expires, signature] = cookie?.split('.') ?? [];
    if (!id || !expires || !signature || !sameSecret(signature, sign(`${id}.${expires}`))) return undefined;
    return Number(expires) * 1_000 > now() ? customerById(id) : undefined;
  };

  return {
    seal,
    open,
    of: (c: Context): Customer | undefined => open(getCookie(c, cookieName)),
    start: (c: Context, customer: Customer): void =>
      setCookie(c, cookieName, seal(customer.id), { ...scope, httpOnly: true, sameSite: 'Lax', maxAge: lifetime }),
    end: (c: Context): void => void deleteCookie(c, cookieName, scope),
  };
}
export type Sessions = ReturnType<typeof sessions>;
