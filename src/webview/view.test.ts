// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChannelError, openChannel } from '../channel/channel';
import { openPort } from '../channel/port';
import type { FromPage, ToPage } from '../protocol/webview';
import { createView } from './view';

const context: ToPage['welcome']['context'] = {
  locale: 'en',
  direction: 'ltr',
  time_zone: 'UTC',
  color_scheme: 'light',
  contrast: 'no-preference',
  reduced_motion: false,
  size: 'tall',
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
    await expect(view.saveState('x')).rejects.toMatchObject({ code: 'refused', message: /at most 8192/ });
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
    expect(seen[0]).not.toHaveProperty('summary');
    expect(seen[1]).toMatchObject({ summary: 'Card confirmed' });
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
