/** What a page learns of the customer: one code, good once, for its own backend. Nothing else, by no way. */
import { findCanaryInFolder } from '../support/canary';
import { record, search } from './evidence';
import { inPage } from './puppet';
import { closeReason, expect, openChat, openView, test, webViewButton } from './world';

const codeOf = "heard.inbox.find(({ t }) => t === 'welcome').d.code";

test('no token and nothing about the customer is in an address, in a Referer or in reach of the page', {
  tag: '@cookies',
}, async ({ page, context, world }) => {
  const recorder = record(context, () => false);
  const talk = await world.talk([webViewButton(world.puppet(), { data: { flow: 'statement' } })], {
    firstName: 'Zenobia',
  });
  const chat = await openChat(page, world.hostPage(talk));
  const view = await openView(chat);
  const code = await inPage<string>(view, codeOf);
  const session = JSON.parse(
    (await chat.widget.evaluate<string>(`Object.entries(localStorage).find(([key]) => key.endsWith(':session'))[1]`)) ??
      '{}',
  ).token as string;
  expect(session.length).toBeGreaterThan(20);
  await inPage(view, 'ask("save_state", { state: { step: 1 } })');
  await chat.at.getByRole('button', { name: /^Close / }).click();
  expect(await closeReason(talk)).toBe('customer');
  const again = await openView(chat);

  // Our own addresses may name a conversation, which opens nothing without the token; those of others nothing at all.
  const secrets = { session, identity: talk.identity, code };
  const customer = { user: talk.userId, conversation: talk.conversationId, name: 'Zenobia' };
  const addresses = (await recorder.evidence()).ours.filter(
    ({ place }) => place === 'request URL' || place === 'socket URL',
  );
  expect(addresses.length).toBeGreaterThan(5);
  for (const [what, secret] of Object.entries(secrets)) expect(search(addresses, secret), what).toEqual([]);
  const outside = world.web.asked.filter(({ url }) => !url.endsWith('/hook'));
  expect(outside.length).toBeGreaterThan(1);
  for (const { url, headers } of outside) {
    for (const [what, value] of Object.entries({ ...secrets, ...customer }))
      expect(JSON.stringify([url, headers]), `${what} at ${url}`).not.toContain(value);
  }
  const toPage = outside.filter(({ url }) => url === view.url() || url === again.url());
  expect(toPage.map(({ headers }) => [headers.referer, headers.cookie, headers.authorization])).toEqual(
    toPage.map(() => [undefined, undefined, undefined]),
  );

  // Everything that the page's script can get at.
  const known = await again.evaluate<string>(
    `JSON.stringify([heard, location.href, document.referrer, document.cookie, name, { ...localStorage }, { ...sessionStorage },
      history.state, performance.getEntriesByType('resource').map(({ name }) => name), [...location.ancestorOrigins]])`,
  );
  for (const [what, value] of Object.entries({ session, identity: talk.identity, ...customer }))
    expect(known, what).not.toContain(value);
  expect(known).toContain('"flow":"statement"');
  const welcome = await again.evaluate<Record<string, unknown>>("heard.inbox.find(({ t }) => t === 'welcome').d");
  // What it saved itself before is the only thing that it gets back.
  expect(Object.keys(welcome).sort()).toEqual(['capabilities', 'code', 'context', 'data', 'state', 'web_view_id']);
  expect(welcome.state).toEqual({ step: 1 });
});

test('the code works once, in its own view’s time, for a token that may', async ({ page, world }) => {
  const talk = await world.talk([webViewButton(world.puppet())]);
  const chat = await openChat(page, world.hostPage(talk));
  const view = await openView(chat);
  const code = await inPage<string>(view, codeOf);
  const exchange = (body: unknown) => world.api('POST', '/v2/web-views/exchange', body);
  const { token } = await world.server.createToken({ name: 'Reader', scopes: ['messages:read'] });
  const asReader = await world.server.fetch('/v2/web-views/exchange', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  expect(asReader.status, 'a token without the scope').toBe(403);

  // Nobody without a good token: not the customer by theirs, which the page can't have anyway. The code isn't spent by them.
  const customers = JSON.parse(
    await chat.widget.evaluate<string>(`Object.entries(localStorage).find(([key]) => key.endsWith(':session'))[1]`),
  ).token as string;
  for (const authorization of [
    '',
    'Bearer',
    'Bearer gct_unknown',
    `Bearer ${customers}`,
    `Bearer ${code}`,
    `Basic ${token}`,
  ]) {
    const refused = await world.server.fetch('/v2/web-views/exchange', {
      method: 'POST',
      headers: { ...(authorization ? { authorization } : {}), 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    expect(refused.status, authorization).toBe(401);
  }
  for (const wrong of [code.slice(0, -1), `${code}x`, code.toUpperCase(), '', 'gcc_', null, [code], { $ne: '' }])
    expect((await exchange({ code: wrong })).status, JSON.stringify(wrong)).toBe(400);
  const answers = await Promise.all(Array.from({ length: 10 }, () => exchange({ code })));

  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
  expect(answers.find(({ status }) => status === 200)?.body).toMatchObject({
    web_view_id: talk.told('web_view_open')[0]?.data.web_view?.id,
    conversation_id: talk.conversationId,
    user_id: talk.userId,
    reference_id: expect.any(String),
    origin: world.web.origin('page'),
  });

  // One that was not used dies with its view.
  await inPage(view, 'hello()');
  await view.waitForFunction("heard.inbox.filter(({ t }) => t === 'welcome').length === 2");
  const unused = await inPage<string>(view, "heard.inbox.filter(({ t }) => t === 'welcome')[1].d.code");
  expect(unused).not.toBe(code);
  await chat.at.getByRole('button', { name: /^Close / }).click();
  await closeReason(talk);
  expect(await exchange({ code: unused })).toMatchObject({ status: 400, body: { status: 'CODE_INVALID' } });

  // What opens doors is nowhere in the server's log or database.
  const sessionToken = JSON.parse(
    await chat.widget.evaluate<string>(`Object.entries(localStorage).find(([key]) => key.endsWith(':session'))[1]`),
  ).token as string;
  for (const [what, secret] of Object.entries({ code, unused, token, sessionToken, identity: talk.identity })) {
    expect(await findCanaryInFolder(world.server.data, secret), `${what} on disk`).toEqual([]);
    expect(await world.server.log(), `${what} in the log`).not.toContain(secret);
  }
});

test('a page in somebody else’s frame gets no code and gives none, though it has no policy of its own', async ({
  page,
  world,
}) => {
  const sdk = world.web.put(
    'page',
    '/sdk-alone',
    `<script src="${world.server.origin}/webview.js" data-chat-origin="${world.server.origin}"></script>
     <script>GuichetWebView.view.then(() => 'connected', ({ code }) => code).then((outcome) => { window.outcome = outcome; })</script>`,
  );
  await page.goto(
    world.web.put(
      'evil',
      '/widget-of-a-thief',
      `<script>
        window.heard = [];
        addEventListener('message', ({ data }) => heard.push(data));
        function play() {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => heard.push(data);
          frames[0]?.postMessage({ guichet: 1, welcome: 'widget' }, '*', [port2]);
          port1.postMessage({ v: 1, t: 'welcome', d: { web_view_id: 'w', code: 'gcc_of_the_thief', context: { theme: {} }, capabilities: [] } });
        }
        setInterval(play, 2);
      </script>
      <iframe src="${sdk}"></iframe>`,
    ),
  );
  const framed = page.frames()[1];

  await framed?.waitForFunction('window.outcome');

  expect(await framed?.evaluate('outcome')).toBe('foreign_frame');
  expect(await page.evaluate('heard')).toEqual([]);
});

test('another site on the same chat can’t show a page that names its own host', async ({ page, world }) => {
  const { server, web } = world;
  const policy = `frame-ancestors ${server.origin} ${web.origin('host')}`;
  const guarded = web.put('page', '/guarded', {
    headers: { 'content-security-policy': policy },
    body: '<h1>Guarded</h1>',
  });
  const showsIn = async (host: string) => {
    // The widget of either site is on the same origin; the page is framed as it would be.
    const talk = await world.talk([webViewButton(guarded)]);
    const chat = await openChat(page, world.hostPage(talk, { name: host }));
    const frame = await openView(chat, { silent: true });
    await expect.poll(() => frame.url()).not.toBe('about:blank');
    return frame.url().startsWith('chrome-error:') ? 'refused' : ((await frame.locator('h1').textContent()) ?? '');
  };
  try {
    expect(await showsIn('host')).toBe('Guarded');
    await world.configure({ hosts: [web.origin('host'), web.origin('evil')] });
    expect(await showsIn('evil')).toBe('refused');
  } finally {
    await world.configure();
  }
});
