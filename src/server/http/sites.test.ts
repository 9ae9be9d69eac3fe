import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Site } from '../../protocol/rest/sites';
import { startTestServer, type TestServer, testSite, vouch } from '../testServer';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = (await server.token(['sites:read', 'sites:write'])).token;
});
afterAll(() => server.stop());

const patch = (body: object, site = testSite.id) => server.call<Site>('PATCH', `/v2/sites/${site}`, { token, body });
const infoOf = async (site: string) => {
  const { text } = await server.call('GET', `/widget/?site=${site}`);
  return JSON.parse(/id="site">([^<]*)</.exec(text)?.[1] ?? '{}');
};

describe('a site’s settings', () => {
  test('change one by one, and the widget’s next document has them', async () => {
    await patch({ config: { brand_color: '#ABC', texts: { placeholder: 'Write to us', resolved: 'Done' } } });
    const { status, body } = await patch({
      name: 'AG Bank of Avenmouth',
      config: { texts: { resolved: null }, features: { peek: false }, launcher: { label: 'Ask us' } },
    });

    const config = {
      brand_color: '#aabbcc',
      texts: { placeholder: 'Write to us' },
      features: { peek: false },
      launcher: { label: 'Ask us' },
    };
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'AG Bank of Avenmouth', config, hosts: [testSite.host] });
    expect(await infoOf(testSite.id)).toMatchObject({ config: { name: 'AG Bank of Avenmouth', ...config } });

    const { body: emptied } = await patch({
      config: { brand_color: null, texts: null, features: null, launcher: null },
    });
    expect(emptied.config).toEqual({});
  });

  test.each([
    [{ config: { brandcolor: '#fff' } }, 'config.brandcolor'],
    [{ config: { brand_color: 'red;}' } }, 'config.brand_color'],
    [{ config: { launcher: { label: 'x'.repeat(31) } } }, 'config.launcher.label'],
    [{ config: { suggestions: [{ label: 'ok' }, { label: '' }] } }, 'config.suggestions[1].label'],
    [{ config: { texts: 'Hello' } }, 'config.texts'],
    [{ config: { features: [] } }, 'config.features'],
    [{ config: 7 }, 'config'],
    [{ hosts: [] }, 'hosts'],
    [{ hosts: ['https://bank.example/'] }, 'hosts[0]'],
    [{ web_view_origins: ['javascript:alert(1)'] }, 'web_view_origins[0]'],
    [{ name: ' ' }, 'name'],
  ])('%j is refused by its place, and nothing is kept', async (body, path) => {
    const before = await server.call<Site>('GET', `/v2/sites/${testSite.id}`, { token });

    const answer = await server.call<{ details: { path: string }[] }>('PATCH', `/v2/sites/${testSite.id}`, {
      token,
      body: { name: 'Changed', web_view_origins: [], ...body },
    });

    expect(answer.status).toBe(400);
    expect(answer.body.details.map((detail) => detail.path)).toContain(path);
    expect((await server.call('GET', `/v2/sites/${testSite.id}`, { token })).body).toEqual(before.body);
  });

  test('keys that mean something to JavaScript do nothing', async () => {
    const body = '{"config": {"__proto__": {"brand_color": "#fff"}, "constructor": {"a": 1}}}';
    const { body: site } = await server.call<Site>('PATCH', `/v2/sites/${testSite.id}`, { token, body });

    expect(site.config).toEqual({});
    expect(({} as Record<string, unknown>).brand_color).toBeUndefined();
  });

  test('never show an identity key’s secret', async () => {
    const { key } = await server.site({ id: 'secretive' });
    const list = await server.call('GET', '/v2/sites', { token });
    const one = await server.call('GET', '/v2/sites/secretive', { token });

    expect(list.text).toContain(key.kid);
    expect(list.text + one.text).not.toContain(key.secret);
  });
});

describe('identity keys', () => {
  test('are changed without a moment in which nobody is known: the new one works beside the old, until that is removed', async () => {
    const { key: old } = await server.site({ id: 'changing' });
    const added = await server.call<{ kid: string; secret: string }>('POST', '/v2/sites/changing/identity-keys', {
      token,
      body: {},
    });
    const opens = async (key: { kid: string; secret: string }) => {
      const identity = await vouch({ ...key, alg: 'HS256' }, 'ana', { aud: 'changing' });
      return (await server.session({ site: 'changing', identity })).status;
    };

    expect(added.status).toBe(201);
    expect([await opens(old), await opens(added.body)]).toEqual([200, 200]);

    await server.call('DELETE', `/v2/sites/changing/identity-keys/${old.kid}`, { token });

    expect([await opens(old), await opens(added.body)]).toEqual([401, 200]);
    const last = await server.call('DELETE', `/v2/sites/changing/identity-keys/${added.body.kid}`, { token });
    expect(last).toMatchObject({ status: 400, body: { message: expect.stringContaining('add another first') } });
    const unknown = await server.call('DELETE', '/v2/sites/changing/identity-keys/none', { token });
    expect(unknown).toMatchObject({ status: 404, body: { status: 'IDENTITY_KEY_NOT_FOUND' } });
  });

  test('are few', async () => {
    await server.site({ id: 'greedy' });
    const statuses = [];
    for (let at = 0; at < 5; at += 1)
      statuses.push((await server.call('POST', '/v2/sites/greedy/identity-keys', { token, body: {} })).status);

    expect(statuses).toEqual([201, 201, 201, 400, 400]);
  });
});
