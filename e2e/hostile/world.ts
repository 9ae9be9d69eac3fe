/**
 * What the hostile specs play in: the built server alone, a web of the test's own around it, a site on `host.localhost`
 * that may show pages of `page.localhost` and `other.localhost`, and everything that the bot was told by webhook.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Frame, type FrameLocator, type Page } from '@playwright/test';
import { SignJWT } from 'jose';
import type { SitePatch } from '../../src/protocol/rest/sites';
import { defaultActions } from '../../src/protocol/webhook';
import { test as base } from '../support/browser';
import { type BuiltServer, botScopes, startServer } from '../support/server';
import { puppetPage } from './puppet';
import { startWeb, type Web } from './web';

export { expect } from '@playwright/test';

/** A webhook's body, as far as these tests look at it. */
export interface Told {
  action: string;
  conversation_id?: string;
  data: {
    web_view?: { id: string; url: string };
    reason?: string;
    source?: string;
    summary?: string;
    submitted?: boolean;
    message?: { id: string; actor_type: string; message_parts: unknown[] };
  };
}

export type Part = Record<string, unknown>;

/** A conversation that was there before the customer came. */
export interface Talk {
  readonly conversationId: string;
  readonly userId: string;
  /** The JWT by which the host page vouches for the customer. */
  readonly identity: string;
  post(parts: Part[], replies?: Part[]): Promise<{ id: string }>;
  /** What the bot was told of this conversation so far. */
  told(action?: string): Told[];
}

export interface World {
  readonly server: BuiltServer;
  readonly web: Web;
  readonly site: string;
  /** `GET`, `POST` … to `/v2`, with the bot's token. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** A new customer with a conversation in which the bot has said `parts`. */
  talk(parts?: Part[], customer?: { firstName?: string }): Promise<Talk>;
  /** A host page with the script tag; `head` stands before it. Gives its address. */
  hostPage(
    talk: Talk | undefined,
    options?: { head?: string; body?: string; name?: string; headers?: Record<string, string>; nonce?: string },
  ): string;
  /** A page for web views; gives its address. `chat` is the origin that it takes for the chat's: who frames it. */
  puppet(path?: string, options?: Parameters<typeof puppetPage>[1] & { name?: string; chat?: string }): string;
  /** Sets the site anew, as the command line does. */
  configure(settings?: {
    name?: string;
    hosts?: string[];
    webViewOrigins?: string[];
    config?: unknown;
    /** What else a site can have, as `PATCH /v2/sites/{id}` takes it. */
    more?: SitePatch;
  }): Promise<void>;
}

const site = 'hostile';

export async function startWorld(settings: Record<string, string> = {}): Promise<World & { stop(): Promise<void> }> {
  const [server, web] = await Promise.all([
    startServer({
      GUICHET_LIMIT_SESSIONS: '100000',
      GUICHET_LIMIT_CUSTOMER: '100000',
      GUICHET_LIMIT_TOKEN: '100000',
      GUICHET_LOG_LEVEL: 'debug',
      ...settings,
    }),
    startWeb(),
  ]);
  let identityKey: { kid: string; secret: string } | undefined;
  let channel: unknown;
  const configure: World['configure'] = async ({
    name = 'Hostile Host',
    hosts = [web.origin('host')],
    webViewOrigins = [web.origin('page'), web.origin('other')],
    config = {},
    more,
  } = {}) => {
    const file = join(server.data, '..', 'site.json');
    await writeFile(file, JSON.stringify(config));
    const made = await server.command<{
      site: { channel_id: unknown };
      identity_key: { kid: string; secret?: string };
    }>(
      ...['site', 'add', site, '--name', name, '--replace', '--config', file],
      ...hosts.flatMap((host) => ['--host', host]),
      ...webViewOrigins.flatMap((origin) => ['--web-view-origin', origin]),
    );
    channel = made.site.channel_id;
    const { kid, secret } = made.identity_key;
    if (secret) identityKey = { kid, secret };
    if (more) {
      const { status, body } = await api('PATCH', `/v2/sites/${site}`, more);
      expect(status, JSON.stringify(body)).toBe(200);
    }
  };
  await configure();

  const told: Told[] = [];
  const hook = web.put('bot', '/hook', ({ body }) => {
    told.push(JSON.parse(body) as Told);
    return { status: 200 };
  });
  await server.addWebhook(hook, [...defaultActions, 'message_read']);
  const { token } = await server.createToken({
    name: 'Hal',
    bot: true,
    scopes: [...botScopes, 'users:write', 'messages:write_as_user', 'sites:write'],
  });

  const api: World['api'] = async (method, path, body) => {
    const answer = await server.fetch(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
  };
  const made = async (path: string, body: unknown) => {
    const answer = await api('POST', path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body as Record<string, string>;
  };

  let count = 0;
  const talk: World['talk'] = async (parts = [{ text: { content: 'Good day.' } }], { firstName = 'Ana' } = {}) => {
    const reference = `customer-${++count}`;
    const user = await made('/v2/users', { reference_id: reference, first_name: firstName });
    const userId = user.id ?? '';
    const conversation = await made('/v2/conversations', { users: [{ id: userId }], channel_id: channel });
    const conversationId = conversation.conversation_id ?? '';
    const post: Talk['post'] = async (message_parts, reply_parts = []) =>
      (await made(`/v2/conversations/${conversationId}/messages`, {
        message_parts,
        reply_parts,
        actor_type: 'bot',
      })) as { id: string };
    if (parts.length > 0) await post(parts);
    const identity = await new SignJWT({ first_name: firstName })
      .setProtectedHeader({ alg: 'HS256', kid: identityKey?.kid ?? '' })
      .setSubject(reference)
      .setAudience(site)
      .setExpirationTime('50m')
      .sign(new TextEncoder().encode(identityKey?.secret));
    return {
      conversationId,
      userId,
      identity,
      post,
      told: (action) =>
        told.filter((one) => one.conversation_id === conversationId && (!action || one.action === action)),
    };
  };

  let pages = 0;
  return {
    server,
    web,
    site,
    api,
    talk,
    configure,
    hostPage(who, { head = '', body = '', name = 'host', headers = {}, nonce = '' } = {}) {
      const identity = who ? ` data-identity="${who.identity}"` : '';
      return web.put(name, `/${++pages}`, {
        headers,
        body: `<!doctype html><meta charset="utf-8"><title>Host</title>${head}<h1>Host</h1>${body}
        <script async src="${server.origin}/guichet.js" data-site="${site}"${identity} nonce="${nonce}"></script>`,
      });
    },
    puppet(path = `/view/${++pages}`, { name = 'page', chat = server.origin, ...options } = {}) {
      return web.put(name, path, puppetPage(chat, options));
    },
    async stop() {
      // Not in peace: that would wait for the connections that the browser keeps open.
      await server.kill();
      await server.stop();
      await web.close();
    },
  };
}

export const test = base.extend<object, { world: World }>({
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const { stop, ...world } = await startWorld();
      await use(world);
      await stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

export const webViewButton = (url: string, options: object = {}, label = 'Open the page'): Part => ({
  url_button: { label, url, target: '_self', web_view: { title: 'The page', ...options } },
});

export interface Chat {
  /** The widget's document. */
  readonly widget: Frame;
  readonly at: FrameLocator;
}

/** Opens the panel on a host page, by a click as a customer does; where it was open on the page before, it opens by itself. */
export async function openChat(page: Page, address: string): Promise<Chat> {
  await page.goto(address);
  const opens = await page.evaluate(() =>
    Object.values(localStorage).some((value) => String(value).includes('"open":true')),
  );
  if (!opens) await page.locator('guichet-chat button[aria-haspopup="dialog"]').click();
  return chatOn(page);
}

/** The open panel's document, once it is drawn. */
export async function chatOn(page: Page): Promise<Chat> {
  const at = page.frameLocator('guichet-chat > iframe');
  await expect(at.getByRole('textbox', { name: 'Write a message' })).toBeVisible();
  const handle = await page.locator('guichet-chat > iframe').elementHandle();
  const widget = await handle?.contentFrame();
  if (!widget) throw new Error('the chat has no frame');
  // Hears what the widget's own listener hears, right after it; see `settled`.
  await widget.evaluate(() =>
    addEventListener('message', ({ data }) => {
      if (data === 'barrier') (window as unknown as { barrierSeen: boolean }).barrierSeen = true;
    }),
  );
  return { widget, at };
}

/** Taps the button and gives the page's frame, once it has its port; `silent` pages are given at once. */
export async function openView(chat: Chat, { label = 'Open the page', silent = false } = {}): Promise<Frame> {
  await chat.at.getByRole('button', { name: label }).last().click();
  const frame = await pageFrame(chat);
  if (!silent) await welcomed(frame);
  return frame;
}

/** Resolves once the page has been welcomed, for the `times`-th time. */
export const welcomed = (frame: Frame, times = 1) =>
  frame.waitForFunction(
    `typeof heard === 'object' && heard.inbox.filter(({ t }) => t === 'welcome').length >= ${times}`,
  );

/**
 * Resolves once the widget has dealt with all that was posted to its window so far, and the page with all that the
 * widget has posted to the page's since: what has not come by then does not come.
 */
export async function settled(chat: Chat, view: Frame): Promise<void> {
  await view.evaluate("parent.postMessage('barrier', '*')");
  // Waiting inside the widget would evaluate a text there, which its policy forbids.
  await expect.poll(() => chat.widget.evaluate('window.barrierSeen === true')).toBe(true);
  await chat.widget.evaluate(
    "window.barrierSeen = false; document.querySelector('.sheet iframe').contentWindow.postMessage('barrier', '*')",
  );
  await view.waitForFunction('heard.barriers > 0');
  await view.evaluate('heard.barriers = 0');
}

/** The conversation is there to be used: what is written arrives. */
export async function expectUsable(chat: Chat, talk: Talk, words = 'Still here'): Promise<void> {
  await chat.at.getByRole('textbox', { name: 'Write a message' }).fill(words);
  await chat.at.getByRole('button', { name: 'Send' }).click();
  await expect
    .poll(() => talk.told('message_create').map(({ data }) => JSON.stringify(data.message?.message_parts)))
    .toContain(JSON.stringify([{ text: { content: words } }]));
}

/** The newest frame of a page in the chat. */
export async function pageFrame(chat: Chat): Promise<Frame> {
  const handle = await chat.at.locator('.sheet iframe').last().elementHandle();
  const frame = await handle?.contentFrame();
  if (!frame) throw new Error('the web view has no frame');
  return frame;
}

/** Why the view was closed, as the bot was told; waits for it. */
export async function closeReason(talk: Talk): Promise<string | undefined> {
  await expect.poll(() => talk.told('web_view_close').length).toBeGreaterThan(0);
  return talk.told('web_view_close').at(-1)?.data.reason;
}
