/** The API's reference at /docs: read on a desk and on a phone, light and dark, by keyboard, without a script. */
import { findings } from './axe';
import { expect } from './journey';
import { test } from './together';

for (const [width, colorScheme] of [
  [1280, 'light'],
  [390, 'light'],
  [1280, 'dark'],
] as const)
  test(`is whole at ${width} pixels, ${colorScheme}: axe finds nothing, nothing else is asked for`, async ({
    page,
    server,
    look,
  }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });

    await page.goto(`${server.origin}/docs`);

    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Guichet conversation API');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.goto(`${server.origin}/docs#postMessage`);
    await expect(page.getByRole('heading', { name: 'Send a message' })).toBeInViewport();
    expect(asked.filter((url) => !url.startsWith(`${server.origin}/docs`) && !url.startsWith('data:'))).toEqual([]);
    // All doors are made alike: of these axe looks at some, or it would look for minutes.
    await page.evaluate(`for (const list of ['.op', '.shape-card', 'nav li li', '.list tr'])
        [...document.querySelectorAll(list)].slice(8).forEach((each) => each.remove())`);
    expect(await findings(page, 1, colorScheme)).toEqual([]);
    await look(`reference-${width}-${colorScheme}`);
  });

test('keyboard alone skips to the content and follows a link of the contents', async ({ page, server }) => {
  await page.goto(`${server.origin}/docs`);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'To the content' })).toBeInViewport();

  await page.getByRole('navigation').getByRole('link', { name: 'Send a message' }).focus();
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(/#postMessage$/);
  await expect(page.getByRole('heading', { name: 'Send a message' })).toBeInViewport();
});
