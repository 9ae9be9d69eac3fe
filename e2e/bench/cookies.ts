/**
 * What a web view's page has of its own in each mode: its cookies, storage, log-in and payment, measured in a real browser
 * with its own defaults, with third parties' cookies and without. The customer has been at the page in a tab of its own
 * before, where cookies of every kind were set, something was stored and a passkey was made; then the chat opens it.
 *
 * Prints a table in Markdown, which stands in docs/web-views.md. What fills in card numbers can't be measured so: a
 * browser without a screen offers no saved card. That it may fill such a field at all is asked for over the debugger.
 */
import { type BrowserContext, type CDPSession, expect, type Frame, type Page } from '@playwright/test';
import { openChat, startWorld, type World, webViewButton } from '../hostile/world';
import { cookieModes, launchBrowser, type ThirdPartyCookies } from '../support/browser';

interface Column {
  readonly title: string;
  readonly mount: 'widget' | 'host';
  readonly site: 'page' | 'page.host';
  readonly strict: boolean;
}
const columns: readonly Column[] = [
  { title: 'nested, another site', mount: 'widget', site: 'page', strict: false },
  { title: 'nested, another site, `strict`', mount: 'widget', site: 'page', strict: true },
  { title: 'nested, the host’s own site', mount: 'widget', site: 'page.host', strict: false },
  { title: 'nested, the host’s own site, `strict`', mount: 'widget', site: 'page.host', strict: true },
  { title: '`mount: "host"`', mount: 'host', site: 'page.host', strict: false },
  { title: '`mount: "host"`, `strict`', mount: 'host', site: 'page.host', strict: true },
];
const granted = ['storage-access', 'payment', 'publickey-credentials-get'] as const;

type Row = keyof typeof rows;
const rows = {
  lax: 'its `SameSite=Lax` cookie',
  strict: 'its `SameSite=Strict` cookie',
  none: 'its `SameSite=None` cookie',
  chips: 'its `None; Partitioned` cookie, set in a tab',
  setLax: '`SameSite=Lax`, set by the framed page',
  setNone: '`SameSite=None`, set by the framed page',
  setChips: '`None; Partitioned`, set by the framed page',
  script: '`document.cookie`',
  localStorage: 'localStorage, IndexedDB',
  sessionStorage: 'sessionStorage',
  worker: 'service worker',
  access: 'Storage Access API after a tap',
  accessGranted: '… with the permission `storage-access`',
  payment: 'Payment Request',
  paymentGranted: '… with `payment`, lent by the tag',
  passkey: 'WebAuthn `get`',
  passkeyGranted: '… with `publickey-credentials-get`, lent by the tag',
  autofill: 'a `cc-number` field can be filled by the browser',
} as const;
type Cells = Record<Row, string>;

const asked = ['none', 'lax', 'strict', 'chips'] as const;
const cookies = (prefix: string) => [
  `${prefix}lax=1; SameSite=Lax`,
  `${prefix}strict=1; SameSite=Strict`,
  `${prefix}none=1; SameSite=None; Secure`,
  `${prefix}chips=1; SameSite=None; Secure; Partitioned`,
];

export async function bench(): Promise<void> {
  const world = await startWorld({ GUICHET_LOG_LEVEL: 'warn' });
  const sites = ['page', 'page.host'] as const;
  await world.configure({
    webViewOrigins: sites.map((site) => world.web.origin(site)),
    more: { allow_host_mount: true, web_view_permissions: [...granted] },
  });
  for (const site of sites) putPages(world, site);
  let version = '';
  const table = new Map<ThirdPartyCookies, Cells[]>();
  try {
    for (const mode of cookieModes) {
      const { browser, close } = await launchBrowser([], mode);
      version = browser.version();
      try {
        const cells: Cells[] = [];
        for (const column of columns) {
          const context = await browser.newContext();
          cells.push(await measure(context, world, column));
          await context.close();
        }
        table.set(mode, cells);
      } finally {
        await close();
      }
    }
  } finally {
    await world.stop();
  }
  report(table, version);
}

function putPages(world: World, site: string): void {
  world.web.put(site, '/top', () => ({
    headers: { 'set-cookie': cookies('') },
    body: '<!doctype html><title>At the top</title><script>localStorage.setItem("own", "top")</script>',
  }));
  world.web.put(site, '/worker.js', {
    headers: { 'content-type': 'text/javascript' },
    body: 'addEventListener("fetch", () => {})',
  });
  world.web.put(site, '/cookies', ({ headers }) => ({
    headers: {
      'content-type': 'text/plain',
      'access-control-allow-origin': headers.origin ?? '*',
      'access-control-allow-credentials': 'true',
    },
    body: headers.cookie ?? '',
  }));
  world.web.put(site, '/view', () => ({ headers: { 'set-cookie': cookies('set-') }, body: viewPage }));
}

/** It does each thing on a real tap, and keeps what came of it. */
const viewPage = `<!doctype html><meta charset="utf-8"><title>View</title>
<form><input autocomplete="cc-number" name="cc" id="cc"><input autocomplete="cc-exp" name="exp"></form>
<button id="access">Access</button><button id="passkey">Passkey</button>
<script>
  const outcomes = {};
  const on = (button, act) => {
    button.onclick = async () => {
      outcomes[button.id] = '';
      outcomes[button.id] = await act().then((value) => value ?? 'yes', (error) => error.name);
    };
  };
  on(access, () => document.requestStorageAccess());
  on(passkey, () => navigator.credentials.get({ publicKey: {
    challenge: new Uint8Array(16), rpId: location.hostname, userVerification: 'discouraged', timeout: 3000,
  } }).then(() => 'yes'));
</script>`;

async function measure(context: BrowserContext, world: World, column: Column): Promise<Cells> {
  const authenticator = await visitAtTop(context, world, column);
  const plain = await openView(context, world, column, authenticator, []);
  const first = new Set(names(plain.navigation));
  const fetched = new Set(names(await cookiesOfFetch(plain.view)));
  const base = await plain.view.evaluate(probe);
  const had = (name: string) =>
    first.has(name) && fetched.has(name)
      ? 'yes'
      : first.has(name)
        ? 'first request only'
        : fetched.has(name)
          ? 'fetches only'
          : 'no';
  const access = await tap(plain.view, 'access');
  const afterAccess = names(await cookiesOfFetch(plain.view));
  const payment = await plain.view.evaluate(paymentOutcome);
  const passkey = await tap(plain.view, 'passkey');
  const autofill = await fills(context, plain.page, plain.view);
  await plain.page.close();
  const gives = (outcome: string, now: string[]) => {
    const more = asked.filter((name) => now.includes(name) && !fetched.has(name));
    return outcome === 'yes' ? (more.length > 0 ? `gives \`${more.join(', ')}\`` : 'gives nothing new') : outcome;
  };
  const cells = (granted: Pick<Cells, 'accessGranted' | 'paymentGranted' | 'passkeyGranted'>): Cells => ({
    lax: had('lax'),
    strict: had('strict'),
    none: had('none'),
    chips: had('chips'),
    setLax: fetched.has('set-lax') ? 'yes' : 'no',
    setNone: fetched.has('set-none') ? 'yes' : 'no',
    setChips: fetched.has('set-chips') ? 'yes' : 'no',
    ...base,
    access: gives(access, afterAccess),
    payment,
    passkey,
    autofill,
    ...granted,
  });
  if (column.strict) {
    const refused = 'can’t be granted';
    return cells({ accessGranted: refused, paymentGranted: refused, passkeyGranted: refused });
  }
  const free = await openView(context, world, column, authenticator, granted);
  let accessGranted = await tap(free.view, 'access');
  const isAsked = accessGranted === 'NotAllowedError';
  if (isAsked) {
    await sayYes(context, free.page, world, column);
    accessGranted = await tap(free.view, 'access');
  }
  const afterGranted = names(await cookiesOfFetch(free.view));
  const paymentGranted = await free.view.evaluate(paymentOutcome);
  const passkeyGranted = await tap(free.view, 'passkey');
  await free.page.close();

  return cells({
    accessGranted: `${isAsked ? 'asks; then ' : ''}${gives(accessGranted, afterGranted)}`,
    paymentGranted,
    passkeyGranted,
  });
}

const names = (header: string): string[] => header.split('; ').map((pair) => pair.split('=')[0] ?? '');
const cookiesOfFetch = (view: Frame): Promise<string> =>
  view.evaluate(async () => (await fetch('/cookies', { credentials: 'include' })).text());

/** As a customer of the page, before there was a chat: cookies, storage, a passkey. */
async function visitAtTop(context: BrowserContext, world: World, { site }: Column): Promise<object[]> {
  const page = await context.newPage();
  await page.goto(`${world.web.origin(site)}/top`);
  const session = await withAuthenticator(context, page, []);
  await page.locator('html').click();
  await page.evaluate(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: new Uint8Array(16),
        rp: { id: location.hostname, name: 'Page' },
        user: { id: new Uint8Array(8), name: 'ana', displayName: 'Ana' },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        authenticatorSelection: { residentKey: 'required', userVerification: 'discouraged' },
      },
    }),
  );
  const { credentials } = await session.cdp.send('WebAuthn.getCredentials', { authenticatorId: session.id });
  await page.close();
  return credentials;
}

/** What the customer answers when the browser asks whether this page may have its cookies here; nobody sees it ask. */
async function sayYes(context: BrowserContext, page: Page, world: World, { site }: Column): Promise<void> {
  const cdp = await context.newCDPSession(page);
  const { targetInfo } = await cdp.send('Target.getTargetInfo');
  await cdp.send('Browser.setPermission', {
    permission: { name: 'storage-access' },
    setting: 'granted',
    origin: world.web.origin('host'),
    embeddedOrigin: world.web.origin(site),
    ...(targetInfo.browserContextId ? { browserContextId: targetInfo.browserContextId } : {}),
  });
}

async function withAuthenticator(context: BrowserContext, page: Page, credentials: readonly object[]) {
  const cdp: CDPSession = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of credentials)
    await cdp.send('WebAuthn.addCredential', { authenticatorId: id, credential: credential as never });
  return { cdp, id };
}

async function openView(
  context: BrowserContext,
  world: World,
  { mount, site, strict }: Column,
  credentials: readonly object[],
  permissions: readonly string[],
) {
  const url = `${world.web.origin(site)}/view`;
  const button = webViewButton(url, {
    ...(mount === 'host' ? { mount } : {}),
    ...(strict ? { strict } : {}),
    ...(permissions.length > 0 ? { permissions } : {}),
  });
  const talk = await world.talk([{ text: { content: 'Please.' } }, button]);
  const page = await context.newPage();
  await withAuthenticator(context, page, credentials);
  const chat = await openChat(page, hostPage(world, talk.identity));
  const before = world.web.asked.length;
  await chat.at.getByRole('button', { name: 'Open the page' }).click();
  for (;;) {
    const view = page.frames().find((frame) => frame.url() === url);
    const navigation = world.web.asked
      .slice(before)
      .find((one) => one.url === url && one.headers['sec-fetch-dest'] === 'iframe');
    if (!view || !navigation) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    if ((view.parentFrame() === page.mainFrame()) !== (mount === 'host'))
      throw new Error(`the page does not stand in the ${mount}: this would measure another mode`);
    if ((await view.evaluate('self.origin')) !== (strict ? 'null' : new URL(url).origin))
      throw new Error(`the page is ${strict ? 'not ' : ''}strict: this would measure another mode`);
    return { page, view, navigation: navigation.headers.cookie ?? '' };
  }
}

/** Lends the chat's frame what the chat lends the page; what stands in the host page itself needs no loan. */
const hostPage = (world: World, identity: string): string =>
  world.web.put(
    'host',
    '/bench',
    `<!doctype html><title>Host</title><script async src="${world.server.origin}/guichet.js" data-site="${world.site}"
    data-identity="${identity}" data-allow="payment; publickey-credentials-get"></script>`,
  );

async function tap(view: Frame, id: string): Promise<string> {
  // The sheet may still slide, and a tap miss.
  await view.evaluate(`delete outcomes.${id}`);
  await expect(async () => {
    await view.locator(`#${id}`).click();
    await view.waitForFunction(`'${id}' in outcomes`, undefined, { timeout: 300 });
  }).toPass();
  return (await view.waitForFunction(`outcomes.${id}`)).jsonValue() as Promise<string>;
}

async function probe() {
  const outcome = async (act: () => unknown): Promise<string> => {
    try {
      return `${await act()}`;
    } catch (error) {
      return (error as Error).name;
    }
  };
  return {
    script: await outcome(() => {
      void document.cookie;
      return 'yes';
    }),
    localStorage: await outcome(async () => {
      const own = localStorage.getItem('own');
      localStorage.setItem('mine', '1');
      await new Promise((resolve, reject) => {
        const opening = indexedDB.open('mine');
        opening.onsuccess = resolve;
        opening.onerror = () => reject(opening.error);
      });
      return own === 'top' ? 'shared with its tabs' : 'yes, apart';
    }),
    sessionStorage: await outcome(() => {
      sessionStorage.setItem('mine', '1');
      return 'yes';
    }),
    worker: await outcome(async () => {
      await navigator.serviceWorker.register('/worker.js');
      return 'yes';
    }),
  };
}

function paymentOutcome(): string {
  try {
    new PaymentRequest([{ supportedMethods: `${location.protocol}//${location.host}/pay` }], {
      total: { label: 'Sum', amount: { currency: 'EUR', value: '1.00' } },
    });
    return 'yes';
  } catch (error) {
    return (error as Error).name;
  }
}

/** Whether the browser's own autofill fills in a card, which the debugger hands it. */
async function fills(context: BrowserContext, page: Page, view: Frame): Promise<string> {
  // A frame that shares its process with the page has no session of its own.
  const own = await context.newCDPSession(view).catch(() => undefined);
  const cdp = own ?? (await context.newCDPSession(page));
  await cdp.send('DOM.enable');
  await view.locator('#cc').click();
  const { nodes } = await cdp.send('DOM.getFlattenedDocument', { depth: -1, pierce: true });
  const { frameTree } = await cdp.send('Page.getFrameTree');
  const field = nodes.find(({ attributes = [] }) => attributes.includes('cc-number'));
  const frameId = own
    ? frameTree.frame.id
    : frameTree.childFrames?.find(({ frame }) => frame.url === view.url())?.frame.id;
  if (!field || !frameId) throw new Error('no field for a card number');
  const card = { number: '4929123456781239', name: 'Ana', expiryMonth: '12', expiryYear: '2031', cvc: '123' };
  // It takes the browser a moment to find the form.
  for (let tries = 0; ; tries += 1) {
    const fault = await cdp.send('Autofill.trigger', { fieldId: field.backendNodeId, frameId, card }).then(
      () => '',
      (error: Error) => error.message,
    );
    if ((await view.locator('#cc').inputValue()) === card.number) return 'yes';
    if (tries === 30) return fault || 'no';
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const said = (outcome: string) => (outcome.endsWith('Error') ? `no, \`${outcome}\`` : outcome);

function report(table: Map<ThirdPartyCookies, Cells[]>, version: string): void {
  const cell = (row: Row, at: number) => {
    const [allowed, blocked] = cookieModes.map((mode) => said(table.get(mode)?.[at]?.[row] ?? ''));
    return allowed === blocked ? allowed : `${allowed} / ${blocked}`;
  };
  console.log(`\nChromium ${version}, ${new Date().toISOString().slice(0, 10)}, npm run bench cookies`);
  console.log('third parties’ cookies: the same allowed and blocked, or allowed / blocked\n');
  console.log(`| | ${columns.map(({ title }) => title).join(' | ')} |`);
  console.log(`|---|${columns.map(() => '---|').join('')}`);
  for (const [row, title] of Object.entries(rows) as [Row, string][])
    console.log(`| ${title} | ${columns.map((_, at) => cell(row, at)).join(' | ')} |`);
}
