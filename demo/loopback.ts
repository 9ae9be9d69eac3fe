import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, fetch, type RequestInit, type Response } from 'undici';

/**
 * Browsers take every `*.localhost` for this machine; Node asks the system's resolver, which often knows only
 * `localhost`. So the demo's programs look these names up themselves.
 */
export const lookup: LookupFunction = (hostname, options, callback) => {
  if (!isLoopbackName(hostname)) return systemLookup(hostname, options, callback);
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

export const isLoopbackName = (hostname: string): boolean => /(^|\.)localhost\.?$/i.test(hostname);

const agent = new Agent({ connect: { lookup, timeout: 5_000 }, keepAliveTimeout: 4_000 });

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** `fetch` that finds `*.localhost`, follows no redirect and gives up after 10 s. */
export const loopbackFetch: Fetch = (url, init = {}) =>
  fetch(url, { redirect: 'error', signal: AbortSignal.timeout(10_000), ...init, dispatcher: agent });

/** Lets go of idle connections, so that a process can end. */
export const closeConnections = (): Promise<void> => agent.close();
