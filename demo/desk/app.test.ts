import { describe, expect, it } from 'vitest';
import { root } from '../repository';
import { deskApp } from './app';
import { deskPassword } from './staff';

const origin = 'http://desk.bank.localhost:4184';
const open = (now = () => 0) =>
  deskApp({
    origin,
    chat: 'http://chat.localhost:4180',
    tokens: { mira: { token: 'token of Mira', agentId: 'm' }, jonas: { token: 'token of Jonas', agentId: 'j' } },
    page: `${root}/demo/desk/public`,
    now,
  });
const host = { host: 'desk.bank.localhost:4184' };
const signIn = (app: ReturnType<typeof open>, body: unknown, headers: Record<string, string> = { origin }) =>
  app.request('/sign-in', {
    method: 'POST',
    headers: { ...host, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const mira = { email: ' Mira@agbank.example', password: deskPassword };

describe('signing in at the desk', () => {
  it('gives each agent her own token, and nobody’s else', async () => {
    const answer = await signIn(open(), mira);

    expect(await answer.json()).toEqual({ token: 'token of Mira', agent: { id: 'm', name: 'Mira Okafor' } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('refuses wrong passwords, strangers, and whatever is no form', async () => {
    const app = open();
    for (const body of [
      { ...mira, password: 'x' },
      { ...mira, email: 'eve@agbank.example' },
      {},
      'null',
      '[]',
      'nonsense',
    ])
      expect((await signIn(app, body)).status, JSON.stringify(body)).toBe(401);
  });

  it('refuses other sites’ pages, and what names no page at all', async () => {
    for (const headers of [{}, { origin: 'http://evil.example' }, { origin: 'null' }])
      expect((await signIn(open(), mira, headers)).status).toBe(403);
  });

  it('makes a guesser wait', async () => {
    let now = 100_000;
    const app = open(() => now);
    for (let at = 0; at < 10; at += 1) await signIn(app, { ...mira, password: String(at) });

    expect((await signIn(app, mira)).status).toBe(429);
    now += 61_000;
    expect((await signIn(app, mira)).status).toBe(200);
  });
});

it('serves a page that runs its own script only, writes no HTML from text, and speaks to the chat alone', async () => {
  const answer = await open().request('/', { headers: host });
  const policy = answer.headers.get('content-security-policy') ?? '';

  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
  expect(policy).toContain("connect-src 'self' http://chat.localhost:4180 ws://chat.localhost:4180;");
  expect(policy).not.toContain('unsafe');
  const text = await answer.text();
  expect(text).not.toContain('token of');
  expect(text).not.toMatch(/<script(?![^>]*src=)/);
});
