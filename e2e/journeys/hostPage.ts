import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HostPage {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * A site of our own, for pages that the bank doesn't have: every path answers with what `html` makes of it, on
 * `http://bank.localhost` with a free port.
 */
export async function serveHostPage(
  html: (path: string) => string,
  headers: Record<string, string> = {},
): Promise<HostPage> {
  const server = createServer((request, response) => {
    if (request.url === '/favicon.ico') return void response.writeHead(204).end();
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(html(request.url ?? '/'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://bank.localhost:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The chat's tag, as sites write it. */
export const tag = (chat: string, attributes = 'data-site="ag-bank"') =>
  `<script async src="${chat}/guichet.js" ${attributes}></script>`;

export const htmlPage = (head: string, body = '<main><h1>A page</h1></main>', lang = 'en') =>
  `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title>${head}</head><body>${body}</body></html>`;
