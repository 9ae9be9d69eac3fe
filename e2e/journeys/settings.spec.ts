/** Who wins when site, tag and `setConfig` say different things; and what the site's own settings do. */
import type { Page } from '@playwright/test';
import { test as alone } from './alone';
import { htmlPage, tag } from './hostPage';
import { conversationOf, expect } from './journey';

const test = alone.extend({
  pages: {
    at: (path: string, chat: string) => {
      if (path === '/bare') return htmlPage('');
      const tagged = `data-site="ag-bank" data-brand-color="#123456" data-texts='{"placeholder":"From the tag"}' data-launcher='{"label":"Ask us"}'`;
      return htmlPage(tag(chat, path === '/tagged' ? tagged : undefined));
    },
  },
});

const call = (page: Page, ...args: unknown[]) =>
  page.evaluate(async ([command, ...rest]) => window.guichet?.(command, ...rest), args);

test('default, site, tag, setConfig: what stands later wins, setting by setting', async ({
  page,
  host,
  server,
  guest,
}) => {
  const brand = () => guest.launcher.evaluate((button) => getComputedStyle(button).backgroundColor);
  const placeholder = () => guest.composer.getAttribute('placeholder');
  await page.goto(host.origin);
  await guest.open();
  expect([await brand(), await placeholder()]).toEqual(['rgb(15, 107, 92)', 'Write a message']);

  const settings = ['brand_color=#aa0000', 'texts.placeholder=From the site', 'greeting=Good day from the site'];
  await server.command('site', 'set', 'ag-bank', ...settings.flatMap((setting) => ['--setting', setting]));
  await page.reload();
  await guest.open();
  expect([await brand(), await placeholder()]).toEqual(['rgb(170, 0, 0)', 'From the site']);
  await expect(guest.frame.getByRole('heading', { name: 'Good day from the site' })).toBeVisible();

  await page.goto(`${host.origin}/tagged`);
  await expect(guest.launcher).toHaveText('Ask us');
  await expect(guest.launcher).toHaveAccessibleName('Ask us');
  expect(await brand()).toBe('rgb(18, 52, 86)');
  await guest.open();
  expect([await brand(), await placeholder()]).toEqual(['rgb(18, 52, 86)', 'From the tag']);
  await expect(guest.frame.getByRole('heading', { name: 'Good day from the site' })).toBeVisible();

  await call(page, 'setConfig', { brand_color: '#00aa00', texts: { resolved: 'Closed' } });
  await expect.poll(brand).toBe('rgb(0, 170, 0)');
  expect(await placeholder()).toBe('From the tag');
  await call(page, 'setConfig', { texts: { placeholder: 'From setConfig' } });
  await expect.poll(placeholder).toBe('From setConfig');
});

test('a site may keep the conversation’s words off its page, say them its own way, and do without the launcher', async ({
  page,
  host,
  server,
  desk,
  guest,
}) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('Hello');
  const id = await conversationOf(guest, desk);
  await guest.minimise.click();
  await desk.say(id, 'A private word');
  await expect(guest.peek).toContainText('A private word');

  await server.command(
    ...['site', 'set', 'ag-bank', '--setting', 'features.peek=false'],
    ...['--setting', 'texts.resolved=We have closed this for you'],
  );
  await page.reload();
  await expect(guest.badge).toHaveText('1');
  await desk.say(id, 'Another private word');
  await expect(guest.badge).toHaveText('2');
  await expect(guest.peek).toBeEmpty();

  await desk.api(`/conversations/${id}`, { method: 'PUT', body: { status: 'resolved' } });
  await guest.open();
  await expect(guest.log.getByText('We have closed this for you')).toBeVisible();

  await guest.minimise.click();
  await call(page, 'setConfig', { launcher: { hidden: true } });
  await expect(guest.launcher).toBeHidden();
  await call(page, 'open');
  await guest.live();
  await call(page, 'setConfig', { launcher: { hidden: false } });
  await expect(guest.launcher).toBeVisible();
});

test('what is wrong on the tag is named in the console, and the chat goes on without it', async ({
  page,
  host,
  guest,
}) => {
  const warnings: string[] = [];
  page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
  await page.goto(host.origin);
  await guest.open();
  await call(page, 'setConfig', {
    launcher: { label: 'x'.repeat(31) },
    texts: { placeholder: '<img src=x onerror=alert(1)>' },
    features: 'none',
    colour: 'red',
  });

  await expect(guest.composer).toHaveAttribute('placeholder', '<img src=x onerror=alert(1)>');
  await expect
    .poll(() => warnings.map((text) => /config "(\w+)"/.exec(text)?.[1]))
    .toEqual(expect.arrayContaining(['launcher', 'features', 'colour']));
});
