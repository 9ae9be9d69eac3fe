import { isIP } from 'node:net';
import { resolve } from 'node:path';
import * as v from 'valibot';

const port = v.pipe(v.string(), v.regex(/^\d{1,5}$/, 'a port number'), v.transform(Number), v.maxValue(65_535));
const whole = v.pipe(v.string(), v.regex(/^\d{1,9}$/, 'a whole number'), v.transform(Number), v.minValue(1));
const flag = v.pipe(
  v.picklist(['true', 'false']),
  v.transform((text) => text === 'true'),
);
const origin = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text),
    'an origin such as https://chat.example, without a path',
  ),
);

const origins = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').flatMap((each) => each.trim() || [])),
  v.array(origin),
);

/** Every setting of the server; docs/configuration.md is checked against it. */
export const environment = v.object({
  /** Folder of the database and the control socket. */
  GUICHET_DATA: v.optional(v.pipe(v.string(), v.nonEmpty()), '.data/server'),
  /** Port to listen on; 0 takes a free one. */
  GUICHET_PORT: v.optional(port, '4180'),
  /** Address to bind. */
  GUICHET_HOST: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => isIP(text) > 0, 'an IP address'),
    ),
    '127.0.0.1',
  ),
  /** The origin that browsers see; default `http://localhost:<port>`. */
  GUICHET_ORIGIN: v.optional(origin),
  /** Origins, comma separated, whose pages may call `/v2` and its socket from a browser; none unless set. */
  GUICHET_API_ORIGINS: v.optional(origins, ''),
  /** An origin of its own for uploaded files, which goes to this server too; default `files.` + host where that is localhost. Without one no files are taken. */
  GUICHET_FILES_ORIGIN: v.optional(origin),
  /** Let webhooks go to private and loopback addresses. */
  GUICHET_ALLOW_PRIVATE_NETWORK: v.optional(flag, 'false'),
  /** Take the customer's address from `X-Forwarded-For` (only behind a proxy that sets it). */
  GUICHET_TRUST_PROXY: v.optional(flag, 'false'),
  /** debug, info, warn, error or silent. Logs hold no secrets and no words of a conversation. */
  GUICHET_LOG_LEVEL: v.optional(v.picklist(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
  /** Days that the log of webhook deliveries goes back; dead letters are kept 90 days at least. */
  GUICHET_KEEP_DELIVERIES_DAYS: v.optional(whole, '30'),
  /** New sessions a minute from one address. */
  GUICHET_LIMIT_SESSIONS: v.optional(whole, '120'),
  /** Messages and other writes a minute by one customer. */
  GUICHET_LIMIT_CUSTOMER: v.optional(whole, '240'),
  /** New socket connections a minute from one address. */
  GUICHET_LIMIT_HANDSHAKES: v.optional(whole, '600'),
  /** Socket connections at once from one address. */
  GUICHET_LIMIT_SOCKETS_ADDRESS: v.optional(whole, '2000'),
  /** Socket connections at once of one customer: tabs and devices. */
  GUICHET_LIMIT_SOCKETS: v.optional(whole, '50'),
  /** Kilobytes that may wait for a customer's socket that takes them slowly; then it is closed, and catches up when it comes back. */
  GUICHET_LIMIT_SOCKET_KILOBYTES: v.optional(whole, '1024'),
  /** API requests a minute by one token. */
  GUICHET_LIMIT_TOKEN: v.optional(whole, '1200'),
  /** Wrong API tokens a minute from one address, over HTTP and at the socket. */
  GUICHET_LIMIT_WRONG_TOKENS: v.optional(whole, '30'),
  /** Uploads at a time by one customer. */
  GUICHET_LIMIT_UPLOADS: v.optional(whole, '3'),
  /** Uploads at a time from one address, or by one token. */
  GUICHET_LIMIT_UPLOADS_ADDRESS: v.optional(whole, '20'),
  /** Megabytes of files an hour by one customer. */
  GUICHET_LIMIT_UPLOAD_MEGABYTES: v.optional(whole, '200'),
  /** Megabytes of files an hour from one address, or by one token. */
  GUICHET_LIMIT_UPLOAD_MEGABYTES_ADDRESS: v.optional(whole, '2000'),
});

export type Config = {
  dataDir: string;
  port: number;
  host: string;
  origin: string;
  apiOrigins: string[];
  /** Undefined: no files are taken. */
  filesOrigin: string | undefined;
  allowPrivateNetwork: boolean;
  trustProxy: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  keepDeliveriesDays: number;
  limits: {
    sessions: number;
    customer: number;
    handshakes: number;
    socketsOfAddress: number;
    sockets: number;
    socketKilobytes: number;
    token: number;
    wrongTokens: number;
    uploads: number;
    uploadsOfAddress: number;
    uploadMegabytes: number;
    uploadMegabytesOfAddress: number;
  };
};

/** Reads the environment. Throws an Error that names each wrong variable, what was expected and what came. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.keys(environment.entries).map((key) => [key, env[key]]));
  const result = v.safeParse(environment, given);
  if (!result.success) {
    const lines = result.issues.map((issue) => {
      const { type, message, expected, received, path } = issue as v.GenericIssue;
      const wanted = type === 'check' || type === 'regex' ? message : (expected ?? message);
      return `${path?.[0]?.key}: expected ${wanted}, got ${received}`;
    });
    throw new Error(`The configuration is wrong:\n  ${lines.join('\n  ')}`);
  }
  const set = result.output;
  const chat = set.GUICHET_ORIGIN ?? `http://localhost:${set.GUICHET_PORT}`;
  const files = set.GUICHET_FILES_ORIGIN ?? besides(chat);
  if (files && new URL(files).hostname === new URL(chat).hostname) {
    throw new Error(
      `The configuration is wrong:\n  GUICHET_FILES_ORIGIN: expected another host than that of GUICHET_ORIGIN, got ${files}`,
    );
  }
  return {
    dataDir: resolve(set.GUICHET_DATA),
    port: set.GUICHET_PORT,
    host: set.GUICHET_HOST,
    apiOrigins: set.GUICHET_API_ORIGINS,
    origin: chat,
    filesOrigin: files,
    allowPrivateNetwork: set.GUICHET_ALLOW_PRIVATE_NETWORK,
    trustProxy: set.GUICHET_TRUST_PROXY,
    logLevel: set.GUICHET_LOG_LEVEL,
    keepDeliveriesDays: set.GUICHET_KEEP_DELIVERIES_DAYS,
    limits: {
      sessions: set.GUICHET_LIMIT_SESSIONS,
      customer: set.GUICHET_LIMIT_CUSTOMER,
      handshakes: set.GUICHET_LIMIT_HANDSHAKES,
      socketsOfAddress: set.GUICHET_LIMIT_SOCKETS_ADDRESS,
      sockets: set.GUICHET_LIMIT_SOCKETS,
      socketKilobytes: set.GUICHET_LIMIT_SOCKET_KILOBYTES,
      token: set.GUICHET_LIMIT_TOKEN,
      wrongTokens: set.GUICHET_LIMIT_WRONG_TOKENS,
      uploads: set.GUICHET_LIMIT_UPLOADS,
      uploadsOfAddress: set.GUICHET_LIMIT_UPLOADS_ADDRESS,
      uploadMegabytes: set.GUICHET_LIMIT_UPLOAD_MEGABYTES,
      uploadMegabytesOfAddress: set.GUICHET_LIMIT_UPLOAD_MEGABYTES_ADDRESS,
    },
  };
}

/** Browsers resolve every name below `localhost` to this machine; of other hosts nobody knows which names they have. */
function besides(chat: string): string | undefined {
  const url = new URL(chat);
  return /(?:^|\.)localhost$/.test(url.hostname) ? `${url.protocol}//files.${url.host}` : undefined;
}
