/**
 * A small web of the test's own: one server that answers for every `<name>.localhost`, writes down what it was asked for
 * and takes webhooks. To the browser each name is another site.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  /** Origin, path and query as the browser asked for them. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Uint8Array;
}

export interface Web {
  readonly port: number;
  /** Everything that anybody asked for, in order. */
  readonly asked: readonly Asked[];
  origin(name: string): string;
  /** From now on this is what stands at that name and path; gives the address. */
  put(name: string, path: string, answer: Answer | string | ((asked: Asked) => Answer | string)): string;
  close(): Promise<void>;
}

export async function startWeb(): Promise<Web> {
  const asked: Asked[] = [];
  const pages = new Map<string, (asked: Asked) => Answer | string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const host = request.headers.host ?? '';
    const one: Asked = {
      method: request.method ?? '',
      url: `http://${host}${request.url}`,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    asked.push(one);
    const page = pages.get(`${host.split(':')[0]}${(request.url ?? '').split('?')[0]}`);
    const made = page?.(one) ?? { status: 404, body: 'nothing here' };
    const { status = 200, headers = {}, body = '' } = typeof made === 'string' ? { body: made } : made;
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = (name: string) => `http://${name}.localhost:${port}`;
  return {
    port,
    asked,
    origin,
    put(name, path, answer) {
      pages.set(`${name}.localhost${path}`, typeof answer === 'function' ? answer : () => answer);
      return `${origin(name)}${path}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
