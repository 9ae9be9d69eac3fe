import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorTable } from '../../../protocol/errors';
import { routes } from '../../../protocol/rest';
import { scopes } from '../../../protocol/rest/route';
import { webhookActions } from '../../../protocol/webhook';
import { startTestServer, type TestServer } from '../../testServer';
import { coloured, escapeText, written } from './html';

let server: TestServer;
let page: { status: number; headers: Headers; text: string };
beforeAll(async () => {
  server = await startTestServer();
  page = await server.call('GET', '/docs');
});
afterAll(() => server.stop());

describe('/docs', () => {
  test('has every door with its path, its scope and an example, every webhook, error code and scope', () => {
    const { text } = page;
    for (const [name, { path, summary }] of Object.entries(routes)) {
      expect(text, name).toContain(`<article class="op" id="${name}">`);
      expect(text, name).toContain(`<span class="path">/v2${path}</span>`);
      expect(text, name).toContain(escapeText(summary.split('`')[0] as string));
    }
    for (const action of webhookActions) expect(text).toContain(`id="on-${action}"`);
    for (const code of Object.keys(errorTable)) expect(text).toContain(`id="error-${code}"`);
    for (const scope of scopes) expect(text).toContain(`<code>${scope}</code>`);
  });

  test('links to nothing that is not on it, and has no name twice', () => {
    const names = [...page.text.matchAll(/ id="([^"]+)"/g)].map(([, name]) => name);
    const links = [...page.text.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);

    expect(new Set(names).size).toBe(names.length);
    expect(links.length).toBeGreaterThan(200);
    for (const href of new Set(links))
      if (href.startsWith('#')) expect(names).toContain(href.slice(1));
      else expect(['/openapi.json', 'data:,']).toContain(href);
  });

  test('runs nothing and fetches nothing: the policy allows its one style, known by its hash', () => {
    const policy = page.headers.get('content-security-policy') ?? '';
    const style = /<style>(.*?)<\/style>/s.exec(page.text)?.[1] ?? '';

    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).not.toMatch(/unsafe|script-src|\*/);
    expect(page.text).not.toMatch(/<script|\son\w+=|style="|src=/i);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('is compressed, kept by its tag, and takes GET alone', async () => {
    const small = await fetch(`${server.origin}/docs/`, { headers: { 'accept-encoding': 'br' } });
    const tag = page.headers.get('etag') as string;

    expect(small.headers.get('content-encoding')).toBe('br');
    expect(await small.text()).toBe(page.text);
    expect((await server.call('GET', '/docs', { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect((await server.call('POST', '/docs')).status).toBe(405);
  });

  test('tells what the protocol’s comments say of shapes and fields', () => {
    expect(page.text).toContain('Place in the conversation&#39;s event log.');
    expect(page.text).not.toContain('*/');
  });
});

describe('JSON on the page', () => {
  test.each([
    [{ a: 1, b: [true, null], c: {} }, '{ "a": 1, "b": [true, null], "c": {} }'],
    [[], '[]'],
    ['</code><script>', '"</code><script>"'],
  ])('%j is written as a person would', (value, text) => {
    expect(written(value)).toBe(text);
  });

  test('is JSON again, however long', () => {
    const value = { list: Array.from({ length: 20 }, (_, at) => ({ at, text: 'x'.repeat(at) })) };

    expect(JSON.parse(written(value))).toEqual(value);
  });

  test('can’t leave its place, whatever it holds', () => {
    const html = coloured({ '</code><img src=x onerror=alert(1)>': '"\'&<script>', n: -1.5e3, t: true });

    expect(html.replace(/<span class="[ksn]">|<\/span>/g, '')).not.toMatch(/[<>]/);
    expect(html).toContain('<span class="n">true</span>');
  });
});
