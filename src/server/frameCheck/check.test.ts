import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrameCheck } from '../../protocol/rest/webViews';
import { startTestServer, type TestServer } from '../testServer';

let server: TestServer;
let token: string;
let page: Server;
let origin: string;
let asked: string[] = [];
let reply: (path: string) => { status?: number; headers?: Record<string, string | string[]> };
const chat = 'http://chat.localhost:4400';
const host = 'http://bank.localhost:4401';

beforeAll(async () => {
  page = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status = 200, headers = {} } = reply(request.url ?? '');
    response.writeHead(status, headers);
    // A body without an end: only the headers are waited for.
    response.write('<!doctype html>');
  });
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  origin = `http://cards.bank.localhost:${(page.address() as AddressInfo).port}`;
  server = await startTestServer();
  await server.site({ web_view_origins: [origin] });
  token = (await server.token(['web_views:read'])).token;
});
afterAll(async () => {
  await server.stop();
  page.closeAllConnections();
  await new Promise((resolve) => page.close(resolve));
});

async function check(headers: Record<string, string | string[]>, more: { status?: number; path?: string } = {}) {
  asked = [];
  reply = () => ({ headers, ...(more.status ? { status: more.status } : {}) });
  const body = { url: `${origin}${more.path ?? '/form'}`, site: 'ag-bank' };
  const answer = await server.call<FrameCheck>('POST', '/v2/web-views/check', { token, body });
  return { ...answer.body, codes: answer.body.problems.map(({ code }) => code) };
}
const line = `Content-Security-Policy: frame-ancestors ${chat} ${host}`;

test('a page that names the chat and the page around it is good', async () => {
  const { can_be_framed, codes, status, add } = await check({
    'content-security-policy': `frame-ancestors ${chat} ${host}`,
  });

  expect({ can_be_framed, codes, status, add }).toEqual({
    can_be_framed: true,
    codes: [],
    status: 200,
    add: undefined,
  });
});

test.each<[string, Record<string, string | string[]>, string[], boolean]>([
  ['names the chat alone', { 'content-security-policy': `frame-ancestors ${chat}` }, ['refused'], false],
  ['names nobody', { 'content-security-policy': "frame-ancestors 'none'" }, ['refused'], false],
  ['has X-Frame-Options', { 'x-frame-options': 'SAMEORIGIN' }, ['refused'], false],
  ['has no policy', {}, ['open_to_all'], true],
  ['lets everybody', { 'content-security-policy': 'frame-ancestors *' }, ['open_to_all'], true],
  [
    'has two policies of which one says no',
    { 'content-security-policy': [`frame-ancestors ${chat} ${host}`, "frame-ancestors 'self'"] },
    ['refused'],
    false,
  ],
])('a page that %s is told the line to add', async (_, headers, codes, isFramed) => {
  const answer = await check(headers);

  expect(answer).toMatchObject({ can_be_framed: isFramed, codes, add: line });
});

test('in the host page only the pages around it have to be named, and only one of their own site can stand there', async () => {
  reply = () => ({ headers: { 'content-security-policy': `frame-ancestors ${host}` } });
  const ask = (url: string) =>
    server.call<FrameCheck>('POST', '/v2/web-views/check', { token, body: { url, site: 'ag-bank', mount: 'host' } });
  const elsewhere = `http://pay.localhost:${new URL(origin).port}`;
  await server.site({ web_view_origins: [origin, elsewhere] });

  expect((await ask(`${origin}/form`)).body).toMatchObject({ can_be_framed: true, problems: [] });
  expect((await ask(`${elsewhere}/form`)).body).toMatchObject({
    can_be_framed: false,
    problems: [{ code: 'url_refused', message: expect.stringMatching(/another site/) }],
  });
  await server.site({ web_view_origins: [origin] });
});

describe('what leads elsewhere or nowhere', () => {
  test('a redirect is told, and not followed', async () => {
    const answer = await check({ location: '/elsewhere' }, { status: 302 });

    expect(answer).toMatchObject({ can_be_framed: false, status: 302 });
    expect(answer.codes).toContain('redirect');
    expect(asked).toEqual(['/form']);
  });

  test('a page that is not there, and a host that does not answer', async () => {
    expect(
      await check({ 'content-security-policy': `frame-ancestors ${chat} ${host}` }, { status: 404 }),
    ).toMatchObject({
      can_be_framed: false,
      codes: ['not_found'],
    });
    const body = { url: 'http://cards.bank.localhost:1/', site: 'ag-bank' };
    const { body: gone } = await server.call<FrameCheck>('POST', '/v2/web-views/check', { token, body });
    expect(gone.problems.map(({ code }) => code)).toEqual(['url_refused', 'not_reached']);
  });

  test('an origin that the site does not let open', async () => {
    await server.site({ web_view_origins: [] });
    const answer = await check({ 'content-security-policy': `frame-ancestors ${chat} ${host}` });
    await server.site({ web_view_origins: [origin] });

    expect(answer).toMatchObject({ can_be_framed: false, codes: ['url_refused'] });
  });

  test('the site may be left out where there is one, and has to be named where there are more', async () => {
    reply = () => ({ headers: { 'content-security-policy': `frame-ancestors ${chat} ${host}` } });
    const ask = () =>
      server.call<FrameCheck>('POST', '/v2/web-views/check', { token, body: { url: `${origin}/form` } });

    expect((await ask()).body.can_be_framed).toBe(true);
    await server.site({ id: 'second' });
    expect(await ask()).toMatchObject({ status: 400, body: { message: expect.stringContaining('ag-bank, second') } });
  });

  test('a site that nobody knows', async () => {
    const body = { url: origin, site: 'nowhere' };
    expect((await server.call('POST', '/v2/web-views/check', { token, body })).status).toBe(404);
  });
});

test('nothing is asked of private addresses unless the operator lets it', async () => {
  const closed = await startTestServer({ allowPrivateNetwork: false });
  try {
    const { token: its } = await closed.token(['web_views:read']);
    await closed.site({ web_view_origins: [origin] });
    asked = [];
    for (const url of [
      origin,
      `http://127.0.0.1:${new URL(origin).port}/`,
      'http://169.254.169.254/latest/meta-data',
    ]) {
      const { body } = await closed.call<FrameCheck>('POST', '/v2/web-views/check', {
        token: its,
        body: { url, site: 'ag-bank' },
      });
      expect(body).toMatchObject({ can_be_framed: false });
      expect(body.problems.at(-1)).toMatchObject({ code: 'not_reached', message: expect.stringMatching(/private/) });
    }
    expect(asked).toEqual([]);
  } finally {
    await closed.stop();
  }
});
