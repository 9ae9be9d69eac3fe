import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { fileLook } from './fileLook';

let close: (() => void) | undefined;
afterEach(() => close?.());

async function files(answer: RequestListener): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://files.localhost:${(server.address() as AddressInfo).port}`, asked };
}
const sent = (url: string) => [{ kind: 'file', url } as const];

it('tells how many bytes are there', async () => {
  const { origin } = await files((_, response) => response.end(Buffer.alloc(84_210)));

  expect(await fileLook([origin])(sent(`${origin}/f/1`))).toEqual([{ kind: 'there', bytes: 84_210 }]);
});

it('finds nothing where nothing is, nor where it is led away', async () => {
  const { origin, asked } = await files((request, response) => {
    if (request.url === '/gone') return response.writeHead(404).end();
    if (request.url === '/away') return response.writeHead(302, { location: '/secret' }).end();
    response.end('secret');
  });
  const look = fileLook([origin]);

  expect(await look([...sent(`${origin}/gone`), ...sent(`${origin}/away`)])).toEqual([
    { kind: 'missing' },
    { kind: 'missing' },
  ]);
  expect(asked).not.toContain('/secret');
});

it('asks nobody but the one who serves the chat’s files', async () => {
  const { origin, asked } = await files((_, response) => response.end('inside'));
  const look = fileLook(['http://files.localhost:1']);
  const addresses = [`${origin}/internal`, 'http://127.0.0.1:1/', 'file:///etc/passwd', 'nonsense', ''];

  expect(await look(addresses.flatMap(sent))).toEqual(addresses.map(() => ({ kind: 'foreign' })));
  expect(asked).toEqual([]);
});

it('stops reading what is larger than any file can be', async () => {
  let written = 0;
  const { origin } = await files((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 20))) written++;
      written++;
    };
    response.on('drain', more);
    more();
  });

  expect(await fileLook([origin])(sent(`${origin}/endless`))).toEqual([{ kind: 'missing' }]);
  expect(written).toBeLessThan(80);
});
