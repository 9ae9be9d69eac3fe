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

/** A parent that answers hello as the widget does, `as` who it says it is. */
function framedBy(as: { origin?: string; ancestorOrigins?: string[]; welcomes?: boolean; silent?: boolean } = {}) {
  const { origin = chat, welcomes = true } = as;
  const hellos: string[] = [];
  const parent = {
    postMessage(data: unknown, target: string) {
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
});

describe('connect', () => {
  it('resolves with the view once the chat has welcomed the page', async () => {
    framedBy();

    const view = await connect({ chatOrigins: chat });

    expect(view).toMatchObject({ id: 'wv_1', code: 'once' });
    expect(document.documentElement.dataset.guichetScheme).toBe('dark');
  });

  it('speaks to the origins it was given and to nobody else', async () => {
    const hellos = framedBy();

    await connect({ chatOrigins: ['https://old.example', `${chat}/some/path`] });

    expect(new Set(hellos)).toEqual(new Set(['https://old.example', chat]));
  });

  it('doesn’t wait for a chat that somebody else pretends to be, where the browser tells who frames us', async () => {
    const hellos = framedBy({ ancestorOrigins: ['https://evil.example', 'https://bank.example'] });

    await expect(connect({ chatOrigins: chat })).rejects.toMatchObject({ code: 'foreign_frame' });
    expect(hellos).toEqual([]);
  });

  it('rejects when the page is open by itself', async () => {
    await expect(connect({ chatOrigins: chat })).rejects.toMatchObject({ code: 'not_framed' });
  });

  it.each([['*'], [''], ['chat.example'], ['javascript:alert(1)'], ['null']])(
    'takes no %j for an origin',
    async (origin) => {
      const hellos = framedBy();

      await expect(connect({ chatOrigins: origin })).rejects.toMatchObject({ code: 'bad_origin' });
      expect(hellos).toEqual([]);
    },
  );

  it('takes no empty list of origins', async () => {
    framedBy();

    await expect(connect({ chatOrigins: [] })).rejects.toMatchObject({ code: 'bad_origin' });
  });

  it('gives up on a parent that never answers, and on one that never welcomes', async () => {
    framedBy({ silent: true });
    await expect(connect({ chatOrigins: chat, timeoutMs: 40 })).rejects.toMatchObject({ code: 'timeout' });

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

  it('does nothing without a chat origin', async () => {
    vi.spyOn(document, 'currentScript', 'get').mockReturnValue(document.createElement('script'));
    vi.resetModules();

    const { view, connect } = await import('./main');

    expect(view).toBeUndefined();
    expect(connect).toBeTypeOf('function');
  });
});
