// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect } from './sdk';

const chat = 'https://chat.example';
const welcome = {
  web_view_id: 'wv_1',
  code: 'once',
  capabilities: [],
  context: { locale: 'en', color_scheme: 'dark', theme: {} },
};
const ports: MessagePort[] = [];
/** What the page has said of still being there, and to whom. */
const stills: [number, string][] = [];

/** A parent that answers hello as the widget does, `as` who it says it is. */
function framedBy(as: { origin?: string; ancestorOrigins?: string[]; welcomes?: boolean; silent?: boolean } = {}) {
  const { origin = chat, welcomes = true } = as;
  const hellos: string[] = [];
  const parent = {
    postMessage(data: { still?: number }, target: string) {
      if (data.still) return void stills.push([data.still, target]);
      hellos.push(target);
      if (as.silent || target !== origin) return;
      expect(data).toMatchObject({ guichet: 1, hello: 'page' });
      const { port1, port2 } = new MessageChannel();
      ports.push(port1, port2);
      if (welcomes) port1.postMessage({ v: 1, t: 'welcome', d: welcome });
      const event = Object.assign(new Event('message'), {
        source: parent,
        origin,
        data: { guichet: 1, welcome: 'widget' },
        ports: [port2],
      });
      queueMicrotask(() => window.dispatchEvent(event));
    },
  };
  vi.spyOn(window, 'parent', 'get').mockReturnValue(parent as unknown as Window);
  Object.defineProperty(location, 'ancestorOrigins', { value: as.ancestorOrigins, configurable: true });
  return hellos;
}

afterEach(() => {
  vi.restoreAllMocks();
  for (const port of ports.splice(0)) port.close();
  delete (window as unknown as Record<symbol, unknown>)[Symbol.for('guichet.webview')];
});
/** Faults are told in the console too, with what to do. */
const silently = () => vi.spyOn(console, 'error').mockImplementation(() => {});

describe('connect', () => {
  it('resolves with the view once the chat has welcomed the page', async () => {
    framedBy();

    const view = await connect({ chatOrigins: chat });

    expect(view).toMatchObject({ id: 'wv_1', code: 'once' });
    expect(document.documentElement.dataset.guichetScheme).toBe('dark');
  });

  it('answers the chat, once welcomed, that this document is still there', async () => {
    framedBy();
    const ask = (origin: string) =>
      window.dispatchEvent(
        Object.assign(new Event('message'), { source: window.parent, origin, data: { guichet: 1, still: 7 } }),
      );
    ask(chat);
    await connect({ chatOrigins: chat });

    ask('https://evil.example');
    expect(stills).toEqual([]);
    ask(chat);

    expect(stills).toEqual([[7, chat]]);
  });

  it('speaks to the origins it was given and to nobody else', async () => {
    const hellos = framedBy();

    await connect({ chatOrigins: ['https://old.example', `${chat}/some/path`] });

    expect(new Set(hellos)).toEqual(new Set(['https://old.example', chat]));
  });

  it('doesn’t wait for a chat that somebody else pretends to be, where the browser tells who frames us', async () => {
    const hellos = framedBy({ ancestorOrigins: ['https://evil.example', 'https://bank.example'] });
    const complain = silently();

    await expect(connect({ chatOrigins: chat })).rejects.toMatchObject({ code: 'foreign_frame' });
    expect(hellos).toEqual([]);
    expect(complain).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(
        /framed by https:\/\/evil\.example.*\(https:\/\/chat\.example\)\. If .* data-chat-origin or chatOrigins/,
      ),
    );
  });

  it('rejects when the page is open by itself', async () => {
    await expect(connect({ chatOrigins: chat })).rejects.toMatchObject({ code: 'not_framed' });
  });

  it.each([['*'], [''], ['chat.example'], ['javascript:alert(1)'], ['null'], [['https://chat.example', '*']]])(
    'takes no %j for an origin',
    async (origin) => {
      const hellos = framedBy();
      silently();

      await expect(connect({ chatOrigins: origin })).rejects.toMatchObject({ code: 'bad_origin' });
      expect(hellos).toEqual([]);
    },
  );

  it.each([[{ chatOrigins: [] }], [{}], [undefined]])(
    'takes no %j for options, and says what it wants',
    async (options) => {
      framedBy();
      const complain = silently();

      await expect(connect(options as never)).rejects.toMatchObject({ code: 'bad_origin' });
      expect(complain).toHaveBeenCalledWith(expect.stringContaining("such as 'https://chat.example', got none"));
    },
  );

  it.each([[0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['soon']])(
    'takes no %j for a time',
    async (timeoutMs) => {
      framedBy({ silent: true });
      silently();

      await expect(connect({ chatOrigins: chat, timeoutMs: timeoutMs as number })).rejects.toMatchObject({
        code: 'invalid',
      });
    },
  );

  it('twice is one talk: a second hello would end the first', async () => {
    const hellos = framedBy();

    const [first, second] = await Promise.all([connect({ chatOrigins: chat }), connect({ chatOrigins: [`${chat}/`] })]);
    const third = await connect({ chatOrigins: chat });

    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(hellos).toHaveLength(1);
  });

  it('again for other origins, after a failure, or when the chat is gone, is a talk of its own', async () => {
    silently();
    framedBy({ silent: true });
    await expect(connect({ chatOrigins: chat, timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
    framedBy();
    const first = await connect({ chatOrigins: chat });
    expect(await connect({ chatOrigins: [chat, 'https://old.example'] })).not.toBe(first);

    const second = await connect({ chatOrigins: chat });
    for (const port of ports.splice(0)) port.close();
    await expect(second.resize(1)).rejects.toMatchObject({ code: 'closed' });
    expect(await connect({ chatOrigins: chat })).not.toBe(second);
  });

  it('gives up on a parent that never answers, and on one that never welcomes', async () => {
    const complain = silently();
    framedBy({ silent: true });
    await expect(connect({ chatOrigins: chat, timeoutMs: 40 })).rejects.toMatchObject({ code: 'timeout' });
    expect(complain).toHaveBeenCalledWith(
      expect.stringMatching(/nobody at https:\/\/chat\.example .* Is the chat served/),
    );

    framedBy({ welcomes: false });
    await expect(connect({ chatOrigins: chat, timeoutMs: 40 })).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('the script tag', () => {
  it('connects by itself and hands out the promise', async () => {
    framedBy();
    const tag = Object.assign(document.createElement('script'), { src: `${chat}/webview.js` });
    tag.dataset.chatOrigin = `https://old.example ${chat}`;
    vi.spyOn(document, 'currentScript', 'get').mockReturnValue(tag);
    vi.resetModules();

    const { view } = await import('./main');

    expect((await view)?.id).toBe('wv_1');
  });

  it('bothers nobody when the page is open by itself', async () => {
    const tag = document.createElement('script');
    tag.dataset.chatOrigin = chat;
    vi.spyOn(document, 'currentScript', 'get').mockReturnValue(tag);
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.resetModules();

    const { view } = await import('./main');

    await expect(view).rejects.toMatchObject({ code: 'not_framed' });
    expect(complain).not.toHaveBeenCalled();
  });

  it('without a chat origin says so to a page that looks at it, and to no other', async () => {
    vi.spyOn(document, 'currentScript', 'get').mockReturnValue(document.createElement('script'));
    const complain = silently();
    vi.resetModules();

    const { view, connect } = await import('./main');

    await expect(view).rejects.toMatchObject({
      code: 'bad_origin',
      message: expect.stringMatching(/data-chat-origin="https/),
    });
    expect(complain).not.toHaveBeenCalled();
    expect(connect).toBeTypeOf('function');
  });
});
