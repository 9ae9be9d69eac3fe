// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChannelError, openChannel } from '../channel/channel';
import { openPort } from '../channel/port';
import { limits } from '../protocol/limits';
import type { FromPage, ToPage } from '../protocol/webview';
import { bounds } from './checks';
import { createView, type View } from './view';

const context: ToPage['welcome']['context'] = {
  locale: 'en',
  direction: 'ltr',
  time_zone: 'UTC',
  color_scheme: 'light',
  contrast: 'no-preference',
  reduced_motion: false,
  size: 'tall',
  safe_area: { top: 0, right: 0, bottom: 34, left: 0 },
  theme: { '--guichet-brand': '#0f6b5c', background: 'red' },
};
const welcome: ToPage['welcome'] = {
  web_view_id: 'wv_1',
  data: { flow: 'statement' },
  state: { step: 2 },
  code: 'once',
  context,
  capabilities: ['submit'],
};

let close: () => void;
beforeEach(() => {
  document.documentElement.removeAttribute('style');
});
afterEach(() => close());

/** A view, and the widget at the other end of a real port. */
function viewAndWidget(handlers: { [K in keyof FromPage]?: (data: FromPage[K]) => unknown } = {}) {
  const { port1, port2 } = new MessageChannel();
  const heard: [string, unknown][] = [];
  const names: (keyof FromPage)[] = ['ready', 'set_title', 'dirty', 'announce', 'escape', 'close', 'open_link'];
  const widget = openChannel<FromPage, ToPage>(port2, {
    handlers: {
      ...Object.fromEntries(names.map((name) => [name, (data: unknown) => heard.push([name, data])])),
      ...handlers,
    },
  });
  const page = openPort<ToPage, FromPage>(port1, {
    handlers: {
      context_changed: (changes) => made.contextChanged(changes),
      update: ({ data }) => made.update(data),
      closing: (closing) => made.closing(closing),
    },
  });
  const made = createView(page, welcome);
  close = () => {
    widget.close();
    page.close();
  };
  return { view: made.view, widget, heard };
}

describe('a view', () => {
  it('holds what the chat welcomed it with', () => {
    const { view } = viewAndWidget();

    expect(view).toMatchObject({ id: 'wv_1', data: { flow: 'statement' }, state: { step: 2 }, code: 'once', context });
  });

  it('says each thing by its name on the wire, and dirty only when it changes', async () => {
    const { view, heard } = viewAndWidget();

    view.ready();
    view.setTitle('Card details');
    for (const dirty of [true, true, true, false]) view.setDirty(dirty);
    view.announce('Saved');
    view.openLink('https://bank.example/help');
    view.close();

    await vi.waitFor(() => expect(heard).toHaveLength(7));
    expect(heard).toEqual([
      ['ready', {}],
      ['set_title', { title: 'Card details' }],
      ['dirty', { dirty: true }],
      ['dirty', { dirty: false }],
      ['announce', { text: 'Saved' }],
      ['open_link', { url: 'https://bank.example/help' }],
      ['close', {}],
    ]);
  });

  it('tells what was really set', async () => {
    const { view } = viewAndWidget({ request_size: () => ({ size: 'tall' }), resize: () => ({ height: 500 }) });

    expect(await view.requestSize('full')).toBe('tall');
    expect(await view.resize(100_000)).toBe(500);
  });

  it('rejects with the words of a refusal', async () => {
    const { view } = viewAndWidget({
      save_state: () => {
        throw new Error('state: expected at most 8192 bytes of JSON');
      },
    });

    await expect(view.saveState('x')).rejects.toBeInstanceOf(ChannelError);
    await expect(view.saveState('x')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/at most 8192/),
    });
  });

  it('submits with a key of its own, another each time, or with the one it was given', async () => {
    const keys: string[] = [];
    const seen: unknown[] = [];
    const { view } = viewAndWidget({
      submit(submission) {
        keys.push(submission.idempotency_key);
        seen.push(submission);
        return { accepted: true };
      },
    });

    expect(await view.submit({ last4: '4242' })).toEqual({ accepted: true });
    await view.submit({}, { summary: 'Card confirmed' });
    await view.submit({}, { idempotencyKey: 'again-and-again' });

    expect(keys[0]).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBe('again-and-again');
    // Pressed twice, or again after no answer: one submit.
    await Promise.all([view.submit({ again: 1 }), view.submit({ again: 1 })]);
    expect(keys[4]).toBe(keys[3]);
    await view.submit({ again: 2 });
    expect(keys[5]).not.toBe(keys[3]);
    expect(seen[0]).not.toHaveProperty('summary');
    expect(seen[1]).toMatchObject({ summary: 'Card confirmed' });
  });
});

describe('wrong use is told before anything has left the page', () => {
  const circle: Record<string, unknown> = {};
  circle.again = [circle, circle];
  const ways: [string, (view: View) => unknown, RegExp][] = [
    ['a title that is no text', (view) => view.setTitle(7 as never), /^title: expected a text, got 7$/],
    [
      'a title that is too long',
      (view) => view.setTitle('x'.repeat(81)),
      /^title: expected at most 80 characters, got 81/,
    ],
    ['no words', (view) => view.announce(undefined as never), /^text: expected a text, got undefined/],
    ['too many words', (view) => view.announce('x'.repeat(301)), /^text: expected at most 300/],
    [
      'a dirty that is no boolean',
      (view) => view.setDirty('yes' as never),
      /^dirty: expected true or false, got "yes"/,
    ],
    ['a link that runs code', (view) => view.openLink('javascript:alert(1)'), /^url: expected an absolute http/],
    ['a link with user-info', (view) => view.openLink('https://a:b@c.example'), /^url: /],
    ['a relative link', (view) => view.openLink('/help'), /^url: /],
    [
      'an event that there isn’t',
      (view) => view.on('closed' as 'update', () => {}),
      /^event: expected update, contextChanged, closing, got "closed"/,
    ],
    ['a listener that is none', (view) => view.on('update', undefined as never), /^listener: expected a function/],
    [
      'a size that there isn’t',
      (view) => view.requestSize('huge' as never),
      /^size: expected compact, tall, full, got "huge"/,
    ],
    ['NaN for a height', (view) => view.resize(Number.NaN), /^height: expected a finite number of pixels, got NaN/],
    ['Infinity for a height', (view) => view.resize(Number.POSITIVE_INFINITY), /got Infinity/],
    ['a height as text', (view) => view.resize('300px' as never), /got "300px"/],
    ['no state', (view) => view.saveState(undefined), /^state: expected plain data/],
    [
      'a state of over 8 KiB',
      (view) => view.saveState('é'.repeat(4_100)),
      /^state: expected at most 8192 bytes of JSON, got 8202/,
    ],
    [
      'a state of functions',
      (view) => view.saveState({ steps: [1, () => 2] }),
      /^state\.steps\[1\]: expected plain data/,
    ],
    [
      'a state that holds itself',
      (view) => view.saveState(circle),
      /^state\.again\[0\]\.again.*nested at most 64 deep/,
    ],
    [
      'a state of more members than bytes',
      (view) => view.saveState({ a: new Array(4e9) }),
      /^state\.a\[0\]: expected plain data/,
    ],
    [
      'a date in a result',
      (view) => view.submit({ on: new Date(0) }),
      /^result\.on: expected plain data.*got an object/,
    ],
    [
      'NaN in a result, which JSON would make null',
      (view) => view.submit({ a: { n: Number.NaN } }),
      /^result\.a\.n: .*got NaN/,
    ],
    ['a result that is no object', (view) => view.submit('done' as never), /^result: expected an object, got "done"/],
    ['a list for a result', (view) => view.submit([] as never), /^result: expected an object, got an array/],
    ['a result of over 8 KiB', (view) => view.submit({ a: 'x'.repeat(8_192) }), /^result: expected at most 8192/],
    [
      'a summary that is too long',
      (view) => view.submit({}, { summary: 'x'.repeat(301) }),
      /^summary: expected at most 300 characters, got 301/,
    ],
    [
      'a key that is too short',
      (view) => view.submit({}, { idempotencyKey: 'short' }),
      /^idempotencyKey: expected 8 to 64 of .*got "short"/,
    ],
  ];
  it.each(ways)('%s', async (_, use, words) => {
    const said = vi.fn();
    const { view, heard } = viewAndWidget({ submit: said, save_state: said, resize: said, request_size: said });

    await expect((async () => use(view))()).rejects.toMatchObject({ code: 'invalid', message: words });
    view.ready();
    await vi.waitFor(() => expect(heard).toEqual([['ready', {}]]));
    expect(said).not.toHaveBeenCalled();
  });

  it.each<[string, (view: View) => unknown, string]>([
    ['result', (view) => view.submit({ card: [{ number: '4111 1111 1111 1111' }] }), 'result.card[0].number'],
    ['summary', (view) => view.submit({}, { summary: 'Card 4111111111111111' }), 'summary'],
    ['state', (view) => view.saveState({ pan: 4_111_111_111_111_111 }), 'state.pan'],
    ['title', (view) => view.setTitle('4111-1111-1111-1111'), 'title'],
    ['words for screen readers', (view) => view.announce('٤١١١١١١١١١١١١١١١'), 'text'],
  ])('a card number in the %s, told in the console by its place', async (_, use, path) => {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    const said = vi.fn();
    const { view, heard } = viewAndWidget({ submit: said, save_state: said });

    await expect((async () => use(view))()).rejects.toMatchObject({ code: 'card_number', path });
    view.ready();
    await vi.waitFor(() => expect(heard).toEqual([['ready', {}]]));

    expect(said).not.toHaveBeenCalled();
    expect(complain).toHaveBeenCalledWith(expect.stringContaining(`guichet: ${path} looks like a card number`));
    expect(JSON.stringify(complain.mock.calls)).not.toMatch(/4111|٤١١/);
    complain.mockRestore();
  });

  it('with the bounds of the protocol', () => {
    const { title, summary, webViewState, webViewResult } = limits;
    expect(bounds).toMatchObject({ title, summary, json: webViewState });
    expect(webViewResult).toBe(webViewState);
  });
});

describe('nothing waits for ever', () => {
  it('a submit whose chat is gone is rejected, and so is one after that', async () => {
    const { view, widget } = viewAndWidget({ submit: () => new Promise(() => {}) });
    const waiting = view.submit({ a: 1 });
    waiting.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));

    widget.close();

    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(view.submit({ a: 1 })).rejects.toMatchObject({ code: 'closed' });
    await expect(view.saveState({})).rejects.toMatchObject({ code: 'closed' });
    expect(() => view.setTitle('Too late')).not.toThrow();
  });

  it('nor a submit that nobody answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { view } = viewAndWidget({ submit: () => new Promise(() => {}), resize: () => new Promise(() => {}) });
      const outcome = Promise.allSettled([view.submit({}), view.resize(1)]);
      await vi.advanceTimersByTimeAsync(15_000);

      expect(await outcome).toMatchObject([{ reason: { code: 'timeout' } }, { reason: { code: 'timeout' } }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('a result that is refused is told with its places, in the console too', async () => {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    const errors = [{ path: 'result.months[1]', message: 'result.months[1] should be a number' }];
    const { view } = viewAndWidget({ submit: () => ({ accepted: false, errors }) });

    expect(await view.submit({ months: [1, 'x'] })).toEqual({ accepted: false, errors });
    expect(complain).toHaveBeenCalledWith('guichet: the result was not taken: result.months[1] should be a number');
    complain.mockRestore();
  });
});

describe('what the chat says', () => {
  it('brings new data and a changed context to the view and its listeners, until they stop', async () => {
    const { view, widget } = viewAndWidget();
    const update = vi.fn();
    const changed = vi.fn();
    view.on('update', update);
    const stop = view.on('contextChanged', changed);

    widget.notify('update', { data: { step: 3 } });
    widget.notify('context_changed', { color_scheme: 'dark' });
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1));
    stop();
    widget.notify('context_changed', { locale: 'ar', direction: 'rtl' });

    await vi.waitFor(() => expect(view.context.locale).toBe('ar'));
    expect(update).toHaveBeenCalledWith({ step: 3 });
    expect(view.data).toEqual({ step: 3 });
    expect(changed).toHaveBeenCalledTimes(1);
    expect(view.context).toMatchObject({ color_scheme: 'dark', time_zone: 'UTC' });
  });

  it('sets the look on the root, live, and nothing but properties of ours', async () => {
    const { widget } = viewAndWidget();
    const root = document.documentElement;

    expect(root.style.getPropertyValue('--guichet-brand')).toBe('#0f6b5c');
    expect(root.style.background).toBe('');
    expect(root.style.getPropertyValue('--guichet-safe-bottom')).toBe('34px');
    expect(root.dataset.guichetScheme).toBe('light');
    widget.notify('context_changed', { color_scheme: 'dark', theme: { '--guichet-brand': '#4cc7b0' } });

    await vi.waitFor(() => expect(root.dataset.guichetScheme).toBe('dark'));
    expect(root.style.getPropertyValue('--guichet-brand')).toBe('#4cc7b0');
  });

  it('answers closing with the state of the listeners, waits for them, and survives one that throws', async () => {
    const { view, widget } = viewAndWidget();
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    view.on('closing', ({ reason }) => new Promise((resolve) => setTimeout(resolve, 20, { saved: reason })));
    view.on('closing', () => {
      throw new Error('a bug of the page');
    });
    view.on('closing', () => undefined);

    const answer = await widget.request('closing', { reason: 'customer', deadline: 1_500 });

    expect(answer).toEqual({ state: { saved: 'customer' } });
    expect(complain).toHaveBeenCalledTimes(1);
    complain.mockRestore();
  });

  it.each([
    ['over 8 KiB', 'x'.repeat(8_200), /at most 8192/],
    ['with a card number', { pan: '4111111111111111' }, /state\.pan/],
  ])('a last state %s is not saved, and the page’s console says so', async (_, state, words) => {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { view, widget } = viewAndWidget();
    view.on('closing', () => state);

    expect(await widget.request('closing', { reason: 'customer', deadline: 1_500 })).toEqual({});
    expect(complain).toHaveBeenCalledWith(expect.stringMatching(words));
    complain.mockRestore();
  });

  it('answers closing at once when nobody listens', async () => {
    const { widget } = viewAndWidget();

    expect(await widget.request('closing', { reason: 'business', deadline: 1_500 })).toEqual({});
  });
});

describe('Escape', () => {
  const press = (init: KeyboardEventInit = {}) =>
    document.body.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true, ...init }),
    );
  const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

  it('goes to the chat when the page has no use for it', async () => {
    const { heard } = viewAndWidget();

    press();

    await vi.waitFor(() => expect(heard).toContainEqual(['escape', {}]));
  });

  it.each([
    [
      'the page uses it, even in its last listener',
      () => window.addEventListener('keydown', (e) => e.preventDefault(), { once: true }),
      {},
    ],
    [
      'a dialog is open',
      () => document.body.append(Object.assign(document.createElement('dialog'), { open: true })),
      {},
    ],
    ['it ends the work of an input method', () => {}, { isComposing: true }],
    ['the key is held', () => {}, { repeat: true }],
    ['it is another key', () => {}, { key: 'Esc.' }],
  ])('stays when %s', async (_, arrange, init) => {
    const { heard } = viewAndWidget();
    arrange();

    press(init);
    await settled();

    expect(heard).toEqual([]);
    document.body.replaceChildren();
  });
});
