/** What a customer's browser really fetches of Guichet, against the promises and against what `npm run size` counts. */
import type { Page, Request } from '@playwright/test';
import { budget, measure } from '../../scripts/size.mjs';
import { expect, test } from '../support/browser';

/** Every request of the page for something of the chat's, from now on. */
function requestsTo(origin: string, page: Page): Request[] {
  const requests: Request[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(`${origin}/`)) requests.push(request);
  });
  return requests;
}

const paths = (requests: Request[]) => requests.map((request) => new URL(request.url()).pathname);

test('before the customer shows intent there is one request, no frame, and nothing is stored', async ({
  page,
  stack,
}) => {
  const requests = requestsTo(stack.addresses.chat, page);

  await page.goto(stack.addresses.bank, { waitUntil: 'networkidle' });
  await expect(page.getByRole('button', { name: /chat/i }).first()).toBeVisible();

  expect(paths(requests)).toEqual(['/guichet.js']);
  expect(page.frames()).toHaveLength(1);
  expect(await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])).toEqual([]);
  expect(await page.context().cookies(stack.addresses.chat)).toEqual([]);
});

test('until the customer can type, with a live socket, no more is fetched than the budget allows', async ({
  page,
  stack,
}) => {
  // What waits for a second or more is for later by design; on a machine that is slow today it must not come in between.
  await page.addInitScript(() => {
    const start = window.setTimeout;
    window.setTimeout = ((act: () => void, ms = 0, ...rest: []) =>
      start(act, ms < 1_000 ? ms : ms * 60, ...rest)) as typeof setTimeout;
  });
  const requests = requestsTo(stack.addresses.chat, page);
  const live = page.waitForEvent('websocket', (socket) => socket.url().includes('/widget/v1/socket'));
  await page.goto(stack.addresses.bank);

  await page.getByRole('button', { name: /chat/i }).first().click();
  const composer = page.frameLocator('iframe').getByRole('textbox');
  await expect(composer).toBeEditable();
  await (await live).waitForEvent('framereceived');
  await composer.fill('Hello');

  const code = requests.filter((request) => ['document', 'script', 'stylesheet'].includes(request.resourceType()));
  const sizes = await Promise.all(code.map(async (request) => (await request.sizes()).responseBodySize));
  const counted = (await measure()).rows.filter(({ group }) => group === 'loader' || group === 'ready to type');
  expect(paths(code).map((path) => path.replace(/\/$/, '/index.html').slice(1))).toEqual(
    expect.arrayContaining(counted.map(({ file }) => file)),
  );
  expect(code.length).toBe(counted.length);
  expect(sizes.every((size) => size > 0)).toBe(true);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(budget.readyToType);
});
