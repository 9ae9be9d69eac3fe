import { connect, createServer, type LookupFunction } from 'node:net';
import { Agent, fetch, type RequestInit, type Response } from 'undici';

/** Browsers resolve every `*.localhost` to this machine by themselves; Node does not everywhere. */
export const lookupLoopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

const agent = new Agent({ connect: { lookup: lookupLoopback }, keepAliveTimeout: 1_000 });

/** `fetch` for `http://chat.localhost:…` and its like, with the right Host header. Redirects are left to be looked at. */
export const fetchLoopback = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { redirect: 'manual', ...init, dispatcher: agent });

/**
 * The first of `count` neighbouring ports that nobody listens on: below those that the system hands out, above 10080, which
 * `fetch` and browsers refuse to speak to (https://fetch.spec.whatwg.org/#port-blocking).
 */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const first = 11_000 + Math.floor(Math.random() * 19_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`found no ${count} free ports in a row`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Whether anybody listens there. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
