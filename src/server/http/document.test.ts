import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { SitePost } from '../../protocol/rest/sites';
import type { SiteInfo } from '../../protocol/theme';
import { addSite } from '../access/sites';
import { startTestServer, type TestServer, testSite } from '../testServer';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}) => server.call<ErrorBody>('GET', path, { headers });
const infoIn = (html: string): SiteInfo =>
  JSON.parse(/<script type="application\/json" id="site">(.*?)<\/script>/s.exec(html)?.[1] ?? '');
/** What came over the wire, headers and body, without a client that unpacks it. */
async function raw(lines: string[]): Promise<{ head: string; body: Buffer }> {
  const socket = connect(server.port, '127.0.0.1');
  socket.setTimeout(1_500, () => socket.destroy()); // Some are kept alive, for a next request.
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await new Promise((resolve) => socket.once('close', resolve).on('error', resolve));
  const all = Buffer.concat(chunks);
  const at = all.indexOf('\r\n\r\n');
  return { head: all.subarray(0, at).toString(), body: all.subarray(at + 4) };
}
const rawGet = (path: string, ...headers: string[]) =>
  raw([`GET ${path} HTTP/1.1`, 'Host: chat.localhost', 'Connection: close', ...headers]);

describe("the widget's document", () => {
  test("brings the site's facts along, and a policy of the site's own", async () => {
    await server.site({
      id: 'strict',
      name: 'Strict Bank',
      hosts: ['https://bank.example', 'https://www.bank.example'],
      web_view_origins: ['https://cards.bank.example', 'https://loans.bank.example:8443'],
      config: { brand_color: '#0F6', greeting: 'Hello' },
    });

    const { status, text, headers } = await get('/widget/?site=strict');

    expect(status).toBe(200);
    expect(infoIn(text)).toMatchObject({
      id: 'strict',
      config: { name: 'Strict Bank', brand_color: '#00ff66', greeting: 'Hello' },
      hosts: ['https://bank.example', 'https://www.bank.example'],
      allow_host_origin: false,
      web_view_origins: ['https://cards.bank.example', 'https://loans.bank.example:8443'],
      uploads: true,
    });
    const policy = new Map(
      headers
        .get('content-security-policy')
        ?.split('; ')
        .map((each) => [each.split(' ')[0], each.split(' ').slice(1).join(' ')]),
    );
    expect(Object.fromEntries(policy)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': 'http: https: data: blob:',
      'media-src': 'http: https: blob:',
      'connect-src': "'self' ws://chat.localhost:4400",
      'frame-src': 'https://cards.bank.example https://loans.bank.example:8443',
      'frame-ancestors': 'https://bank.example https://www.bank.example',
      'form-action': "'none'",
      'base-uri': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': 'dompurify',
    });
    expect(headers.get('origin-agent-cluster')).toBe('?1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('x-frame-options')).toBeNull();
  });

  test('never holds what is the site’s secret', async () => {
    const { key } = await server.site();

    expect((await get(`/widget/?site=${testSite.id}`)).text).not.toContain(key.secret);
    expect((await server.session()).text).not.toContain(key.secret);
  });

  test.each([
    '</script><script>alert(1)</script>',
    '<!--<script>',
    ']]>',
    "$& $` $' $1",
    'a\u2028\u2029b',
    '"\\',
    '&lt;/script&gt;',
  ])('puts a name such as %j into it safely and whole', async (name) => {
    await server.site({ id: 'odd', name, config: { greeting: `Hi ${name}` } });

    const { text } = await get('/widget/?site=odd');

    expect(text.match(/<script/gi)).toHaveLength(1);
    expect(text.match(/<\/script/gi)).toHaveLength(1);
    expect(infoIn(text).config.name).toBe(name.replace(/[\u2028\u2029]/g, ' '));
  });

  test('of a site without web views frames nothing', async () => {
    await server.site({ id: 'plain', web_view_origins: [] });

    expect((await get('/widget/?site=plain')).headers.get('content-security-policy')).toContain("frame-src 'none'");
  });

  test.each(['', 'nowhere', 'NOWHERE', '../x', '%00', 'x'.repeat(500), '__proto__', '<script>'])(
    'of site %j is 404',
    async (site) => {
      const { status, body, headers } = await get(`/widget/?site=${encodeURIComponent(site)}`);

      expect({ status, body }).toMatchObject({ status: 404, body: { code: 404, status: 'SITE_NOT_FOUND' } });
      expect(headers.get('content-type')).toMatch(/json/);
    },
  );

  test('is compressed as asked for, and not sent again when nothing changed', async () => {
    const plain = await rawGet('/widget/?site=ag-bank');
    const br = await rawGet('/widget/?site=ag-bank', 'Accept-Encoding: gzip, deflate, br');
    const gzip = await rawGet('/widget/?site=ag-bank', 'Accept-Encoding: gzip, br;q=0');
    const tag = /etag: (.+)/i.exec(plain.head)?.[1] ?? '';
    const again = await rawGet('/widget/?site=ag-bank', `If-None-Match: ${tag}`);

    expect(plain.head).not.toMatch(/content-encoding/i);
    expect(br.head).toMatch(/content-encoding: br/i);
    expect(gzip.head).toMatch(/content-encoding: gzip/i);
    expect(brotliDecompressSync(dechunk(br)).toString()).toBe(dechunk(plain).toString());
    expect(gunzipSync(dechunk(gzip)).toString()).toBe(dechunk(plain).toString());
    expect(again.head).toMatch(/^HTTP\/1\.1 304/);
    expect(again.head).toMatch(/content-security-policy/i);
    for (const { head } of [plain, br, gzip]) expect(head).toMatch(/vary: accept-encoding/i);
  });

  test('changes its tag with its policy, so that no browser keeps the old one', async () => {
    const tag = async () => (await get('/widget/?site=moving')).headers.get('etag');
    await server.site({ id: 'moving', hosts: ['https://one.example'] });
    const before = await tag();
    await server.site({ id: 'moving', hosts: ['https://two.example'] });

    expect(await tag()).not.toBe(before);
  });

  test('is found without the slash as well, and the redirect stays here', async () => {
    const { status, headers } = await get('/widget?site=ag-bank&next=//evil.example');

    expect(status).toBe(308);
    expect(headers.get('location')).toBe('/widget/?site=ag-bank&next=//evil.example');
  });
});

describe('what a site may be', () => {
  const add = ({ replace = true, ...more }: { replace?: boolean } & Partial<Record<keyof SitePost, unknown>>) =>
    addSite(
      server.world,
      {
        id: 'new-site',
        name: 'New',
        hosts: ['https://new.example'],
        web_view_origins: [],
        config: {},
        allow_host_origin: false,
        ...more,
      } as SitePost,
      replace,
    );

  test.each([
    'https://new.example/',
    'https://new.example/path',
    'https://New.example',
    'new.example',
    '*',
    'https://*.example',
    'https://new.example;script-src',
    "https://'self'",
    'https://new.example, https://evil.example',
    'https://new.example https://evil.example',
    'javascript:alert(1)',
    'null',
    'file://',
    '',
  ])('%j is no origin, neither of a host nor of a web view', async (origin) => {
    await expect(add({ hosts: [origin] })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await expect(add({ web_view_origins: [origin] })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });

  test.each([
    { id: 'Upper' },
    { id: '' },
    { id: '-x' },
    { id: 'x'.repeat(64) },
    { id: 'a b' },
    { hosts: [] },
    { config: { brand_color: 'red;}' } },
    { config: { brandcolor: '#fff' } },
    { config: { features: { peek: 'no' } } },
  ])('%j is refused', async (more) => {
    await expect(add(more)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });

  test('it is not replaced by accident', async () => {
    await add({});

    await expect(add({ replace: false })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });
});

describe('static files', () => {
  test('with a hash in their name never change; the loader is asked for again', async () => {
    const asset = await get('/widget/assets/main-abc123.js');
    const loader = await get('/guichet.js');

    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(loader.headers.get('cache-control')).toBe('public, max-age=600');
    for (const { status, headers } of [asset, loader]) {
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    }
    const again = await get('/guichet.js', { 'if-none-match': loader.headers.get('etag') ?? '' });
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
  });

  test('are sent as the build compressed them', async () => {
    const plain = dechunk(await rawGet('/guichet.js'));
    const br = await rawGet('/guichet.js', 'Accept-Encoding: gzip, br');
    const gzip = await rawGet('/guichet.js', 'Accept-Encoding: GZIP');
    const none = await rawGet('/guichet.js', 'Accept-Encoding: br;q=0, gzip;q=0.000, *;q=0');

    expect(br.head).toMatch(/content-encoding: br/i);
    expect(brotliDecompressSync(dechunk(br))).toEqual(plain);
    expect(gzip.head).toMatch(/content-encoding: gzip/i);
    expect(gunzipSync(dechunk(gzip))).toEqual(plain);
    expect(none.head).not.toMatch(/content-encoding/i);
  });

  test.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/widget/assets/../../../package.json',
    '/widget/assets/..%5c..%5cpackage.json',
    '/widget/assets/main-abc123.js.map',
    '/guichet.js.br',
    '/widget/index.html',
    '/.secret',
    '/%2esecret',
    '/guichet.js%00.txt',
    '//etc/passwd',
    '/widget/assets/',
    '/widget/assets',
    '/',
    '/favicon.ico',
  ])('%s is not among them', async (path) => {
    const { head, body } = await rawGet(path);

    expect(head).toMatch(/^HTTP\/1\.1 404/);
    expect(body.toString()).not.toMatch(/devDependencies|root:|not to be served/);
  });
});

describe('the HTTP server', () => {
  test('says that it serves', async () => {
    expect((await get('/health')).body).toEqual({ status: 'ok' });
  });

  test('survives requests that are none', async () => {
    const lines = [
      ['GET / HTTP/1.1'],
      ['GET / HTTP/1.1', 'Host: '],
      ['GET / HTTP/1.1', 'Host: a b'],
      ['GET / HTTP/1.1', 'Host: [::1', 'Connection: close'],
      ['GET // HTTP/1.1', 'Host: x', 'Connection: close'],
      ['GET http://evil.example/v2/users HTTP/1.1', 'Host: x', 'Connection: close'],
      ['GET http:// HTTP/1.1', 'Host: x', 'Connection: close'],
      ['GET * HTTP/1.1', 'Host: x', 'Connection: close'],
      ['GET /%zz HTTP/1.1', 'Host: x', 'Connection: close'],
      ['GET /v2/users?%zz=%zz HTTP/1.1', 'Host: x', 'Connection: close'],
      ['POST /v2/users HTTP/1.1', 'Host: x', 'Content-Length: -1'],
      ['POST /v2/users HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['POST /widget/v1/session HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked', 'Connection: close', '', 'zz'],
      [
        'GET /widget/v1/socket/?EIO=4&transport=websocket HTTP/1.1',
        'Host: x',
        'Upgrade: websocket',
        'Connection: Upgrade',
      ],
      [
        'GET /elsewhere HTTP/1.1',
        'Host: x',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ],
      [`GET /${'x'.repeat(20_000)} HTTP/1.1`, 'Host: x'],
      ['NONSENSE'],
      ['\u0016\u0003\u0001'],
    ];
    const heads = await Promise.all(lines.map(async (each) => (await raw(each)).head));

    for (const [at, head] of heads.entries()) expect(head, lines[at]?.join(' ')).not.toMatch(/^HTTP\/1\.1 5/);
    expect((await get('/health')).status).toBe(200);
  });
});

/** A body as it is when its pieces are put together. */
function dechunk({ head, body }: { head: string; body: Buffer }): Buffer {
  if (!/transfer-encoding: chunked/i.test(head)) return body;
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, end).toString(), 16);
    if (!size) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}
