import { type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import type { World } from '../world';
import type { Site } from './sites';

export type Identity = { sub: string; firstName?: string; lastName?: string; email?: string };

/**
 * Checks the JWT by which a site vouches for its user: signed by one of the site's keys with that key's own algorithm,
 * `aud` the site, `sub` there, `exp` there and at most an hour ahead.
 *
 * @throws GuichetError IDENTITY_INVALID
 */
export async function checkIdentity(world: World, site: Site, token: string): Promise<Identity> {
  const refuse = (why: string) => new GuichetError('IDENTITY_INVALID', `The identity was refused: ${why}.`);
  const now = world.now();
  let payload: JWTPayload;
  try {
    const verified = await jwtVerify(
      token,
      (header) => {
        const key = site.settings.identity_keys.find((each) => each.kid === header.kid);
        if (!key) throw refuse(`no key of the site has the kid ${JSON.stringify(header.kid ?? null).slice(0, 100)}`);
        if (header.alg !== key.alg) throw refuse(`the key ${key.kid} is for ${key.alg} only`);
        return new TextEncoder().encode(key.secret);
      },
      {
        algorithms: ['HS256'],
        audience: site.id,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(now),
        clockTolerance: 30,
      },
    );
    payload = verified.payload;
  } catch (error) {
    if (error instanceof GuichetError) throw error;
    if (error instanceof joseErrors.JOSEError) throw refuse(error.message);
    throw error;
  }
  const { sub, exp } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > 128) throw refuse('`sub` has to be 1 to 128 characters');
  if ((exp as number) * 1_000 - now > (limits.identityMaxAge + 60) * 1_000)
    throw refuse('`exp` is more than an hour ahead');
  return {
    sub,
    ...named('firstName', payload.first_name, limits.name),
    ...named('lastName', payload.last_name, limits.name),
    ...named('email', payload.email, 320),
  };
}

function named<K extends string>(key: K, value: unknown, most: number): { [P in K]?: string } {
  return typeof value === 'string' && value.trim() !== ''
    ? ({ [key]: value.trim().slice(0, most) } as { [P in K]: string })
    : {};
}
