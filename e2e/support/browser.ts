/**
 * `test` for browser specs: Playwright's, in a Chromium that behaves as it does for people.
 *
 * Playwright's own list of flags switches off what this product has to live with: storage partitioned by top-level
 * site, the back/forward cache, the throttling of timers in the background. So none of its defaults are used, only the
 * flags below, which keep Chromium quiet and give Playwright its pipe. `e2e/build/browser-defaults.spec.ts` asserts
 * that the rest is as in the world.
 *
 * Two things to know in specs: `page.goBack()` to a page out of the back/forward cache fires no load event, so wait for
 * `{ waitUntil: 'commit' }`; and Playwright makes every page of its own contexts believe that it has focus and is
 * visible. The fixture `person` is a context without even that: a profile on disk, where `otherPage.bringToFront()`
 * hides a page and slows its timers.
 *
 * Cookies of third parties are a choice of people and of whoever builds the browser: Chrome lets them through, Debian's
 * Chromium, Firefox and Safari don't. So it is said, not left to the machine: `playwright.config.ts` sets it for each
 * folder of specs, `test.use({ thirdPartyCookies })` for a file, GUICHET_THIRD_PARTY_COOKIES for all of them.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, test as base, chromium } from '@playwright/test';
import { provideBrowser } from '../../scripts/browser.mjs';
import { type Stack, startStack } from './stack';

export { expect } from '@playwright/test';

export const cookieModes = ['allowed', 'blocked'] as const;
/** Whether a frame of another site than the tab's has its unpartitioned cookies. */
export type ThirdPartyCookies = (typeof cookieModes)[number];

/** A running Chromium with its own defaults, and how to end it. Without `thirdPartyCookies` it does as it was built to. */
export async function launchBrowser(extraFlags: readonly string[] = [], thirdPartyCookies?: ThirdPartyCookies) {
  const profile = await newProfile(thirdPartyCookies);
  const browser = await chromium.launch({
    executablePath: await provideBrowser(),
    ignoreDefaultArgs: true,
    args: [...flags(profile), ...extraFlags],
  });
  return {
    browser,
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A Chromium with one window and a profile, in which Playwright changes nothing; slower to start than a context. */
export async function launchPerson(thirdPartyCookies?: ThirdPartyCookies) {
  const profile = await newProfile(thirdPartyCookies);
  const args = flags(profile).filter((flag) => flag !== '--remote-debugging-pipe' && flag !== '--no-startup-window');
  const start = async () => {
    const child = spawn(await provideBrowser(), [...args, '--remote-debugging-port=0', 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const browser = await chromium.connectOverCDP(await debuggerAddress(child), { noDefaults: true });
    const context = browser.contexts()[0];
    if (!context) throw new Error('the browser has no default context');
    return { child, browser, context };
  };
  let running = await start();
  return {
    get context() {
      return running.context;
    },
    /** SIGKILL to all of its processes at once, with no chance to write anything; then starts it again on the same profile. */
    async crash() {
      const { child, browser } = running;
      const ended = once(child, 'exit');
      for (const pid of await familyOf(Number(child.pid))) process.kill(pid, 'SIGKILL');
      await ended;
      await browser.close();
      running = await start();
    },
    async close() {
      const { child, browser } = running;
      const ended = once(child, 'exit');
      const session = await browser.newBrowserCDPSession();
      // The answer may not come back: it is closing.
      await Promise.race([session.send('Browser.close').catch(() => undefined), ended]);
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A process and all that it started, itself first. */
async function familyOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = [pid];
  for (const parent of family) for (const [child, of] of all) if (child && of === parent) family.push(child);
  return family;
}

/**
 * Of all ways to choose about third parties' cookies only this preference works both ways in Chromium 156, in contexts
 * off the record too. `--test-third-party-cookie-phaseout` and the features `TrackingProtection3pcd` and
 * `ForceThirdPartyCookieBlocking` change nothing any more.
 */
async function newProfile(thirdPartyCookies?: ThirdPartyCookies): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'guichet-browser-'));
  if (thirdPartyCookies) {
    const preferences = { profile: { cookie_controls_mode: thirdPartyCookies === 'blocked' ? 1 : 0 } };
    await mkdir(join(profile, 'Default'));
    await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  }
  return profile;
}

/** Chromium says on stderr where it listens; what it says later is read too, and dropped. */
const debuggerAddress = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, address] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`Chromium ended before it listened; it said:\n${said}`)));
  });

/** Nothing here may change how a page behaves. */
const flags = (profile: string): string[] => [
  '--headless=new',
  '--remote-debugging-pipe',
  `--user-data-dir=${profile}`,
  '--no-startup-window',
  // Chromium refuses to run as root with its own sandbox, and containers seldom allow it.
  ...(process.getuid?.() === 0 || process.env.CI ? ['--no-sandbox'] : []),
  '--disable-gpu',
  // Two pages of the browser's own behind the address bar of each window, which nobody types into here: a second of a core each time.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-quic',
  '--disable-sync',
  // In heap snapshots alone, which else cut every string off after 1,024 characters.
  '--js-flags=--heap-snapshot-string-limit=300000',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-service-autorun',
  '--password-store=basic',
  '--use-mock-keychain',
];

export interface BrowserOptions {
  thirdPartyCookies: ThirdPartyCookies | undefined;
}

export const test = base.extend<{ person: BrowserContext }, { browser: Browser; stack: Stack } & BrowserOptions>({
  thirdPartyCookies: [undefined, { option: true, scope: 'worker' }],

  browser: [
    async ({ thirdPartyCookies }, use) => {
      const { browser, close } = await launchBrowser([], thirdPartyCookies);
      await use(browser);
      await close();
    },
    { scope: 'worker' },
  ],

  person: async ({ thirdPartyCookies }, use) => {
    const { context, close } = await launchPerson(thirdPartyCookies);
    await use(context);
    await close();
  },

  /** The built demo with its server, on free ports and a data folder of its own; one for each worker. */
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});
