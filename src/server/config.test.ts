import { isAbsolute } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config';

test('without any setting the server is on this machine only, with private networks closed to webhooks', () => {
  const config = readConfig({});

  expect(config).toMatchObject({
    port: 4180,
    host: '127.0.0.1',
    origin: 'http://localhost:4180',
    apiOrigins: [],
    allowPrivateNetwork: false,
    trustProxy: false,
    logLevel: 'info',
  });
  expect(isAbsolute(config.dataDir)).toBe(true);
});

test('every setting is taken', () => {
  expect(
    readConfig({
      GUICHET_DATA: '/var/lib/guichet',
      GUICHET_PORT: '8080',
      GUICHET_HOST: '::',
      GUICHET_ORIGIN: 'https://chat.example',
      GUICHET_API_ORIGINS: 'https://desk.example, http://crm.example:8080,',
      GUICHET_ALLOW_PRIVATE_NETWORK: 'true',
      GUICHET_TRUST_PROXY: 'true',
      GUICHET_LOG_LEVEL: 'debug',
      GUICHET_LIMIT_SESSIONS: '1',
      GUICHET_LIMIT_CUSTOMER: '2',
      GUICHET_LIMIT_HANDSHAKES: '10',
      GUICHET_LIMIT_SOCKETS: '11',
      GUICHET_LIMIT_SOCKETS_ADDRESS: '12',
      GUICHET_LIMIT_SOCKET_KILOBYTES: '13',
      GUICHET_LIMIT_TOKEN: '3',
      GUICHET_LIMIT_WRONG_TOKENS: '8',
      GUICHET_FILES_ORIGIN: 'https://chatfiles.example',
      GUICHET_LIMIT_UPLOADS: '4',
      GUICHET_LIMIT_UPLOADS_ADDRESS: '5',
      GUICHET_LIMIT_UPLOAD_MEGABYTES: '6',
      GUICHET_LIMIT_UPLOAD_MEGABYTES_ADDRESS: '7',
      GUICHET_KEEP_DELIVERIES_DAYS: '9',
      OTHER: 'ignored',
    }),
  ).toEqual({
    dataDir: '/var/lib/guichet',
    port: 8080,
    host: '::',
    origin: 'https://chat.example',
    apiOrigins: ['https://desk.example', 'http://crm.example:8080'],
    filesOrigin: 'https://chatfiles.example',
    allowPrivateNetwork: true,
    trustProxy: true,
    logLevel: 'debug',
    keepDeliveriesDays: 9,
    limits: {
      sessions: 1,
      customer: 2,
      handshakes: 10,
      sockets: 11,
      socketsOfAddress: 12,
      socketKilobytes: 13,
      token: 3,
      wrongTokens: 8,
      uploads: 4,
      uploadsOfAddress: 5,
      uploadMegabytes: 6,
      uploadMegabytesOfAddress: 7,
    },
  });
});

test.each([
  [undefined, 'http://files.localhost:4180'],
  ['http://chat.localhost:4180', 'http://files.chat.localhost:4180'],
  ['https://localhost', 'https://files.localhost'],
  ['https://chat.example', undefined],
  ['https://mylocalhost', undefined],
  ['http://127.0.0.1:4180', undefined],
])('with the origin %s, files are served from %s unless a setting says otherwise', (origin, files) => {
  expect(readConfig({ GUICHET_ORIGIN: origin }).filesOrigin).toBe(files);
});

test('files are never served from the host of the chat itself', () => {
  for (const files of ['https://chat.example', 'https://chat.example:8443'])
    expect(() => readConfig({ GUICHET_ORIGIN: 'https://chat.example', GUICHET_FILES_ORIGIN: files })).toThrow(
      /GUICHET_FILES_ORIGIN: expected another host/,
    );
});

describe('a wrong setting is named, with what was expected and what came', () => {
  test.each([
    ['GUICHET_PORT', 'http'],
    ['GUICHET_PORT', '65536'],
    ['GUICHET_PORT', '-1'],
    ['GUICHET_PORT', '4180 '],
    ['GUICHET_PORT', ''],
    ['GUICHET_HOST', 'localhost'],
    ['GUICHET_HOST', '127.0.0.1:4180'],
    ['GUICHET_ORIGIN', 'chat.example'],
    ['GUICHET_ORIGIN', 'https://chat.example/'],
    ['GUICHET_ORIGIN', 'https://chat.example/path'],
    ['GUICHET_ORIGIN', 'https://user@chat.example'],
    ['GUICHET_ORIGIN', 'HTTPS://chat.example'],
    ['GUICHET_ORIGIN', 'ftp://chat.example'],
    ['GUICHET_ORIGIN', 'null'],
    ['GUICHET_API_ORIGINS', '*'],
    ['GUICHET_API_ORIGINS', 'https://desk.example/'],
    ['GUICHET_API_ORIGINS', 'https://desk.example;https://crm.example'],
    ['GUICHET_FILES_ORIGIN', 'files.example'],
    ['GUICHET_FILES_ORIGIN', 'https://files.example/f'],
    ['GUICHET_ALLOW_PRIVATE_NETWORK', 'yes'],
    ['GUICHET_ALLOW_PRIVATE_NETWORK', '1'],
    ['GUICHET_ALLOW_PRIVATE_NETWORK', 'TRUE'],
    ['GUICHET_TRUST_PROXY', ''],
    ['GUICHET_LOG_LEVEL', 'loud'],
    ['GUICHET_LIMIT_TOKEN', '0'],
    ['GUICHET_LIMIT_TOKEN', 'many'],
    ['GUICHET_DATA', ''],
  ])('%s=%j', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`${name}: expected .+, got `));
  });

  test('all of them at once', () => {
    expect(() => readConfig({ GUICHET_PORT: 'x', GUICHET_HOST: 'y' })).toThrow(/GUICHET_PORT[\s\S]*GUICHET_HOST/);
  });
});
