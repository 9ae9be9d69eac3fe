import { jwtVerify } from 'jose';
import { PDFDocument } from 'pdf-lib';
import { beforeEach, describe, expect, it } from 'vitest';
import { bankApp } from './app';

const origin = 'http://bank.localhost:4181';
const identityKey = { kid: 'key-1', secret: 'a-secret-of-the-site-that-is-long-enough' };
let clock: number;
let app: ReturnType<typeof bankApp>;

const bank = (more: { reload?: string } = {}) =>
  bankApp({
    origin,
    chat: 'http://chat.localhost:4180',
    cards: 'http://cards.bank.localhost:4182',
    site: 'ag-bank',
    identityKey,
    sessionSecret: 'session',
    internalSecret: 'internal',
    now: () => clock,
    ...more,
  });

beforeEach(() => {
  clock = Date.parse('2026-11-22T12:00:00Z');
  app = bank();
});

function ask(path: string, { headers = {}, ...init }: RequestInit & { headers?: Record<string, string> } = {}) {
  return app.request(`${origin}${path}`, { ...init, headers: { host: 'bank.localhost:4181', ...headers } });
}
const form = (fields: Record<string, string>, headers: Record<string, string> = { origin }) => ({
  method: 'POST',
  body: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
});
const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
async function signIn() {
  return cookieOf(await ask('/sign-in', form({ email: 'ana@agbank.example', password: 'open-sesame', to: '/cards' })));
}
const internal = { authorization: 'Bearer internal', 'content-type': 'application/json' };
async function reference(fields: object = { web_view_id: 'w1', reference_id: 'ag-10017' }) {
  const answer = await ask('/internal/statements', { method: 'POST', headers: internal, body: JSON.stringify(fields) });
  return { status: answer.status, ...((await answer.json()) as { statement_ref?: string }) };
}
async function link(ref: string, month = '') {
  const answer = await ask(`/internal/statements/${ref}${month && `?month=${month}`}`, { headers: internal });
  return {
    status: answer.status,
    ...((await answer.json()) as { url: string; name: string; file_size_in_bytes: number }),
  };
}

describe('pages', () => {
  it.each([
    ...['/', '/accounts', '/cards', '/help', '/sign-in', '/nowhere', '/branches', '/help/card-protection'],
    ...['/offers/sunny-saver', '/offers/first-home', '/offers/far-and-wide'],
  ])('%s has the chat’s script tag and nobody’s identity', async (path) => {
    const page = await (await ask(path)).text();

    expect(page).toContain(
      '<script async src="http://chat.localhost:4180/guichet.js" data-site="ag-bank" data-brand-color="#0f6b5c"></script>',
    );
    expect(page).not.toMatch(/\sstyle="|\son\w+="/);
  });

  it('has a policy without inline style, and a new nonce each time', async () => {
    const policies = await Promise.all(
      [ask('/'), ask('/')].map(async (answer) => (await answer).headers.get('content-security-policy') ?? ''),
    );

    expect(policies[0]).toContain("default-src 'self'");
    expect(policies[0]).toContain('frame-src http://chat.localhost:4180 http://cards.bank.localhost:4182');
    expect(policies[0]).toContain("require-trusted-types-for 'script'");
    expect(policies[0]).not.toContain('unsafe');
    expect(policies[0]).not.toBe(policies[1]);
  });

  it('reloads itself in development, from the address that it was given', async () => {
    const reload = 'http://localhost:4179/reload';
    const answer = await bank({ reload }).request(`${origin}/help`, { headers: { host: 'bank.localhost:4181' } });
    const policy = answer.headers.get('content-security-policy') ?? '';
    const [, nonce] =
      /<script nonce="([^"]+)" data-reload="http:\/\/localhost:4179\/reload"/.exec(await answer.text()) ?? [];

    expect(policy).toContain(`'nonce-${nonce}'`);
    expect(policy).toContain("connect-src 'self' http://localhost:4179");
    expect(await (await ask('/help')).text()).not.toContain('EventSource');
  });

  it('knows no other offers', async () => {
    expect((await ask('/offers/nothing')).status).toBe(404);
  });

  it.each([
    ['sunny-saver.gif', 'image/gif', 'GIF89a', [640, 320]],
    ['first-home.jpg', 'image/jpeg', '\xff\xd8', undefined],
    ['far-and-wide.jpg', 'image/jpeg', '\xff\xd8', undefined],
    ['branches.png', 'image/png', '\x89PNG', [720, 432]],
  ])('shows %s in the chat too', async (name, type, start, size) => {
    const answer = await ask(`/assets/${name}`);
    const bytes = Buffer.from(await answer.arrayBuffer());

    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(bytes.toString('latin1', 0, start.length)).toBe(start);
    expect(bytes.length).toBeLessThanOrEqual(60 * 1_024);
    if (type === 'image/gif') expect([bytes.readUInt16LE(6), bytes.readUInt16LE(8)]).toEqual(size);
    if (type === 'image/png') expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual(size);
  });

  it('answers only under its own name', async () => {
    expect((await ask('/', { headers: { host: 'evil.example' } })).status).toBe(421);
  });
});

describe('signing in', () => {
  it('shows the customer’s own books and vouches for them by a JWT', async () => {
    const page = await ask('/accounts', { headers: { cookie: await signIn() } });
    const text = await page.text();
    const [, identity = ''] = /data-identity="([^"]+)"/.exec(text) ?? [];
    const { payload, protectedHeader } = await jwtVerify(identity, new TextEncoder().encode(identityKey.secret), {
      audience: 'ag-bank',
      currentDate: new Date(clock),
    });

    expect(protectedHeader).toEqual({ alg: 'HS256', kid: 'key-1' });
    expect(payload).toMatchObject({ sub: 'ag-10017', first_name: 'Ana', last_name: 'Ferreira' });
    expect(Number(payload.exp) - clock / 1_000).toBe(600);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(text).toContain('AG42 0010 0170 4417 01');
  });

  it('sets a cookie that scripts and other sites don’t get', async () => {
    const answer = await ask('/sign-in', form({ email: 'ana@agbank.example', password: 'open-sesame', to: '/cards' }));

    expect(answer.headers.get('location')).toBe('/cards');
    expect(answer.headers.getSetCookie()[0]).toMatch(/HttpOnly.*SameSite=Lax/);
  });

  it('holds for the bank’s other hosts too, whose programs may ask whose it is', async () => {
    const answer = await ask('/sign-in', form({ email: 'ana@agbank.example', password: 'open-sesame', to: '/cards' }));
    const [cookie = ''] = answer.headers.getSetCookie();
    const whose = async (session: string | undefined, headers: Record<string, string> = internal) => {
      const told = await ask('/internal/sessions', { method: 'POST', headers, body: JSON.stringify({ session }) });
      return { status: told.status, ...((await told.json()) as object) };
    };
    const value = decodeURIComponent(cookie.split(/[=;]/)[1] ?? '');

    expect(cookie).toContain('Domain=bank.localhost');
    expect(await whose(value)).toMatchObject({
      status: 200,
      customer_id: 'ag-10017',
      cards: [
        { name: 'Debit card', last4: '3155' },
        { name: 'Credit card', last4: '0042' },
      ],
    });
    expect(await whose(value.replace('10017', '10023'))).toMatchObject({ status: 404, error: 'not_signed_in' });
    expect(await whose(undefined)).toMatchObject({ status: 404 });
    expect(await whose(value, {})).toMatchObject({ status: 401 });
  });

  it.each([
    ['a wrong password', form({ email: 'ana@agbank.example', password: 'x' }), 401],
    ['nobody’s e-mail', form({ email: 'eve@agbank.example', password: 'open-sesame' }), 401],
    ['nothing', form({}), 401],
    [
      'a form of another site',
      form({ email: 'ana@agbank.example', password: 'open-sesame' }, { origin: 'http://evil.example' }),
      403,
    ],
    ['a form without origin', form({ email: 'ana@agbank.example', password: 'open-sesame' }, {}), 403],
  ])('refuses %s', async (_what, request, status) => {
    const answer = await ask('/sign-in', request);

    expect(answer.status).toBe(status);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('never leads to another site afterwards', async () => {
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const answer = await ask('/sign-in', form({ email: 'ana@agbank.example', password: 'open-sesame', to }));
      expect(answer.headers.get('location')).toBe('/accounts');
    }
  });

  it('believes no cookie that was changed or is too old', async () => {
    const cookie = await signIn();

    expect(
      await (await ask('/accounts', { headers: { cookie: cookie.replace('10017', '10023') } })).text(),
    ).not.toContain('Haddad');
    clock += 9 * 3_600_000;
    expect(await (await ask('/accounts', { headers: { cookie } })).text()).not.toContain('Ferreira');
  });

  it('shows what was typed as text', async () => {
    const page = await (await ask('/sign-in', form({ email: '"><script>alert(1)</script>', password: 'x' }))).text();

    expect(page).not.toContain('<script>alert');
  });

  it('tells the chat to forget the customer on the one page after signing out', async () => {
    const out = await ask('/sign-out', { method: 'POST', headers: { origin, cookie: await signIn() } });
    const cookie = out.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .filter((each) => !each?.endsWith('='))
      .join('; ');
    const next = await ask('/', { headers: { cookie } });
    const page = await next.text();
    const [, nonce] = /<script nonce="([^"]+)">window\.guichet/.exec(page) ?? [];

    expect(page).toContain("guichet('logout')");
    expect(next.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`);
    expect(next.headers.getSetCookie()[0]).toMatch(/^ag_signed_out=;.*Max-Age=0/);
    expect(await (await ask('/')).text()).not.toContain("guichet('logout')");
  });
});

describe('statements', () => {
  it('gives the bank’s own programs a reference, then a link to a real PDF', async () => {
    const { statement_ref: ref = '' } = await reference();
    const made = await link(ref);
    const file = await ask(new URL(made.url).pathname);
    const bytes = await file.arrayBuffer();
    const pdf = await PDFDocument.load(bytes);

    expect(made.name).toBe('Statement-2026-10.pdf');
    expect(made.file_size_in_bytes).toBe(bytes.byteLength);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="Statement-2026-10.pdf"');
    expect(file.headers.get('cache-control')).toBe('private, no-store');
    expect(pdf.getTitle()).toBe('Account statement October 2026');
  });

  it('gives the same answer to the same question', async () => {
    const first = await reference();
    const again = await reference();

    expect(again.statement_ref).toBe(first.statement_ref);
    expect(await link(first.statement_ref ?? '')).toEqual(await link(first.statement_ref ?? ''));
  });

  it('makes one for somebody whom nobody vouched for, with no name on it', async () => {
    const { statement_ref: ref = '' } = await reference({ web_view_id: 'w2' });

    expect((await link(ref)).status).toBe(200);
  });

  it('forgets references and links after 15 minutes', async () => {
    const { statement_ref: ref = '' } = await reference();
    const { url } = await link(ref);
    clock += 15 * 60_000;

    expect((await ask(new URL(url).pathname)).status).toBe(404);
    expect((await link(ref)).status).toBe(404);
  });

  it('shows no month that isn’t over or isn’t on the books', async () => {
    const { statement_ref: ref = '' } = await reference();

    for (const month of ['2026-11', '2030-01', '2025-12', '2026-13', 'x', '../..'])
      expect((await link(ref, month)).status).toBe(400);
    expect((await link(ref, '2026-07')).name).toBe('Statement-2026-07.pdf');
  });

  it('tells nobody anything without the secret', async () => {
    const bare = await ask('/internal/statements', {
      method: 'POST',
      body: '{"web_view_id":"w"}',
      headers: { 'content-type': 'application/json' },
    });
    const wrong = await ask(`/internal/statements/st_${'a'.repeat(32)}`, {
      headers: { authorization: 'Bearer wrong' },
    });

    expect([bare.status, wrong.status]).toEqual([401, 401]);
  });

  it('refuses bad questions', async () => {
    expect((await reference({})).status).toBe(400);
    expect((await reference({ web_view_id: 'x'.repeat(200) })).status).toBe(400);
    expect((await reference({ web_view_id: 'w', reference_id: 'nobody' })).status).toBe(404);
    expect((await link(`st_${'a'.repeat(32)}`)).status).toBe(404);
    expect((await ask(`/statements/${'a'.repeat(32)}.pdf`)).status).toBe(404);
  });
});
