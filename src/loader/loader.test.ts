// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Guichet } from './commands';

const chat = 'https://chat.example';
type Said = { t: string; d: Record<string, unknown>; id?: number };

let narrow = false;
let ports: MessagePort[] = [];
let errors: string[];
const visual = Object.assign(new EventTarget(), { height: 800, offsetTop: 0, scale: 1 });

beforeEach(() => {
  narrow = false;
  errors = [];
  Object.assign(visual, { height: 800, offsetTop: 0, scale: 1 });
  vi.stubGlobal('visualViewport', visual);
  vi.stubGlobal('matchMedia', () => ({
    get matches() {
      return narrow;
    },
  }));
  vi.spyOn(console, 'error').mockImplementation((...words) => void errors.push(words.join(' ')));
  localStorage.clear();
});
afterEach(async () => {
  await call('destroy')?.catch(() => {});
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  delete window.guichet;
  for (const port of ports.splice(0)) port.close();
  ports = [];
  document.documentElement.removeAttribute('style');
});

/** Runs the script as a tag with these attributes does. */
async function loadScript(data: Record<string, string> = { site: 'ag-bank' }): Promise<void> {
  const tag = document.createElement('script');
  tag.src = `${chat}/guichet.js`;
  Object.assign(tag.dataset, data);
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(tag);
  vi.resetModules();
  await import('./main');
}
const call = (...args: unknown[]) => (window.guichet as Guichet | undefined)?.(...args);

const host = () => document.querySelector('guichet-chat') as HTMLElement;
const root = () => host().shadowRoot as ShadowRoot;
const launcher = () => root().querySelector('header > button') as HTMLButtonElement;
const peek = () => root().querySelector('p')?.textContent ?? '';
const frame = () => document.querySelector('iframe') as HTMLIFrameElement;
const isOpen = () => root().querySelector('section')?.classList.contains('open');

/** The widget in the frame says hello, and has the other end of the port if it was answered. */
function widgetSaysHello(from: Partial<{ source: unknown; origin: string; id: number; data: unknown }> = {}) {
  const child = frame().contentWindow as Window;
  const answers: { target: unknown; port: MessagePort }[] = [];
  vi.spyOn(child, 'postMessage').mockImplementation(((_: unknown, target: string, [port]: [MessagePort]) => {
    ports.push(port);
    answers.push({ target, port });
  }) as never);
  const data = 'data' in from ? from.data : { guichet: 1, hello: 'widget', id: from.id ?? Math.random() };
  const event = { source: child, origin: chat, data, ...(from.source ? { source: from.source } : {}) };
  window.dispatchEvent(Object.assign(new Event('message'), { ...event, origin: from.origin ?? chat }));
  const [answer] = answers;
  const said: Said[] = [];
  if (answer) answer.port.onmessage = (message) => void said.push(message.data);
  return {
    answers,
    said,
    tell: (t: string, d: unknown) => answer?.port.postMessage({ v: 1, t, d }),
    answer: (re: number | undefined, ok: boolean, d: unknown) => answer?.port.postMessage({ v: 1, re, ok, d }),
    heard: (type: string) =>
      vi.waitFor(() => {
        const one = said.filter((message) => message.t === type).pop();
        if (!one) throw new Error(`no ${type} in ${said.map((message) => message.t)}`);
        return one;
      }),
  };
}

describe('before intent', () => {
  it('draws a launcher, and neither loads a frame nor stores anything', async () => {
    await loadScript();

    expect(launcher().ariaLabel?.trim()).toBe('Chat');
    expect(launcher().ariaExpanded).toBe('false');
    expect(frame()).toBeNull();
    expect(localStorage).toHaveLength(0);
  });

  it('loads no frame for identify, setConfig, show and hide', async () => {
    await loadScript();

    await call('identify', 'a.b.c');
    await call('setConfig', { name: 'AG Bank' });
    await call('hide');
    await call('show');

    expect(frame()).toBeNull();
  });

  it.each(['pointerenter', 'focus'])('loads the frame, unseen, on %s', async (type) => {
    await loadScript();

    launcher().dispatchEvent(new Event(type));
    launcher().dispatchEvent(new Event(type));

    expect(document.querySelectorAll('iframe')).toHaveLength(1);
    expect(frame().src).toBe(`${chat}/widget/?site=ag-bank`);
    expect(frame().title).toBe('Chat');
    expect(isOpen()).toBe(false);
  });
});

describe('the queue', () => {
  it('runs what was called before the script had loaded, in order, after the tag', async () => {
    const opened = vi.fn();
    const queue: unknown[][] = [];
    window.guichet = Object.assign(() => undefined, { q: queue }) as Guichet;
    queue.push(['on', 'open', opened], ['setConfig', { greeting: 'Hello' }], ['open']);

    await loadScript({ site: 'ag-bank', greeting: 'Hi', brandColor: '#123456' });
    const widget = widgetSaysHello();
    const { d } = await widget.heard('init');

    expect(d).toMatchObject({ open: true, config: { greeting: 'Hello', brand_color: '#123456' } });
    expect(opened).toHaveBeenCalledTimes(1);
  });

  it('goes on after a command that fails', async () => {
    window.guichet = Object.assign(() => undefined, { q: [['nonsense'], ['open']] }) as Guichet;

    await loadScript();

    await vi.waitFor(() => expect(isOpen()).toBe(true));
    expect(errors.join()).toMatch(/guichet: nonsense: expected one of .*open/);
  });
});

describe('hello', () => {
  it('is answered to exactly the chat’s origin, with what the page said', async () => {
    document.documentElement.lang = 'de';
    await loadScript({ site: 'ag-bank', identity: 'a.b.c', suggestions: '[{"label":"Account statement"}]' });
    launcher().dispatchEvent(new Event('focus'));

    const widget = widgetSaysHello();
    const { d } = await widget.heard('init');

    expect(widget.answers[0]?.target).toBe(chat);
    expect(d).toEqual({
      config: { site: 'ag-bank', identity: 'a.b.c', suggestions: [{ label: 'Account statement' }] },
      open: false,
      identity: 'a.b.c',
      locale: 'de',
      viewport: { phone: false, height: 800 },
    });
    document.documentElement.removeAttribute('lang');
  });

  it.each([
    ['another window', { source: window }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that begins alike', { origin: `${chat}.evil.example` }],
    ['other words', { data: { hi: 1 } }],
    ['nothing', { data: null }],
  ])('is not answered to %s', async (_, from) => {
    await loadScript();
    launcher().dispatchEvent(new Event('focus'));

    expect(widgetSaysHello(from).answers).toEqual([]);
  });

  it('is answered once however often it is repeated, and again to the next document', async () => {
    await loadScript();
    launcher().dispatchEvent(new Event('focus'));

    expect(widgetSaysHello({ id: 1 }).answers).toHaveLength(1);
    expect(widgetSaysHello({ id: 1 }).answers).toHaveLength(0);
    expect(widgetSaysHello({ id: 2 }).answers).toHaveLength(1);
  });

  it('is missed after 10 s: the console and the page are told, the customer can try again', async () => {
    vi.useFakeTimers();
    await loadScript();
    const failed = vi.fn();
    await call('on', 'error', failed);
    launcher().click();
    const first = frame();

    await vi.advanceTimersByTimeAsync(10_001);

    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'frame_blocked' }));
    expect(errors.join()).toContain(`no answer from ${chat}`);
    expect(isOpen()).toBe(false);
    expect(peek()).toContain('Try again');
    (root().querySelector('p button:last-child') as HTMLElement).click();
    expect(isOpen()).toBe(true);
    expect(frame()).not.toBe(first);
    expect(document.querySelectorAll('iframe')).toHaveLength(1);
  });

  it('may come late: a frame that is only slow isn’t given up', async () => {
    vi.useFakeTimers();
    await loadScript();
    launcher().click();
    await vi.advanceTimersByTimeAsync(10_001);

    expect(widgetSaysHello().answers).toHaveLength(1);
    expect(peek()).toBe('');
    expect(launcher().textContent).toBe('');
  });
});

describe('commands', () => {
  it('open, close and toggle the panel, and tell the page and the widget', async () => {
    await loadScript();
    const events: string[] = [];
    for (const name of ['open', 'close']) await call('on', name, () => events.push(name));

    await call('open');
    await call('open');
    await call('close');
    await call('toggle');
    const widget = widgetSaysHello();
    await call('toggle');

    await widget.heard('close');
    expect(events).toEqual(['open', 'close', 'open', 'close']);
    expect(launcher().ariaExpanded).toBe('false');
    expect(widget.said[0]).toMatchObject({ t: 'init', d: { open: true } });
  });

  it('bring the answer of the widget, or its refusal', async () => {
    await loadScript();
    const sent = call('send', 'Hello');
    const widget = widgetSaysHello();

    widget.answer((await widget.heard('send')).id, true, { id: 'm1' });
    expect(await sent).toEqual({ id: 'm1' });

    const refused = call('send', ' ');
    await vi.waitFor(() => expect(widget.said.filter(({ t }) => t === 'send')).toHaveLength(2));
    widget.answer((await widget.heard('send')).id, false, 'expected text that is not blank');
    await expect(refused).rejects.toThrow('expected text that is not blank');
    expect(errors.join()).toContain('guichet: send: expected text that is not blank');
  });

  it('reject when no widget answers', async () => {
    vi.useFakeTimers();
    await loadScript();
    const sent = call('send', 'Hello');
    const rejected = expect(sent).rejects.toThrow('no answer');

    await vi.advanceTimersByTimeAsync(20_001);

    await rejected;
  });

  it('give identify to the widget in its first message, and later as a request', async () => {
    await loadScript();
    await call('identify', 'first.jwt.x');
    await call('open');
    const widget = widgetSaysHello();
    expect((await widget.heard('init')).d.identity).toBe('first.jwt.x');

    const identified = call('identify', 'second.jwt.x');
    const { id, d } = await widget.heard('identify');
    widget.answer(id, true, { customer_id: 'c1' });

    expect(d).toEqual({ identity: 'second.jwt.x' });
    expect(await identified).toEqual({ customer_id: 'c1' });
  });

  it.each([
    ['an unknown one', ['opne']],
    ['an inherited name', ['hasOwnProperty']],
    ['none', []],
    ['an identity that is no JWT', ['identify', {}]],
    ['no text at all', [Symbol.iterator]],
  ])('reject %s without throwing, and say what was expected', async (_, args) => {
    await loadScript();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);

    await expect(call(...args)).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 10));

    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
  });

  it('need init where the tag names no site', async () => {
    await loadScript({});

    await expect(call('open')).rejects.toThrow('expected one of init');
    expect(document.querySelector('guichet-chat')).toBeNull();
    await expect(call('init', {})).rejects.toThrow('expected a site');
    await call('init', { site: 'ag-bank', launcher_label: 'Ask us' });
    await call('open');

    expect(launcher().ariaLabel).toContain('Ask us');
    expect(frame().src).toBe(`${chat}/widget/?site=ag-bank`);
  });

  it('take no other site while one runs: neither by init nor by a second script', async () => {
    await loadScript();
    const first = window.guichet;

    await expect(call('init', { site: 'other' })).rejects.toThrow('runs already');
    await loadScript({ site: 'other' });

    expect(window.guichet).toBe(first);
    expect(document.querySelectorAll('guichet-chat')).toHaveLength(1);
    await vi.waitFor(() => expect(errors.filter((error) => error.includes('runs already'))).toHaveLength(2));
  });
});

describe('setConfig', () => {
  it('hands on every key, for the widget to name those that nobody knows', async () => {
    await loadScript();
    await call('open');
    const widget = widgetSaysHello();

    await call('setConfig', { brandcolor: '#fff', position: 'start', __proto__: { x: 1 } });

    const { config } = (await widget.heard('config')).d;
    expect(config).toEqual({ site: 'ag-bank', brandcolor: '#fff', position: 'start' });
    expect(root().querySelector('section')?.className).toContain('start');
  });

  it('hands on what can’t be posted or read as text, which the widget will name', async () => {
    await loadScript({ site: 'ag-bank', suggestions: 'not JSON' });
    await call('setConfig', { greeting: () => 'a function', suggestions: [{ label: 'ok', click() {} }] });
    await call('open');

    const { config } = (await widgetSaysHello().heard('init')).d;
    expect(config).toEqual({
      site: 'ag-bank',
      greeting: expect.stringContaining('a function'),
      suggestions: '[object Object]',
    });
    expect(errors).toEqual([]);
  });

  it('reads groups of settings from the tag, where they are JSON', async () => {
    await loadScript({ site: 'ag-bank', brandColor: '#123456', features: '{"peek":false}', texts: '{broken' });
    await call('open');

    const { config } = (await widgetSaysHello().heard('init')).d;
    expect(config).toMatchObject({ brand_color: '#123456', features: { peek: false }, texts: '{broken' });
  });

  it('puts words on the launcher, which are its name, and can take it away', async () => {
    await loadScript({ site: 'ag-bank', launcher: '{"label":"Ask the bank"}' });
    expect(launcher().textContent).toBe('Ask the bank');
    expect(launcher().ariaLabel?.trim()).toBe('Ask the bank');

    await call('setConfig', { launcher: { hidden: true } });
    expect(root().querySelector('section')?.classList.contains('hidden')).toBe(true);
    await call('setConfig', { launcher: null });
    expect(root().querySelector('section')?.classList.contains('hidden')).toBe(false);
    expect(launcher().textContent).toBe('');
  });

  it('survives a page that patches JSON of arrays', async () => {
    const prototype = Array.prototype as { toJSON?: () => string };
    prototype.toJSON = () => 'broken';
    try {
      await loadScript();
      await call('setConfig', { suggestions: [{ label: 'Statement' }] });
      await call('open');

      expect((await widgetSaysHello().heard('init')).d.config).toMatchObject({ suggestions: [{ label: 'Statement' }] });
    } finally {
      delete prototype.toJSON;
    }
  });
});

describe('what the widget says', () => {
  async function openedWidget() {
    await loadScript();
    launcher().dispatchEvent(new Event('focus'));
    const widget = widgetSaysHello();
    await widget.heard('init');
    return widget;
  }

  it('shows as badge and peek, which open, are dismissed, and go when the panel opens', async () => {
    const widget = await openedWidget();
    widget.tell('unread', { count: 2, peek: { name: 'Freddy', text: '<img src=x onerror=alert(1)>' } });
    await vi.waitFor(() => expect(peek()).toContain('<img src=x onerror=alert(1)>'));

    expect(root().querySelector('img')).toBeNull();
    expect(launcher().ariaLabel).toBe('Chat 2');
    (root().querySelector('p button') as HTMLElement).click();
    expect(peek()).toBe('');
    widget.tell('unread', { count: 3, peek: { name: 'Freddy', text: 'Still there?' } });
    await vi.waitFor(() => expect(peek()).toContain('Still there?'));
    (root().querySelector('p button:last-child') as HTMLElement).click();
    expect(isOpen()).toBe(true);
    expect(peek()).toBe('');
    widget.tell('unread', { count: 0 });
    await vi.waitFor(() => expect(launcher().textContent).toBe(''));
  });

  it('closes the panel, and sets the launcher’s looks', async () => {
    const widget = await openedWidget();
    await call('open');

    widget.tell('launcher', { brand_color: '#ffd400', position: 'start' });
    widget.tell('close', {});

    await vi.waitFor(() => expect(isOpen()).toBe(false));
    expect(launcher().style.background).toMatch(/#ffd400|rgb\(255, 212, 0\)/);
    expect(root().querySelector('section')?.className).toContain('start');
  });

  it('reaches the page’s listeners, each by itself, until they stop', async () => {
    const widget = await openedWidget();
    const heard: unknown[] = [];
    const listener = (data: unknown) => void heard.push(data);
    await call('on', 'message_sent', listener);
    await call('on', 'message_sent', listener);
    await call('on', 'ready', listener);

    widget.tell('event', { name: 'message_sent', data: { id: 'm1' } });
    widget.tell('event', { name: 'ready', data: {} });
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    await call('off', 'message_sent', listener);
    widget.tell('event', { name: 'message_sent', data: { id: 'm2' } });
    widget.tell('event', { name: 'ready', data: {} });
    await vi.waitFor(() => expect(heard).toHaveLength(4));

    expect(heard).toEqual([{ id: 'm1' }, { id: 'm1' }, {}, {}]);
  });

  it('may be more than this loader knows', async () => {
    const widget = await openedWidget();

    widget.tell('confetti', { amount: 'a lot' });
    widget.answer(99, true, 'nobody asked');
    widget.tell('close', {});
    const sent = call('send', 'still works');
    widget.answer((await widget.heard('send')).id, true, { id: 'm1' });

    expect(await sent).toEqual({ id: 'm1' });
  });
});

describe('the first-party key', () => {
  const stored = () => localStorage.getItem('guichet:ag-bank');

  it('is written once the customer has a conversation, follows the panel, and goes with it', async () => {
    await loadScript();
    await call('open');
    const widget = widgetSaysHello();
    expect(stored()).toBeNull();

    widget.tell('returning', { returning: true });
    await vi.waitFor(() => expect(stored()).toBe('{"returning":true,"open":true}'));
    await call('close');
    expect(stored()).toBe('{"returning":true,"open":false}');

    widget.tell('returning', { returning: false });
    await vi.waitFor(() => expect(stored()).toBeNull());
  });

  it('loads the frame by itself after load, and opens the panel that was open, without moving focus', async () => {
    localStorage.setItem('guichet:ag-bank', '{"returning":true,"open":true}');
    const button = document.body.appendChild(document.createElement('button'));
    button.focus();

    await loadScript();

    await vi.waitFor(() => expect(isOpen()).toBe(true));
    expect(document.activeElement).toBe(button);
    expect((await widgetSaysHello().heard('open')).d).toEqual({ focus: false });
    button.remove();
  });

  it('doesn’t take a phone’s whole screen unasked', async () => {
    narrow = true;
    localStorage.setItem('guichet:ag-bank', '{"returning":true,"open":true}');

    await loadScript();

    await vi.waitFor(() => expect(frame()).not.toBeNull());
    expect(isOpen()).toBe(false);
  });

  it('of another site means nothing here', async () => {
    localStorage.setItem('guichet:other', '{"returning":true,"open":true}');

    await loadScript();
    await new Promise((resolve) => setTimeout(resolve, 30));

    expect(frame()).toBeNull();
  });

  it.each(['nonsense', 'null', '[]', '"text"', '{"returning":false,"open":true}'])(
    'that reads %s is as none',
    async (value) => {
      localStorage.setItem('guichet:ag-bank', value);

      await loadScript();
      await new Promise((resolve) => setTimeout(resolve, 20));

      expect(launcher()).toBeTruthy();
      expect(frame()).toBeNull();
    },
  );

  it('is done without where storage is forbidden', async () => {
    vi.stubGlobal(
      'localStorage',
      new Proxy(
        {},
        {
          get: () => {
            throw new DOMException('denied');
          },
          set: () => {
            throw new DOMException('denied');
          },
          deleteProperty: () => {
            throw new DOMException('denied');
          },
        },
      ),
    );
    await loadScript();
    await call('open');
    const widget = widgetSaysHello();

    widget.tell('returning', { returning: true });
    widget.tell('close', {});

    await vi.waitFor(() => expect(isOpen()).toBe(false));
  });

  it('goes on logout, which has the widget empty its own storage too', async () => {
    localStorage.setItem('guichet:ag-bank', '{"returning":true,"open":false}');
    await loadScript({ site: 'ag-bank', identity: 'a.b.c' });
    const out = call('logout');
    expect(stored()).toBeNull();

    const widget = widgetSaysHello();
    const { id } = await widget.heard('logout');
    widget.answer(id, true, {});

    await out;
    expect((await widget.heard('init')).d.identity).toBeUndefined();
    await call('open');
    expect(stored()).toBeNull();
  });
});

describe('on a phone', () => {
  beforeEach(() => {
    narrow = true;
  });

  it('fills what the keyboard leaves of the screen, and tells the widget', async () => {
    await loadScript();
    await call('open');
    const widget = widgetSaysHello();
    const panel = root().querySelector('div') as HTMLElement;
    expect(panel.style.height).toBe('800px');

    Object.assign(visual, { height: 420, offsetTop: 60 });
    visual.dispatchEvent(new Event('resize'));

    expect([panel.style.height, panel.style.top]).toEqual(['420px', '60px']);
    await vi.waitFor(() => expect(widget.said.at(-1)?.d).toEqual({ phone: true, height: 420 }));
    Object.assign(visual, { height: 200, scale: 2 });
    visual.dispatchEvent(new Event('resize'));
    expect(panel.style.height).toBe('420px');
  });

  it.each([[''], ['scroll'], ['hidden']])(
    'holds the page still while open, and gives its overflow %j back',
    async (overflow) => {
      const { style } = document.documentElement;
      style.overflow = overflow;
      await loadScript();

      await call('open');
      visual.dispatchEvent(new Event('resize'));
      expect(style.overflow).toBe('hidden');
      await call('close');
      expect(style.overflow).toBe(overflow);

      await call('open');
      await call('destroy');
      expect(style.overflow).toBe(overflow);
    },
  );
});

describe('destroy', () => {
  it('leaves no node, no listener and no timer, and the function stays for another init', async () => {
    vi.useFakeTimers();
    const added: unknown[][] = [];
    for (const target of [window, visual, document]) {
      const add = target.addEventListener.bind(target);
      vi.spyOn(target, 'addEventListener').mockImplementation((...args: unknown[]) => {
        added.push([target, ...args]);
        (add as (...args: unknown[]) => void)(...args);
      });
    }
    const timers = vi.getTimerCount();
    await loadScript();
    const heard = vi.fn();
    await call('on', 'close', heard);
    await call('open');
    await vi.advanceTimersByTimeAsync(1); // The document's own, for its selection.
    expect(vi.getTimerCount()).toBe(timers + 1);

    await call('destroy');

    expect(document.querySelector('guichet-chat, iframe')).toBeNull();
    expect(vi.getTimerCount()).toBe(timers);
    expect(added.length).toBeGreaterThan(2);
    for (const [, type, , options] of added)
      expect((options as AddEventListenerOptions | undefined)?.signal?.aborted, `${type}`).toBe(true);
    await expect(call('open')).rejects.toThrow('expected one of init');
    await call('init', { site: 'ag-bank' });
    await call('open');
    await call('close');
    expect(heard).not.toHaveBeenCalled();
    expect(document.querySelectorAll('guichet-chat')).toHaveLength(1);
  });

  it('also before a returning customer’s frame was loaded', async () => {
    localStorage.setItem('guichet:ag-bank', '{"returning":true,"open":true}');
    await loadScript();

    await call('destroy');
    await new Promise((resolve) => setTimeout(resolve, 30));

    expect(document.querySelector('guichet-chat, iframe')).toBeNull();
  });
});
