import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Message } from '../../protocol/message';
import { newClientId, startTestServer, type TestServer } from '../testServer';
import { createKnownFraming } from './known';

describe('what is known', () => {
  test('is of a page, whatever its query, on one site, for ten minutes', () => {
    let now = 0;
    const known = createKnownFraming(() => now);

    known.keep('ag-bank', 'https://cards.bank.example/form?id=1#a', true);

    expect(known.isRefused('ag-bank', 'https://cards.bank.example/form?id=2')).toBe(true);
    expect(known.isRefused('other', 'https://cards.bank.example/form')).toBe(false);
    expect(known.isRefused('ag-bank', 'https://cards.bank.example/')).toBe(false);
    now = 599_999;
    expect(known.isFresh('ag-bank', 'https://cards.bank.example/form')).toBe(true);
    now = 600_000;
    expect(known.isFresh('ag-bank', 'https://cards.bank.example/form')).toBe(false);
    expect(known.isRefused('ag-bank', 'https://cards.bank.example/form')).toBe(false);
  });

  test('is bounded: the pages that were looked at last stay', () => {
    const known = createKnownFraming(() => 0);
    for (let at = 0; at < 3_000; at += 1) known.keep('ag-bank', `https://cards.bank.example/${at}`, true);

    const kept = Array.from({ length: 3_000 }, (_, at) => at).filter((at) =>
      known.isFresh('ag-bank', `https://cards.bank.example/${at}`),
    );
    expect(kept).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 2_000));
  });
});

describe('a message that offers a page', () => {
  let server: TestServer;
  let token: string;
  let page: Server;
  let origin: string;
  let asked: string[] = [];
  let headers: Record<string, string>;
  let status: number;

  beforeAll(async () => {
    page = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.cookie ?? ''}`.trim());
      response.writeHead(status, headers).end();
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    origin = `http://cards.bank.localhost:${(page.address() as AddressInfo).port}`;
    server = await startTestServer();
    await server.site({ web_view_origins: [origin] });
    ({ token } = await server.token(undefined, { bot: true }));
  });
  afterAll(async () => {
    await server.stop();
    page.closeAllConnections();
    await new Promise((resolve) => page.close(resolve));
  });
  beforeEach(() => {
    asked = [];
    status = 200;
    headers = {};
  });

  async function offer(path: string, target = '_self') {
    const { customer, id } = await server.conversation();
    const body = {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'Card details', url: `${origin}${path}`, target } }],
    };
    const { body: message } = await server.call<Message>('POST', `/v2/conversations/${id}/messages`, { token, body });
    const open = async () => {
      const request = { conversation_id: id, message_id: message.id, button: 0, owner: newClientId() };
      const answer = await customer.ask('web_view_open', request);
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value;
    };
    return { open };
  }

  test('has its page looked at once, without its query; who opens it is told when it refuses', async () => {
    headers = { 'content-security-policy': "frame-ancestors 'none'" };

    const first = await offer('/refusing?ticket=once');
    await vi.waitFor(() => expect(asked).toEqual(['GET /refusing']));
    await vi.waitFor(async () => expect((await first.open()).framing).toBe('refused'));
    const second = await offer('/refusing?ticket=twice');

    expect((await second.open()).framing).toBe('refused');
    expect(asked).toEqual(['GET /refusing']);
  });

  test.each<[string, number, Record<string, string>]>([
    ['lets itself be framed', 200, { 'content-security-policy': 'frame-ancestors http:' }],
    ['sends a stranger to a log-in', 302, { location: '/login', 'x-frame-options': 'DENY' }],
    ['answers a stranger by an error', 403, { 'x-frame-options': 'DENY' }],
  ])('that %s is opened as always', async (title, its, itsHeaders) => {
    status = its;
    headers = itsHeaders;
    const path = `/${title.replaceAll(' ', '-')}`;

    const { open } = await offer(path);
    await vi.waitFor(() => expect(asked).toEqual([`GET ${path}`]));
    // The marker's look comes later, so this one's is over when the marker's is known.
    status = 200;
    headers = { 'x-frame-options': 'DENY' };
    const marker = await offer(`${path}-marker`);
    await vi.waitFor(async () => expect((await marker.open()).framing).toBe('refused'));

    expect(await open()).not.toHaveProperty('framing');
  });

  test('by a link in a tab is nothing to look at', async () => {
    headers = { 'x-frame-options': 'DENY' };

    await offer('/tab', '_blank');
    const marker = await offer('/marker');
    await vi.waitFor(async () => expect((await marker.open()).framing).toBe('refused'));

    expect(asked).toEqual(['GET /marker']);
  });
});

test('private addresses are not asked unless the operator lets it', async () => {
  const asked: string[] = [];
  const page = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'x-frame-options': 'DENY' }).end();
  });
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  const origin = `http://cards.bank.localhost:${(page.address() as AddressInfo).port}`;
  const server = await startTestServer({ allowPrivateNetwork: false });
  try {
    await server.site({ web_view_origins: [origin] });
    const { token } = await server.token(undefined, { bot: true });
    const { id } = await server.conversation();
    const body = {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'Card details', url: `${origin}/form`, target: '_self' } }],
    };
    await server.call('POST', `/v2/conversations/${id}/messages`, { token, body });
    await vi.waitFor(() => expect(server.world.framing.isFresh('ag-bank', `${origin}/form`)).toBe(true));
    // A second look of the same kind, which ends after the first began.
    const check = { token, body: { url: `${origin}/form`, site: 'ag-bank' } };
    expect((await server.call<{ problems: object[] }>('POST', '/v2/web-views/check', check)).body.problems).toEqual([
      expect.objectContaining({ code: 'not_reached' }),
    ]);

    expect(asked).toEqual([]);
  } finally {
    await server.stop();
    page.closeAllConnections();
    await new Promise((resolve) => page.close(resolve));
  }
});
