import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../config';
import { startTestServer, type TestServer } from '../testServer';
import { readCommand, runFromCommandLine, UsageError } from './cli';

describe('what is typed', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'guichet-cli-'));
    writeFileSync(join(folder, 'config.json'), '{"brand_color":"#0f6b5c"}');
    writeFileSync(join(folder, 'broken.json'), '{');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('becomes a command with its input', () => {
    expect(readCommand(['token', 'list', '--json'])).toEqual({ command: 'token list', input: {}, json: true });
    expect(readCommand(['token', 'create', '--name', 'F', '--bot', '--scope', 'a', '--scope', 'b'])).toEqual({
      command: 'token create',
      input: { name: 'F', scopes: ['a', 'b'], actor: 'bot' },
      json: false,
    });
    const site = [
      'site',
      'add',
      'ag-bank',
      '--name',
      'AG',
      '--host',
      'http://a',
      '--config',
      join(folder, 'config.json'),
    ];
    expect(readCommand(site).input).toMatchObject({
      id: 'ag-bank',
      hosts: ['http://a'],
      config: { brand_color: '#0f6b5c' },
    });
    expect(readCommand(['check-web-view', 'https://a', '--site', 'b'])).toMatchObject({
      command: 'web-view check',
      input: { url: 'https://a', site: 'b' },
    });
    expect(readCommand(['check-web-view', 'https://a', '--mount', 'host']).input).toEqual({
      url: 'https://a',
      mount: 'host',
    });
    expect(readCommand(['webhook', 'add', 'http://x', '--event', 'message_create']).input).toEqual({
      url: 'http://x',
      events: ['message_create'],
    });
  });

  test.each<[string, RegExp]>([
    ['', /no command/],
    ['nonsense', /no command "nonsense"/],
    ['site', /no command "site"/],
    ['site remove x', /no command "site remove x"/],
    ['site show', /needs a site id/],
    ['site show a b', /does not take "b"/],
    ['site add x --host http://a', /--name is missing/],
    ['site add x --name X', /--host is missing/],
    ['site add x --name X --host http://a --scope a', /does not take --scope/],
    ['site add x --name X --host http://a --config /nowhere.json', /--config \/nowhere\.json/],
    ['token create --name X', /--scope is missing/],
    ['token create --name X --scope a --bot --agent', /exclude each other/],
    ['token create extra --name X --scope a', /does not take "extra"/],
    ['token revoke', /needs a token id/],
    ['check-web-view', /needs a URL/],
    ['token list --bot', /does not take --bot/],
    ['webhook add', /needs a URL/],
    ['webhook remove', /needs a webhook id/],
    ['token list --nonsense', /--nonsense/],
    ['token create --name', /--name/],
    ['constructor x', /no command/],
    ['__proto__ x', /no command/],
  ])('%j is refused with what is wrong about it', (line, message) => {
    const words = line.split(' ').filter(Boolean);

    expect(() => readCommand(words)).toThrow(UsageError);
    expect(() => readCommand(words)).toThrow(message);
  });

  test('a settings file that is no JSON is named', () => {
    expect(() =>
      readCommand(['site', 'add', 'x', '--name', 'X', '--host', 'h', '--config', join(folder, 'broken.json')]),
    ).toThrow(/broken\.json/);
  });
});

describe.each(['online', 'offline'] as const)('%s', (mode) => {
  let dataDir: string;
  let server: TestServer | undefined;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'guichet-control-'));
    server = await startTestServer({ dataDir });
    if (mode === 'offline') {
      await server.stop();
      server = undefined;
    }
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(dataDir, { recursive: true });
  });
  const run = async <T>(...words: string[]): Promise<T> => {
    const printed: string[] = [];
    const config = readConfig({ GUICHET_DATA: dataDir, GUICHET_ALLOW_PRIVATE_NETWORK: 'true' });
    await runFromCommandLine(config, [...words, '--json'], (text) => printed.push(text));
    expect(printed).toHaveLength(1);
    return JSON.parse(printed[0] as string) as T;
  };

  test('a site is added, shown without secrets, and replaced keeping its key', async () => {
    type Added = { site: object; identity_key: { kid: string; secret?: string } };
    const add = (...more: string[]) =>
      run<Added>('site', 'add', 'new', '--name', 'New', '--host', 'http://new.localhost', ...more);
    const first = await add();

    expect(first.identity_key.secret).toMatch(/^[\w-]{43}$/);
    await expect(add()).rejects.toThrow(/ALREADY_EXISTS.*--replace/);
    const replaced = await add('--replace', '--web-view-origin', 'https://cards.new.example');
    expect(replaced.identity_key).toEqual({ kid: first.identity_key.kid });
    const shown = await run<{ site: object }>('site', 'show', 'new');
    expect(shown.site).toMatchObject({ id: 'new', web_view_origins: ['https://cards.new.example'] });
    expect(JSON.stringify(shown)).not.toContain(first.identity_key.secret);
    await expect(run('site', 'show', 'nowhere')).rejects.toThrow(/SITE_NOT_FOUND/);
    await expect(run('site', 'add', 'Bad Id', '--name', 'x', '--host', 'http://x')).rejects.toThrow(/INVALID_VALUE/);
    await expect(run('site', 'add', 'bad', '--name', 'x', '--host', 'http://x/')).rejects.toThrow(/an origin such as/);
  });

  test('a site’s settings are changed one by one, and its identity key is changed over', async () => {
    await run('site', 'add', 'kept', '--name', 'Kept', '--host', 'http://kept.localhost');
    const set = (...words: string[]) =>
      run<{ site: { config: object; name: string } }>('site', 'set', 'kept', ...words);

    const words = ['brand_color=#0F6B5C', 'features.peek=false', 'launcher.label=Ask = us', 'texts.placeholder=Hi'];
    const { site } = await set('--name', 'Kept Bank', ...words.flatMap((word) => ['--setting', word]));
    expect(site).toMatchObject({
      name: 'Kept Bank',
      config: {
        brand_color: '#0f6b5c',
        features: { peek: false },
        launcher: { label: 'Ask = us' },
        texts: { placeholder: 'Hi' },
      },
    });
    expect((await set('--setting', 'texts.placeholder=', '--setting', 'launcher=')).site.config).toEqual({
      brand_color: '#0f6b5c',
      features: { peek: false },
      texts: {},
    });
    await expect(set()).rejects.toThrow(/Nothing to change/);
    await expect(set('--setting', 'brand_color')).rejects.toThrow(/KEY=VALUE/);
    await expect(set('--setting', 'suggestions=[1')).rejects.toThrow(/JSON/);
    await expect(set('--setting', 'brandcolor=#fff')).rejects.toThrow(/config\.brandcolor/);

    const { identity_key: key } = await run<{ identity_key: { kid: string; secret: string } }>(
      'site',
      'add-key',
      'kept',
    );
    const { sites } = await run<{ sites: { id: string; identity_kids: string[] }[] }>('site', 'list');
    const kids = sites.find(({ id }) => id === 'kept')?.identity_kids ?? [];
    expect(kids).toHaveLength(2);
    expect(kids[1]).toBe(key.kid);
    expect(await run('site', 'remove-key', 'kept', '--kid', kids[0] as string)).toEqual({ removed: kids[0] });
    await expect(run('site', 'remove-key', 'kept', '--kid', key.kid)).rejects.toThrow(/add another first/);
  });

  test('a token is made, listed and revoked', async () => {
    const made = await run<{ token: string; id: string; agent_id: string }>(
      ...['token', 'create', '--name', 'Freddy', '--bot', '--scope', 'account:read'],
    );
    const works = async () => (await server?.call('GET', '/v2/accounts/configuration', { token: made.token }))?.status;

    expect(made.agent_id).toBeTruthy();
    if (server) expect(await works()).toBe(200);
    expect(JSON.stringify(await run('token', 'list'))).toContain(made.id);
    expect(JSON.stringify(await run('token', 'list'))).not.toContain(made.token);
    const rotated = await run<{ token: string; id: string }>('token', 'rotate', made.id, '--overlap', '15m');
    expect(rotated).toMatchObject({ id: made.id, previous_until_time: expect.any(String) });
    if (server) expect(await works()).toBe(200);
    await expect(run('token', 'rotate', made.id, '--overlap', 'soon')).rejects.toThrow(/--overlap soon/);
    expect(await run('token', 'revoke', made.id)).toEqual({ revoked: made.id });
    if (server) expect(await works()).toBe(401);
    await expect(run('token', 'revoke', 'nothing')).rejects.toThrow(/TOKEN_NOT_FOUND/);
    await expect(run('token', 'create', '--name', 'x', '--scope', 'everything')).rejects.toThrow(/INVALID_VALUE/);
  });

  test('a webhook is added, listed without its secret, and removed', async () => {
    const made = await run<{ webhook: { id: string; url: string }; secret: string; public_key: string }>(
      ...['webhook', 'add', 'http://bot.localhost:1/hook', '--event', 'message_create'],
    );

    expect(made).toMatchObject({
      secret: expect.stringMatching(/^whsec_/),
      public_key: expect.stringContaining('PUBLIC KEY'),
    });
    const list = JSON.stringify(await run('webhook', 'list'));
    expect(list).toContain(made.webhook.id);
    expect(list).not.toContain(made.secret);
    expect(await run('webhook', 'remove', made.webhook.id)).toEqual({ removed: made.webhook.id });
    await expect(run('webhook', 'remove', made.webhook.id)).rejects.toThrow(/WEBHOOK_NOT_FOUND/);
    await expect(run('webhook', 'add', 'not a URL')).rejects.toThrow(/INVALID_VALUE/);
  });
});

describe('the control socket', () => {
  let dataDir: string;
  let server: TestServer;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'guichet-control-'));
    server = await startTestServer({ dataDir });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });
  const say = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const connection = connect(join(dataDir, 'control.sock'));
      let answer = '';
      connection.on('data', (chunk) => {
        answer += chunk;
      });
      connection.on('close', () => resolve(answer));
      connection.on('error', reject);
      connection.end(text);
    });

  test('is for its owner alone', () => {
    expect(statSync(join(dataDir, 'control.sock')).mode & 0o777).toBe(0o600);
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"command":5}',
    '{"command":"constructor","input":{}}',
    '{"command":"site add"}',
    '{"command":"token create","input":[]}',
  ])('answers %j with a refusal and goes on', async (text) => {
    expect(JSON.parse(await say(text))).toMatchObject({
      ok: false,
      code: expect.any(String),
      message: expect.any(String),
    });
    expect(JSON.parse(await say('{"command":"token list","input":{}}'))).toMatchObject({ ok: true });
  });

  test('drops whoever says too much', async () => {
    expect(await say('x'.repeat(2_000_000)).catch(() => '')).toBe('');
    expect(JSON.parse(await say('{"command":"token list","input":{}}'))).toMatchObject({ ok: true });
  });
});
