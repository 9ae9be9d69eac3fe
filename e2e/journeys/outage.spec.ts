/** The chat's server is away, dies, or is behind a network that lets no WebSocket through. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startServer } from '../support/server';
import { test } from './alone';
import { openBusiness } from './business';
import { Chat } from './chat';
import { htmlPage, serveHostPage, tag } from './hostPage';
import { conversationOf, expect } from './journey';

// What the browser itself writes into the console when nobody listens at an address.
test.beforeEach(({ problems }) =>
  problems.allow(/ERR_(CONNECTION_REFUSED|CONNECTION_RESET|SOCKET_NOT_CONNECTED|EMPTY_RESPONSE)|WebSocket connection/),
);

test('a message that is under way when the server is killed goes out once, after the restart', async ({
  page,
  server,
  host,
  desk,
  guest,
  look,
}) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);

  await Promise.all([guest.send('in the middle of it'), server.kill('SIGKILL')]);
  await guest.send('and while nobody is there');
  await expect(guest.said('in the middle of it')).toBeVisible();
  await expect(guest.frame.locator('.state')).toHaveText(/Sending…|Waiting for a connection/);
  await expect(guest.frame.locator('.banner')).toHaveText('Offline. What you send goes out later.');
  await expect(guest.frame.locator('.state')).toHaveText('Waiting for a connection');
  await look('offline');

  await server.start();
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  await expect(guest.frame.locator('.banner')).toHaveCount(0);
  const all = ['me: before', 'me: in the middle of it', 'me: and while nobody is there'];
  expect(await guest.lines()).toEqual(all);
  expect(await desk.lines(id)).toEqual(all);
  await page.reload();
  await guest.live();
  expect(await guest.lines()).toEqual(all);
});

test('what was written offline goes out after a reload', async ({ page, server, host, desk, guest }) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);
  await server.kill('SIGKILL');
  await guest.send('written offline');
  await guest.composer.fill('and a draft');
  await expect(guest.frame.locator('.state')).toHaveText('Waiting for a connection');

  await page.goto(`${host.origin}/bare`);
  await server.start();
  expect(await desk.lines(id)).toEqual(['me: before']);
  await page.goto(host.origin);

  await guest.live();
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect(await guest.lines()).toEqual(['me: before', 'me: written offline']);
  expect(await desk.lines(id)).toEqual(['me: before', 'me: written offline']);
  await expect(guest.composer).toHaveValue('and a draft');
});

test('the chat can’t be reached when it is opened: it says so, and a retry works once the server is back', async ({
  page,
  server,
  host,
  guest,
  look,
}) => {
  await page.goto(host.origin);
  // The document and its code are there; the session isn't to be had any more.
  await guest.launcher.hover();
  await expect(guest.frame.locator('.composer')).toBeAttached();
  await server.kill('SIGKILL');
  await guest.launcher.click();

  const alert = guest.frame.getByRole('alert');
  await expect(alert).toContainText('The chat can’t be reached');
  await look('panel-failed');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(alert).toContainText('The chat can’t be reached');
  await guest.composer.fill('a thought that must not be lost');
  await server.start();

  // Unless it has tried again by itself by then.
  await expect(async () => {
    if ((await alert.count()) > 0) await alert.getByRole('button', { name: 'Try again' }).click({ timeout: 1_000 });
    await expect(alert).toHaveCount(0, { timeout: 3_000 });
  }).toPass();
  await expect(guest.composer).toHaveValue('a thought that must not be lost');
  await guest.composer.press('Enter');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
});

test('not even the chat’s document can be had: the launcher says so and a second tap works', async ({
  page,
  server,
  host,
  guest,
  problems,
  look,
}) => {
  problems.allow(/guichet: no answer/);
  await page.goto(host.origin);
  await expect(guest.launcher).toBeVisible();
  await server.kill('SIGKILL');

  await guest.launcher.click();
  await expect(guest.peek).toContainText('Try again.', { timeout: 30_000 });
  await expect(guest.launcher).toBeFocused();
  await look('launcher-failed');
  await server.start();
  await guest.launcher.click();

  await guest.live();
  await expect(guest.peek).toBeEmpty();
});

test('where WebSocket is blocked the conversation is live over polling', async ({ page, problems }) => {
  problems.allow(/WebSocket/);
  const proxy = await startProxy();
  const server = await startServer({ GUICHET_ORIGIN: proxy.origin });
  proxy.to(server.port);
  const host = await serveHostPage(() => htmlPage(tag(proxy.origin)));
  await server.addSite({ hosts: [host.origin] });
  const desk = await openBusiness(server);
  const guest = new Chat(page, proxy.origin);
  const polls: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('transport=polling')) polls.push(request.method());
  });

  await page.goto(host.origin);
  await guest.open();
  await guest.send('by another way');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);
  await desk.say(id, 'and back');
  await expect(guest.said('and back')).toBeVisible();
  expect(polls).toContain('POST');
  expect(proxy.refused()).toBeGreaterThan(0);

  await page.goto('about:blank');
  for (const each of [desk, host, proxy]) await each.close();
  await server.stop();
});

test('where WebSocket is accepted and then cut off the conversation gets through too', async ({
  page,
  host,
  desk,
  guest,
}) => {
  await page.routeWebSocket(/\/widget\/v1\/socket/, (socket) => socket.close({ code: 1013, reason: 'not here' }));
  await page.goto(host.origin);
  await guest.launcher.click();
  await expect(guest.frame.locator('.status .dot')).toHaveClass(/online/, { timeout: 25_000 });
  await guest.send('by another way');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  await desk.say(await conversationOf(guest, desk), 'and back');
  await expect(guest.said('and back')).toBeVisible();
});

/** A network that lets HTTP through and refuses to let anybody change to another protocol. */
async function startProxy() {
  let target = 0;
  let refused = 0;
  const proxy = createServer((from, to) => {
    const { method, url, headers } = from;
    const onward = request({ host: '127.0.0.1', port: target, method, path: url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    to.on('close', () => onward.destroy());
    from.pipe(onward);
  });
  proxy.on('upgrade', (_, socket) => {
    refused++;
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    origin: `http://chat.localhost:${port}`,
    to: (next: number) => {
      target = next;
    },
    refused: () => refused,
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
