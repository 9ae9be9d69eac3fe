import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { startTestServer, type TestServer, testSite, vouch } from '../testServer';
import type { IdentityKey } from './sites';

let server: TestServer;
let key: IdentityKey;
beforeAll(async () => {
  server = await startTestServer();
  ({ key } = await server.site());
});
afterAll(() => server.stop());

const now = () => Math.floor(Date.now() / 1_000);
const claims = (more: object = {}) => ({ aud: testSite.id, sub: 'ada', exp: now() + 600, ...more });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token put together by hand, so that it may be anything. */
function craft(header: object, payload: unknown, secret: string | Buffer = key.secret, hash = 'sha256'): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}
const good = (more: object = {}) => craft({ alg: 'HS256', kid: key.kid }, claims(more));

test('a good JWT vouches for the customer and brings their name along', async () => {
  const { status, body } = await server.session({ identity: good({ first_name: ' Ada ', email: 'ada@bank.example' }) });

  expect(status).toBe(200);
  expect(body.customer).toEqual({ id: expect.any(String), vouched: true, first_name: 'Ada' });
  expect((await server.session({ identity: await vouch(key, 'ada') })).body.customer.id).toBe(body.customer.id);
});

describe('a JWT is refused', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const signed = (alg: string, by: Parameters<SignJWT['sign']>[0], header: object = {}) =>
    new SignJWT(claims()).setProtectedHeader({ alg, kid: key.kid, ...header }).sign(by);

  const cases: Record<string, () => string | Promise<string>> = {
    'with alg none': () => `${encode({ alg: 'none', kid: key.kid })}.${encode(claims())}.`,
    'with alg None': () => `${encode({ alg: 'None', kid: key.kid })}.${encode(claims())}.`,
    'with alg none and a signature': () => craft({ alg: 'none', kid: key.kid }, claims()),
    'without an alg': () => craft({ kid: key.kid }, claims()),
    'with alg hs256 in small letters': () => craft({ alg: 'hs256', kid: key.kid }, claims()),
    'with HS384 by the right secret': () => craft({ alg: 'HS384', kid: key.kid }, claims(), key.secret, 'sha384'),
    'with HS512 by the right secret': () => craft({ alg: 'HS512', kid: key.kid }, claims(), key.secret, 'sha512'),
    'with RS256 by a key of its own': () => signed('RS256', rsa.privateKey),
    'with PS256 by a key of its own': () => signed('PS256', rsa.privateKey),
    'with ES256 by a key of its own': () => signed('ES256', ec.privateKey),
    'with EdDSA by a key of its own': () => signed('EdDSA', ed.privateKey),
    'with HS256 by the public key as secret': () =>
      craft({ alg: 'HS256', kid: key.kid }, claims(), rsa.publicKey.export({ type: 'spki', format: 'pem' })),
    'by another secret': () => craft({ alg: 'HS256', kid: key.kid }, claims(), 'guess'),
    'by an empty secret': () => craft({ alg: 'HS256', kid: key.kid }, claims(), ''),
    'without a signature': () => good().replace(/[^.]+$/, ''),
    'with a signature cut short': () => good().slice(0, -8),
    'with a body that was changed': () => {
      const [head, , signature] = good().split('.');
      return `${head}.${encode(claims({ sub: 'eve' }))}.${signature}`;
    },
    'without a kid': () => craft({ alg: 'HS256' }, claims()),
    'with an unknown kid': () => craft({ alg: 'HS256', kid: 'nobody' }, claims()),
    'with a kid that is a list': () => craft({ alg: 'HS256', kid: [key.kid] }, claims()),
    'with a kid that is a path': () => craft({ alg: 'HS256', kid: '../../../dev/null' }, claims(), ''),
    'with a jwk of its own': () => signed('RS256', rsa.privateKey, { jwk: rsa.publicKey.export({ format: 'jwk' }) }),
    'with a jku': () => signed('RS256', rsa.privateKey, { jku: 'http://127.0.0.1:1/keys.json' }),
    'with an x5u': () => signed('RS256', rsa.privateKey, { x5u: 'http://127.0.0.1:1/cert.pem' }),
    'with a critical header that nobody knows': () =>
      craft({ alg: 'HS256', kid: key.kid, crit: ['x'], x: 1 }, claims()),
    'with an unencoded body': () => craft({ alg: 'HS256', kid: key.kid, b64: false, crit: ['b64'] }, claims()),
    'for another site': () => good({ aud: 'other-bank' }),
    'for nobody': () => good({ aud: undefined }),
    'for an empty list': () => good({ aud: [] }),
    'that has expired': () => good({ exp: now() - 60 }),
    'without exp': () => good({ exp: undefined }),
    'whose exp is a text': () => good({ exp: String(now() + 600) }),
    'whose exp is null': () => good({ exp: null }),
    'that lives longer than an hour': () => good({ exp: now() + 3_600 + 120 }),
    'that lives for ever': () => good({ exp: Number.MAX_VALUE }),
    'that is not good yet': () => good({ nbf: now() + 600 }),
    'without sub': () => good({ sub: undefined }),
    'whose sub is empty': () => good({ sub: '' }),
    'whose sub is a number': () => good({ sub: 5 }),
    'whose sub is an object': () => good({ sub: { id: 'ada' } }),
    'whose sub is a list': () => good({ sub: ['ada'] }),
    'whose sub is too long': () => good({ sub: 'x'.repeat(129) }),
    'whose body is a list': () => craft({ alg: 'HS256', kid: key.kid }, [claims()]),
    'whose body is no JSON': () => {
      const text = `${encode({ alg: 'HS256', kid: key.kid })}.${Buffer.from('{').toString('base64url')}`;
      return `${text}.${createHmac('sha256', key.secret).update(text).digest('base64url')}`;
    },
    'that is encrypted': () => 'a.b.c.d.e',
    'that is no JWT': () => 'ada',
    'of dots': () => '..',
  };

  test.each(Object.keys(cases))('%s', async (name) => {
    const before = await users();

    const { status, body } = await server.session({ identity: (await cases[name]?.()) ?? '' });

    expect({ status, body }).toMatchObject({ status: 401, body: { code: 401, status: 'IDENTITY_INVALID' } });
    expect(JSON.stringify(body)).not.toContain(key.secret);
    expect(await users()).toEqual(before);
  });

  test('that is huge, before anybody looks at it', async () => {
    const { body } = await server.session({ identity: good({ note: 'x'.repeat(8_192) }) });

    expect(body as unknown as ErrorBody).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
  });

  test('by the key of another site', async () => {
    const other = await server.site({ id: 'other-bank' });

    const { status } = await server.session({ identity: await vouch(other.key, 'ada') });

    expect(status).toBe(401);
  });
});

test('the key of a site stays when its settings are replaced, and what it vouches for as well', async () => {
  const before = (await server.session({ identity: good() })).body.customer.id;

  const { key: after } = await server.site({ name: 'AG Bank, renamed' });

  expect(after).toEqual(key);
  expect((await server.session({ identity: good() })).body.customer.id).toBe(before);
});

const users = () => server.world.store.db.selectFrom('users').selectAll().execute();
