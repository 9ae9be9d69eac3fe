import { describe, expect, it } from 'vitest';
import { ApiError, type Call, type GuichetApi } from '../guichetApi';
import { cardsApp } from './app';

const origin = 'http://cards.bank.localhost:4182';
const ref = `st_${'c'.repeat(32)}`;
const card = { number: '4000 0025 0000 3155', expiry: '08 / 29', cvc: '123' };

/** A small `/v2` for web views: one view, one good code. */
function fakeGuichet() {
  const submits: Call[] = [];
  const state = { closed: false, used: false, down: false, busyBank: false };
  const api: GuichetApi = async (path, call = {}) => {
    if (state.down) throw new ApiError(0, 'UNREACHABLE', 'nobody there');
    if (path === '/v2/web-views/exchange') {
      const { code } = call.body as { code: string };
      if (code !== 'good' || state.used) throw new ApiError(400, 'CODE_INVALID', 'used');
      state.used = true;
      return { web_view_id: 'w1', conversation_id: 'c1', user_id: 'u1', reference_id: 'ag-10017', origin };
    }
    if (path.endsWith('/submit')) {
      if (state.closed) throw new ApiError(409, 'WEB_VIEW_CLOSED', 'closed');
      submits.push(call);
      state.closed = true;
      return {};
    }
    if (path.endsWith('/close')) state.closed = true;
    return { state: state.closed ? 'closed' : 'open' };
  };
  const app = cardsApp({
    origin,
    chat: 'http://chat.localhost:4180',
    bank: 'http://bank.localhost:4181',
    token: 't',
    internalSecret: 'internal',
    sdk: '/* the SDK */',
    keepNumbers: true,
    api,
    bankDoor: {
      statementRef: async () => (state.busyBank ? undefined : ref),
      signedIn: async (session) => {
        if (state.busyBank) throw new Error('the bank does not answer');
        const customerId = { ana: 'ag-10017', karim: 'ag-10023' }[session];
        return customerId === undefined
          ? undefined
          : {
              customerId,
              cards: [
                { name: 'Debit card', last4: '3155' },
                { name: 'Credit card', last4: '0042' },
              ],
            };
      },
    },
  });
  const post = async (path: string, body: unknown, headers: Record<string, string> = { origin }) => {
    const answer = await app.request(`${origin}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { host: 'cards.bank.localhost:4182', 'content-type': 'application/json', ...headers },
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const get = (path: string, headers: Record<string, string> = {}) =>
    app.request(`${origin}${path}`, { headers: { host: 'cards.bank.localhost:4182', ...headers } });
  const session = async () => String((await post('/session', { code: 'good' })).body.session);
  return { app, post, get, session, submits, state };
}

describe('an offer’s page', () => {
  it('may be framed by the chat and the bank only, runs its own files, and takes pictures from the bank', async () => {
    const page = await fakeGuichet().get('/offers/first-home');
    const policy = page.headers.get('content-security-policy') ?? '';

    expect(policy).toContain('frame-ancestors http://chat.localhost:4180 http://bank.localhost:4181');
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("img-src 'self' http://bank.localhost:4181;");
    expect(await page.text()).not.toMatch(/\sstyle="|\son\w+="/);
  });
});

describe('the card page', () => {
  it('may be framed by the chat and the bank only, and leaves no trace', async () => {
    const page = await fakeGuichet().get('/confirm');

    expect(page.headers.get('content-security-policy')).toContain(
      'frame-ancestors http://chat.localhost:4180 http://bank.localhost:4181',
    );
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await page.text()).toContain(
      '<script src="/webview.js" data-chat-origin="http://chat.localhost:4180"></script>',
    );
  });

  it('runs no script but the bank’s own files, its copy of the SDK among them', async () => {
    const { get } = fakeGuichet();
    const page = await get('/confirm');
    const sdk = await get('/webview.js');

    expect(page.headers.get('content-security-policy')).toMatch(/(^|; )script-src 'self'(;|$)/);
    expect(await page.text()).not.toMatch(/<script[^>]+src="https?:/);
    expect(await sdk.text()).toBe('/* the SDK */');
  });
});

describe('confirming', () => {
  it('reports the last four digits and the bank’s reference to Guichet, and nothing else of the card', async () => {
    const { post, session, submits } = fakeGuichet();
    const answer = await post('/confirm', { session: await session(), ...card });

    expect(answer).toEqual({ status: 200, body: { outcome: 'confirmed', last4: '3155' } });
    expect(submits).toHaveLength(1);
    expect(submits[0]?.body).toEqual({
      result: { outcome: 'confirmed', last4: '3155', statement_ref: ref },
      summary: 'Card ending in 3155 confirmed',
    });
    expect(submits[0]?.idempotencyKey).toBeTruthy();
  });

  it('reports once when the button is pressed twice', async () => {
    const { post, session, submits } = fakeGuichet();
    const key = await session();
    const answers = await Promise.all([1, 2, 3].map(() => post('/confirm', { session: key, ...card })));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(submits).toHaveLength(1);
  });

  it('names the wrong fields and reports nothing', async () => {
    const { post, session, submits } = fakeGuichet();
    const answer = await post('/confirm', {
      session: await session(),
      number: '4000 0025 0000 3156',
      expiry: '01/20',
      cvc: '',
    });

    expect(answer.status).toBe(422);
    expect(Object.keys(answer.body.faults as object)).toEqual(['number', 'expiry', 'cvc']);
    expect(submits).toEqual([]);
  });

  it('says that the page was closed in the chat meanwhile', async () => {
    const { post, session, state } = fakeGuichet();
    const key = await session();
    state.closed = true;

    expect(await post('/confirm', { session: key, ...card })).toEqual({ status: 409, body: { error: 'closed' } });
  });

  it('lets the customer try again when the bank is busy', async () => {
    const { post, session, state } = fakeGuichet();
    const key = await session();
    state.busyBank = true;
    const busy = await post('/confirm', { session: key, ...card });
    state.busyBank = false;

    expect(busy.status).toBe(503);
    expect((await post('/confirm', { session: key, ...card })).status).toBe(200);
  });

  it('takes a code once, and none that it doesn’t know', async () => {
    const { post } = fakeGuichet();

    expect((await post('/session', { code: 'bad' })).status).toBe(400);
    expect((await post('/session', { code: 'good' })).status).toBe(201);
    expect((await post('/session', { code: 'good' })).status).toBe(400);
  });

  it('says that it’s busy when Guichet can’t be reached', async () => {
    const { post, state } = fakeGuichet();
    state.down = true;

    expect(await post('/session', { code: 'good' })).toEqual({ status: 503, body: { error: 'busy' } });
  });

  it.each([['/session'], ['/confirm']])('%s takes JSON from its own page only', async (path) => {
    const { post } = fakeGuichet();

    expect((await post(path, {}, { origin: 'http://bank.localhost:4181' })).status).toBe(403);
    expect((await post(path, {}, {})).status).toBe(403);
    expect((await post(path, {}, { origin: 'null' })).status).toBe(403);
    expect((await post(path, {}, { origin, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(path, [])).status).toBe(400);
    expect((await post(path, { number: 'x'.repeat(10_000) })).status).toBe(413);
  });

  it('knows no session that it didn’t give', async () => {
    expect((await fakeGuichet().post('/confirm', { session: 'made up', ...card })).status).toBe(410);
  });
});

describe('the bank’s side', () => {
  it('shows running pages to the staff and closes one', async () => {
    const { get, session, post, state } = fakeGuichet();
    await session();
    expect(await (await get('/staff')).text()).toContain('ag-10017');

    const answer = await post('/internal/web-views/close', { web_view_id: 'w1' }, { authorization: 'Bearer internal' });

    expect(answer).toEqual({ status: 200, body: { closed: 1 } });
    expect(state.closed).toBe(true);
    expect(await (await get('/staff')).text()).toContain('None at the moment');
  });

  it('closes one by the button on the staff’s page, and by no other site’s form', async () => {
    const { app, get, session, state } = fakeGuichet();
    await session();
    const press = (from: string) =>
      app.request(`${origin}/staff/close`, {
        method: 'POST',
        body: 'web_view_id=w1',
        headers: {
          host: 'cards.bank.localhost:4182',
          origin: from,
          'content-type': 'application/x-www-form-urlencoded',
        },
      });

    expect((await press('http://evil.example')).status).toBe(403);
    expect(state.closed).toBe(false);
    expect((await press(origin)).headers.get('location')).toBe('/staff');
    expect(state.closed).toBe(true);
    // Otherwise browsers send the form with `Origin: null`.
    expect((await get('/staff')).headers.get('referrer-policy')).toBe('same-origin');
  });

  it('drops a page from the list that was closed in the chat', async () => {
    const { get, session, state } = fakeGuichet();
    await session();
    state.closed = true;

    expect(await (await get('/staff')).text()).toContain('None at the moment');
  });

  it('tells nobody anything without the secret', async () => {
    const { get, post } = fakeGuichet();

    expect((await post('/internal/web-views/close', {})).status).toBe(401);
    expect((await get('/internal/seen')).status).toBe(401);
    expect((await get('/internal/seen', { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it('can show a test that the number arrived', async () => {
    const { get, post, session } = fakeGuichet();
    await post('/confirm', { session: await session(), ...card });

    const seen = await get('/internal/seen', { authorization: 'Bearer internal' });
    expect(await seen.json()).toEqual({ numbers: ['4000 0025 0000 3155'] });
  });
});

describe('limits', () => {
  const asAna = { origin, cookie: 'ag_session=ana' };
  const begin = async (bank: ReturnType<typeof fakeGuichet>, headers: Record<string, string> = asAna) =>
    bank.post('/limits/session', { code: 'good' }, headers);

  it('may be framed by chat and bank, and takes its welcome from either', async () => {
    const page = await fakeGuichet().get('/limits');

    expect(page.headers.get('content-security-policy')).toContain(
      'frame-ancestors http://chat.localhost:4180 http://bank.localhost:4181',
    );
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await page.text()).toContain('data-chat-origin="http://chat.localhost:4180 http://bank.localhost:4181"');
  });

  it('shows the cards of who is signed in at the bank, with what each pays', async () => {
    expect(await begin(fakeGuichet())).toEqual({
      status: 201,
      body: {
        session: expect.any(String),
        most: 5_000,
        step: 100,
        cards: [
          { name: 'Debit card', last4: '3155', weekly: 1_500 },
          { name: 'Credit card', last4: '0042', weekly: 1_500 },
        ],
      },
    });
  });

  it('needs the bank’s cookie, and keeps the code for when it is there', async () => {
    const bank = fakeGuichet();

    expect(await begin(bank, { origin })).toEqual({ status: 401, body: { error: 'not_signed_in' } });
    expect(await begin(bank, { origin, cookie: 'ag_session=forged' })).toEqual({
      status: 401,
      body: { error: 'not_signed_in' },
    });
    expect((await begin(bank)).status).toBe(201);
  });

  it('shows nothing when another customer is signed in than whose conversation it is', async () => {
    const bank = fakeGuichet();

    expect(await begin(bank, { origin, cookie: 'ag_session=karim' })).toEqual({
      status: 403,
      body: { error: 'somebody_else' },
    });
  });

  it('is begun by our own page with a good code alone, while the bank answers', async () => {
    const bank = fakeGuichet();
    bank.state.busyBank = true;
    expect((await begin(bank)).status).toBe(503);
    bank.state.busyBank = false;
    expect((await begin(bank, { ...asAna, origin: 'http://evil.example' })).status).toBe(403);
    expect((await bank.post('/limits/session', { code: 'bad' }, asAna)).body).toEqual({ error: 'code_invalid' });
  });

  it('tells Guichet of the new limit and shows it next time', async () => {
    const bank = fakeGuichet();
    const { session } = (await begin(bank)).body;
    const saved = await bank.post('/limits', { session, last4: '3155', weekly: 800 }, asAna);

    expect(saved).toEqual({ status: 200, body: { outcome: 'limit_changed', last4: '3155', weekly: 800 } });
    expect(bank.submits[0]?.body).toEqual({
      result: { outcome: 'limit_changed', card: 'Debit card', last4: '3155', weekly: 800 },
      summary: 'Debit card ending in 3155: 800 euros a week',
    });
    bank.state.used = false;
    expect((await begin(bank)).body.cards).toContainEqual({ name: 'Debit card', last4: '3155', weekly: 800 });
  });

  it.each([
    [{ last4: '9999', weekly: 800 }, 404],
    [{ last4: '3155', weekly: 850 }, 422],
    [{ last4: '3155', weekly: -100 }, 422],
    [{ last4: '3155', weekly: 5_100 }, 422],
    [{ last4: '3155', weekly: null }, 422],
    [{ last4: '3155', weekly: '800' }, 422],
  ])('refuses %j', async (wanted, status) => {
    const bank = fakeGuichet();
    const { session } = (await begin(bank)).body;

    expect((await bank.post('/limits', { session, ...wanted }, asAna)).status).toBe(status);
    expect(bank.submits).toHaveLength(0);
  });

  it('changes nothing for a session that it doesn’t know, nor once the page is closed', async () => {
    const bank = fakeGuichet();
    expect((await bank.post('/limits', { session: 'x', last4: '3155', weekly: 800 }, asAna)).status).toBe(410);
    const { session } = (await begin(bank)).body;
    bank.state.closed = true;
    expect((await bank.post('/limits', { session, last4: '3155', weekly: 800 }, asAna)).status).toBe(409);
    bank.state.used = false;
    expect((await begin(bank)).body.cards).toContainEqual({ name: 'Debit card', last4: '3155', weekly: 1_500 });
  });
});
