import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'socket.io';
import type { GuichetError } from '../../protocol/errors';
import { createLimiter, rateLimited } from '../http/limiter';

/**
 * Who may open another connection to the sockets: from each address so many a minute, and so many at once. Asked before
 * anything is made for it; 429 with `Retry-After` otherwise.
 */
export type Admission = { guard(io: Server): void };

export function createAdmission(limits: {
  /** New connections a minute from one address. */
  perMinute: number;
  /** Connections at once from one address. */
  atOnce: number;
  addressOf: (request: IncomingMessage) => string;
}): Admission {
  const { addressOf, atOnce } = limits;
  const handshakes = createLimiter(limits.perMinute, 'new connections from one address');
  const open = new Map<string, number>();

  async function admit(request: IncomingMessage): Promise<void> {
    const address = addressOf(request);
    await handshakes.takeQuietly(address);
    if ((open.get(address) ?? 0) >= atOnce) throw rateLimited(`At most ${atOnce} connections from one address`, 30);
  }

  return {
    guard({ engine }) {
      engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
        // With a session it's a further request of a connection that is there.
        if (sessionIn(request)) next();
        else admit(request).then(next, (error) => refuse(request, response, error));
      });
      engine.on(
        'connection',
        (connection: { request: IncomingMessage; once: (name: 'close', end: () => void) => void }) => {
          const address = addressOf(connection.request);
          open.set(address, (open.get(address) ?? 0) + 1);
          connection.once('close', () => {
            const left = (open.get(address) ?? 1) - 1;
            if (left > 0) open.set(address, left);
            else open.delete(address);
          });
        },
      );
    },
  };
}

/** As engine.io reads it, to whom an empty one is none. */
const sessionIn = (request: IncomingMessage) => (request as { _query?: { sid?: string } })._query?.sid;

function refuse(request: IncomingMessage, response: ServerResponse, error: GuichetError): void {
  const body = JSON.stringify(error.toBody());
  const headers = { 'Content-Type': 'application/json', 'Retry-After': String(error.retryAfter ?? 60) };
  if (!request.headers.upgrade) {
    response.writeHead(429, headers).end(body);
    return;
  }
  // An upgrade has no answer to write on, only its socket.
  const lines = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
  request.socket.end(
    `HTTP/1.1 429 Too Many Requests\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    () => request.socket.destroySoon(),
  );
}
