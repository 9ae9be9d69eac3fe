import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ViewContext } from '../../protocol/webview';
import type { View, WebViews } from '../model/webViews';
import type { PageFrameEvents } from './pageFrame';
import { attachPage } from './toWebView';

/** A view whose frame does as the test says: loads, has documents that say hello, and that answer whether they are still there, or don't. */
function bench({ strict = false } = {}) {
  const view = {
    answer: signal({ web_view_id: 'v1', origin: 'https://cards.bank.example', strict }),
    phase: signal('open'),
    title: signal('The page'),
    trouble: signal(undefined),
    place: signal('declared'),
    isDirty: signal(false),
    isReady: signal(false),
    page: undefined,
  } as unknown as View;
  const webViews = { code: async () => 'gcc_1', resize: (_: View, height: number) => height } as unknown as WebViews;
  const context = signal({
    locale: 'en',
    direction: 'ltr',
    color_scheme: 'dark',
    size: 'tall',
    theme: {},
  } as ViewContext);
  const asked: ((isStill: boolean) => void)[] = [];
  const ports: MessagePort[] = [];
  let events: PageFrameEvents | undefined;
  const detach = attachPage(
    (on) => {
      events = on;
      return { isStill: () => new Promise((resolve) => asked.push(resolve)), stop() {} };
    },
    view,
    webViews,
    context,
    { onEscape() {}, announce() {} },
  );
  return {
    view,
    load: () => events?.onLoad(),
    /** A document says hello; gives its end of the port, and what it hears. */
    hello() {
      const { port1, port2 } = new MessageChannel();
      const heard: { t?: string; re?: number }[] = [];
      port2.onmessage = ({ data }) => heard.push(data);
      ports.push(port1, port2);
      events?.onPort(port1);
      let ids = 0;
      return {
        heard,
        say: (title: string) => port2.postMessage({ v: 1, t: 'set_title', d: { title } }),
        /** Resolves once all that was said has arrived: what nobody knows is refused at once. */
        async arrived() {
          const id = ++ids;
          port2.postMessage({ v: 1, t: 'nonsense', id });
          await until(() => heard.some(({ re }) => re === id));
        },
      };
    },
    async answer(isStill: boolean) {
      asked.pop()?.(isStill);
      await turn();
    },
    asked,
    close() {
      detach();
      for (const port of ports) port.close();
    },
  };
}
/** A turn of the event loop, and another. */
const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}
let made: ReturnType<typeof bench>[] = [];
const open = (options?: Parameters<typeof bench>[0]) => {
  const one = bench(options);
  made.push(one);
  return one;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  for (const one of made) one.close();
  made = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('after a load that follows a hello', () => {
  test('what the port says waits until the document says that it is still there', async () => {
    const { view, load, hello, answer } = open();
    const page = hello();
    load();
    page.say('Said meanwhile');
    await page.arrived();
    expect(view.title.value).toBe('The page');
    expect(view.place.value).toBe('declared');

    await answer(true);
    await until(() => view.title.value === 'Said meanwhile');

    expect(view.place.value).toBe('known');
  });

  test('a port whose document is gone is never heard, gives no state, and hears of nothing new', async () => {
    const { view, load, hello, answer } = open();
    const ghost = hello();
    load();
    ghost.say('Boo');
    view.page?.update({ secret: 1 });
    await ghost.arrived();

    await answer(false);
    await turn();

    expect(view.title.value).toBe('The page');
    expect(view.page).toBeUndefined();
    expect(view.place.value).toBe('moved');
    expect(ghost.heard.map(({ t }) => t)).not.toContain('update');
  });

  test('a document that stays silent is shown as another long before it is given up', async () => {
    const { view, load, hello, answer } = open();
    hello();
    load();

    vi.advanceTimersByTime(2_000);
    expect(view.place.value).toBe('moved');
    expect(view.page).toBeDefined();

    await answer(true);
    expect(view.place.value).toBe('known');
  });

  test('that the former document is given up does nothing to the talk with the next one', async () => {
    const { view, load, hello, answer } = open();
    hello();
    load();
    const next = hello();

    await answer(false);
    next.say('Next');
    await until(() => view.title.value === 'Next');

    expect(view.page).toBeDefined();
    expect(view.place.value).toBe('known');
  });
});

test('a load without a hello since the last one ends the talk, unasked', async () => {
  const { view, load, hello, answer, asked } = open();
  load();
  const page = hello();
  load();
  await answer(true);
  load();
  page.say('Too late');
  await turn();

  expect(asked).toEqual([]);
  expect(view.page).toBeUndefined();
  expect(view.title.value).toBe('The page');
  expect(view.place.value).toBe('moved');
});

test('a page that never speaks is where its button leads, until it leads on', () => {
  const { view, load } = open();

  load();
  expect(view.place.value).toBe('declared');

  load();
  expect(view.place.value).toBe('moved');
});

test('of a strict page it is never known where it is', async () => {
  const { view, load, hello, answer } = open({ strict: true });
  hello();
  load();
  await answer(true);
  expect(view.place.value).toBe('declared');

  hello();
  load();
  await answer(true);
  expect(view.place.value).toBe('moved');
});
