// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogEvent } from '../../client/events';
import type { LiveOptions } from '../../client/live';
import type { Rest, Session } from '../../client/rest';
import { openStorage } from '../../client/storage';
import { fakeBrowser } from '../../client/tabs/fakeTabs';
import { createModel, type Model } from './model';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const site = { id: 'bank', config: {}, hosts: [], web_view_origins: [], allow_host_origin: false, uploads: false };
const said = (seq: number) =>
  ({
    id: `e${seq}`,
    conversation_id: 'c',
    seq,
    time: '',
    actor: { actor_type: 'bot', actor_id: 'b' },
    type: 'message_create',
    data: { message: { id: `m${seq}`, actor_type: 'bot', message_parts: [], reply_parts: [], seq } },
  }) as unknown as LogEvent;

/** Tabs of one browser, whose server has one conversation with one unread message. */
function bench() {
  const browser = fakeBrowser();
  const kept = new Map<string, string>();
  const disk = {
    get length() {
      return kept.size;
    },
    key: (at: number) => [...kept.keys()][at] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as globalThis.Storage;
  const reads: unknown[] = [];
  const onWire: unknown[] = [];
  let ids = 0;
  const customerOf = (identity: string | undefined) => identity ?? 'guest';
  const rest: Rest = {
    session: async ({ identity, resume }) =>
      ({
        token: resume ?? `token of ${customerOf(identity)}`,
        customer: { id: customerOf(identity), vouched: identity !== undefined },
        conversations: [{ id: 'c', status: 'new', seq: 1, customer_read: 0, business_read: 0, updated_time: '' }],
        events: [said(1)],
        site,
        time: '',
      }) as Session,
    send: async () => ({ id: 'm', conversation_id: 'c', seq: 2, created_time: '' }),
    events: async () => ({ events: [], seq: 1 }),
    read: async () => ({}),
    head: async () => ({ cursors: {} }),
    logout: async () => {},
  };
  function tab(id: string): Model {
    const { openChannel } = browser.tab(id);
    const model = createModel({
      site,
      origin: 'https://chat.example',
      storage: openStorage(() => disk),
      rest,
      openLive(options: LiveOptions) {
        queueMicrotask(() => options.onState('online'));
        return {
          state: 'online',
          ask: async (type: string, data: unknown) => {
            if (type === 'read') reads.push(data);
            return { cursors: {} } as never;
          },
          pause() {},
          resume() {},
          close() {},
        };
      },
      openChannel(name) {
        const channel = openChannel(name);
        const post = channel.postMessage.bind(channel);
        channel.postMessage = (message) => {
          onWire.push(message);
          post(message);
        };
        return channel;
      },
      newId: () => `client-id-${id}-${++ids}`,
      loadWebViews: () => new Promise(() => {}),
      height: 700,
      isVisible: true,
    });
    // As the loader does.
    model.openedElsewhere.subscribe((count) => count > 0 && model.open(false));
    return model;
  }
  return { browser, tab, reads, onWire };
}
const soon = () => vi.advanceTimersByTimeAsync(1_000);

async function two(of: ReturnType<typeof bench>): Promise<[Model, Model]> {
  const tabs: [Model, Model] = [of.tab('a'), of.tab('b')];
  for (const model of tabs) await Promise.all([model.session.open(), soon()]);
  return tabs;
}

describe('tabs of one customer', () => {
  it('have one panel: opened and minimised in one, it is so in the others, and nobody says it twice', async () => {
    const world = bench();
    const [a, b] = await two(world);

    a.open(true);
    await soon();
    expect(b.panel.isOpen.value).toBe(true);
    expect(b.panel.focusWish.value).toBeUndefined();
    b.minimise(true);
    await soon();

    expect(a.panel.isOpen.value).toBe(false);
    expect(world.onWire.filter((message) => 'panel' in (message as object))).toEqual([
      { panel: { open: true } },
      { panel: { open: false } },
    ]);
  });

  it('take no phone’s whole screen unasked', async () => {
    const [a, b] = await two(bench());
    b.panel.setPhone(true);

    a.open(true);
    await soon();

    expect(b.panel.isOpen.value).toBe(false);
  });

  it('have seen what one of them has shown', async () => {
    const world = bench();
    const [a, b] = await two(world);
    b.panel.setVisible(false);
    expect(b.thread.unread.value).toHaveLength(1);

    a.open(true);
    await soon();

    expect(a.thread.unread.value).toHaveLength(0);
    expect(b.thread.unread.value).toHaveLength(0);
    expect(world.reads).toContainEqual({ conversation_id: 'c', up_to: 1 });
  });

  it('have one draft, without an echo; who is writing isn’t interrupted, and the last one wins', async () => {
    const world = bench();
    const [a, b] = await two(world);

    a.composer.write('half a thought');
    await soon();
    expect(b.composer.draft.value).toBe('half a thought');
    expect(world.onWire.filter((message) => 'draft' in (message as object))).toHaveLength(1);

    a.composer.write('from a');
    b.composer.write('from b');
    await vi.advanceTimersByTimeAsync(100);
    b.composer.write('from b, still');
    await soon();
    expect(b.composer.draft.value).toBe('from b, still');
    await vi.advanceTimersByTimeAsync(3_000);
    b.composer.write('from b at last');
    await soon();
    expect([a.composer.draft.value, b.composer.draft.value]).toEqual(['from b at last', 'from b at last']);

    a.composer.write('written in a, sent in b at once');
    await vi.advanceTimersByTimeAsync(400);
    b.composer.adopt('written in a, sent in b at once');
    await vi.advanceTimersByTimeAsync(2_000);
    a.composer.write('written in a, sent in b at once!');
    await vi.advanceTimersByTimeAsync(400);
    b.composer.write('');
    await vi.advanceTimersByTimeAsync(3_000);
    expect([a.composer.draft.value, b.composer.draft.value]).toEqual(['', '']);
  });

  it('let go of the channel while they sleep and at the end, and read the draft that was kept meanwhile', async () => {
    const world = bench();
    const [a, b] = await two(world);
    expect(world.browser.openCount()).toBe(2);

    a.sleep();
    expect(world.browser.openCount()).toBe(1);
    b.composer.write('written while the other slept');
    await soon();
    a.wake();
    await soon();
    expect(a.composer.draft.value).toBe('written while the other slept');
    a.close();
    b.close();

    expect(world.browser.openCount()).toBe(0);
  });

  it('hear nothing of another customer', async () => {
    const world = bench();
    const [a, b] = await two(world);

    await Promise.all([a.identify('ada'), soon()]);
    a.open(true);
    a.composer.write('ada’s own');
    await soon();

    expect(b.panel.isOpen.value).toBe(false);
    expect(b.composer.draft.value).toBe('');
    await Promise.all([a.logout(), soon()]);
    expect(world.browser.openCount()).toBe(1);
  });
});
