/**
 * `test` for the journeys: the built demo, its API and webhooks as the business has them, page objects, and a watch over
 * the browser's console. A console error, an uncaught error or a breach of a content security policy fails the test that
 * didn't announce it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { test as base, expect, launchBrowser } from '../support/browser';
import { repository } from '../support/program';
import { type Stack, startStack } from '../support/stack';
import { Bank } from './bank';
import { type Business, openBusiness } from './business';
import { Chat } from './chat';
import { type SharedSite, startSharedSite } from './sharedSite';

export { expect } from '../support/browser';

export interface Problems {
  /** What was wrong so far. */
  readonly all: string[];
  watch(context: BrowserContext): Promise<void>;
  /** From now on this is part of the story. */
  allow(pattern: RegExp): void;
}

export interface Visit {
  page: Page;
  bank: Bank;
  chat: Chat;
}

interface Fixtures {
  problems: Problems;
  bank: Bank;
  chat: Chat;
  /** Another tab of this browser. */
  tab: () => Promise<Visit>;
  /** With GUICHET_LOOKS=1, keeps a picture of the page as it is now in test-results/looks, for people to look at. */
  look: (name: string, page?: Page) => Promise<void>;
}

interface OfWorker {
  browser: Browser;
  stack: Stack;
  business: Business;
  sharedSite: SharedSite;
}

export const test = base.extend<Fixtures, OfWorker>({
  /** A machine without a screen has no mouse either, and pages can tell: this one says that it has one. */
  browser: [
    async ({ thirdPartyCookies }, use) => {
      const mouse = 'primaryPointerType=4,availablePointerTypes=4,primaryHoverType=2,availableHoverTypes=2';
      const { browser, close } = await launchBrowser([`--blink-settings=${mouse}`], thirdPartyCookies);
      await use(browser);
      await close();
    },
    { scope: 'worker' },
  ],

  // Freddy thinks for a tenth of a second instead of half of one; all else is as `npm start` has it.
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const stack = await startStack({ BOT_PACE_MS: '100' });
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  business: [
    async ({ stack }, use) => {
      const business = await openBusiness({ origin: stack.addresses.chat, data: stack.serverData });
      await use(business);
      await business.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  // For `together`, and here, where every journey has it: a worker goes on to specs that have the same fixtures of a worker,
  // and for others another one is started, with a browser and a bank of its own. Nothing of it begins before it is asked for.
  sharedSite: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const shared = await startSharedSite();
      await use(shared);
      await shared.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  problems: [
    async ({ context }, use) => {
      const all: string[] = [];
      const allowed: RegExp[] = [];
      const note = (text: string) => {
        if (!allowed.some((pattern) => pattern.test(text))) all.push(text);
      };
      const watch = async (watched: BrowserContext) => {
        watched.on('console', (message) => {
          if (message.type() === 'error') note(`console: ${message.text()} (${message.location().url})`);
        });
        watched.on('weberror', (error) => note(`uncaught: ${error.error().stack ?? error.error()}`));
        await watched.addInitScript(() => {
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => {
            console.error(`content security policy: ${effectiveDirective} ${blockedURI} ${sourceFile}`);
          });
        });
      };
      await watch(context);
      await use({ all, watch, allow: (pattern) => void allowed.push(pattern) });
      expect(all, 'problems that the browser told').toEqual([]);
    },
    { auto: true },
  ],

  bank: async ({ page, stack }, use) => use(new Bank(page, stack.addresses)),
  chat: async ({ page, stack }, use) => use(new Chat(page, stack.addresses.chat)),

  tab: async ({ context, stack }, use) =>
    use(async () => {
      const page = await context.newPage();
      return { page, bank: new Bank(page, stack.addresses), chat: new Chat(page, stack.addresses.chat) };
    }),

  look: async ({ page }, use) => {
    const folder = join(repository, 'test-results/looks');
    await mkdir(folder, { recursive: true });
    await use(async (name, of = page) => {
      if (!process.env.GUICHET_LOOKS) return;
      await of.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
    });
  },
});

/** The customer's conversation, as the business knows it. */
export async function conversationOf(chat: Chat, business: Business): Promise<string> {
  const { customer } = await chat.customer();
  const [conversation] = await business.conversationsOf(customer);
  if (!conversation) throw new Error(`customer ${customer} has no conversation`);
  return conversation.id;
}
