/** The built server as the other tests start it: it has to come up, hold its data over a kill, and leave nothing behind. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchLoopback, listens } from '../support/loopback';
import { type BuiltServer, startServer } from '../support/server';
import { startStack } from '../support/stack';

describe('a built server for tests', () => {
  let server: BuiltServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it('serves under its own name, and is set up by its command line', async () => {
    const health = await server.fetch('/health');
    const { site, identity_key } = await server.addSite({ id: 'ag-bank' });
    const { token } = await server.createToken({ bot: true });
    const conversations = await server.fetch('/v2/channels', { headers: { authorization: `Bearer ${token}` } });

    expect(health.status).toBe(200);
    expect(site.id).toBe('ag-bank');
    expect(identity_key.secret).toBeTruthy();
    expect(conversations.status).toBe(200);
  });

  it('keeps what it has when it is killed and started again, on the same port', async () => {
    const { token } = await server.createToken();
    const { pid } = server;

    await server.kill('SIGKILL');
    const between = await listens(server.port);
    await server.start();
    const answer = await server.fetch('/v2/channels', { headers: { authorization: `Bearer ${token}` } });

    expect(between).toBe(false);
    expect(server.pid).not.toBe(pid);
    expect(answer.status).toBe(200);
  });

  it('says on a failing command what was wrong', async () => {
    await expect(server.command('site', 'show', 'no-such-site')).rejects.toThrow(/no-such-site/);
  });

  it('leaves no process and no data behind', async () => {
    const another = await startServer();

    await another.stop();

    expect(await listens(another.port)).toBe(false);
    expect(existsSync(another.data)).toBe(false);
  });

  it('tells what a server said that did not come up', async () => {
    await expect(startServer({ GUICHET_HOST: 'nowhere' })).rejects.toThrow(/GUICHET_HOST/);
  });
});

describe('the built demo for tests', () => {
  it('comes up with all its parts, again on the same ports after a restart, and leaves nothing behind', async () => {
    const stack = await startStack();
    const { addresses } = stack;
    const answers = () =>
      Promise.all(Object.values(addresses).map(async (origin) => (await fetchLoopback(`${origin}/health`)).status));

    const first = await answers();
    await stack.restart();
    const second = await answers();
    await stack.stop();

    expect(first).toEqual([200, 200, 200, 200, 200]);
    expect(second).toEqual(first);
    expect(stack.addresses).toEqual(addresses);
    expect(await Promise.all(Object.values(addresses).map((origin) => listens(Number(new URL(origin).port))))).toEqual(
      Array(5).fill(false),
    );
    expect(existsSync(stack.data)).toBe(false);
  });
});
