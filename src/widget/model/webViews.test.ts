import { computed, signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogEvent } from '../../client/events';
import { Failure } from '../../client/failure';
import { memoryStorage } from '../../client/storage';
import type { ErrorCode } from '../../protocol/errors';
import type { WebViewOpenAnswer } from '../../protocol/live';
import { chatOrigin, openedUrls, refusedUrls, siteWithBadOrigins } from '../../protocol/webViewUrl.spellings';
import { createWebViews, type View, type WebViews } from './webViews';

const url = 'https://cards.bank.example/confirm';
const target = {
  conversationId: 'c1',
  messageId: 'm1',
  index: 0,
  button: { label: 'Confirm', url, target: '_self' as const },
};

/** Web views whose server does as it's told; what was asked, and what became of the browser's history, is written down. */
function bench() {
  const asked: [string, Record<string, unknown>][] = [];
  const steps: string[] = [];
  const answers: Record<string, (() => unknown) | undefined> = {};
  const storage = memoryStorage();
  const all = signal<readonly View[]>([]);
  const notes = signal<Readonly<Record<string, string>>>({});
  const focused: string[] = [];
  let opened = 0;
  const views: WebViews = createWebViews(
    {
      shown: { all, notes, current: computed(() => all.value.find(({ phase }) => phase.value !== 'leaving')) },
      ask: (async (type: string, data: Record<string, unknown>) => {
        asked.push([type, data]);
        const answer = answers[type]?.();
        if (answer instanceof Error) throw answer;
        if (type === 'web_view_open') {
          return (
            answer ?? {
              web_view_id: `v${++opened}`,
              url,
              origin: new URL(url).origin,
              size: 'tall',
              sandbox: 'allow-scripts',
              expires_time: '',
            }
          );
        }
        return answer ?? {};
      }) as never,
      whenOnline: async () => {},
      site: () => siteWithBadOrigins,
      ownOrigin: chatOrigin,
      owner: 'tab-one-id',
      storage,
      closesPrefix: () => 'close:',
      mostHeight: () => 500,
      isWatched: () => true,
      focus: (key) => focused.push(key),
      onOpen: () => {},
    },
    { push: () => steps.push('push'), back: () => steps.push('back') },
  );
  const current = () => all.value.find(({ phase }) => phase.value !== 'leaving');
  const types = () => asked.map(([type]) => type);
  const log = (type: string, more: object = {}, id = 'v1') =>
    views.take([
      {
        id: 'e',
        conversation_id: 'c1',
        seq: 9,
        time: '',
        actor: { actor_type: 'user', actor_id: 'u' },
        type,
        data: { web_view: { id, message_id: 'm1', button: 0, url, origin: '' }, ...more },
      } as LogEvent,
    ]);
  const refuse = (code: ErrorCode) => () => new Failure('refused', code, code);
  return { views, asked, answers, steps, storage, all, notes, focused, current, types, log, refuse };
}
/** Lets everything that can happen by itself happen. */
const settle = () => vi.advanceTimersByTimeAsync(10);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('opening', () => {
  test('a tap pushes one entry and shows the view', async () => {
    const { views, current, steps, asked } = bench();
    await views.open(target);

    expect(current()?.phase.value).toBe('open');
    expect(steps).toEqual(['push']);
    expect(asked).toEqual([
      ['web_view_open', { conversation_id: 'c1', message_id: 'm1', button: 0, owner: 'tab-one-id' }],
    ]);
  });

  test('a second tap while it is open does nothing', async () => {
    const { views, types } = bench();
    await Promise.all([views.open(target), views.open(target)]);

    expect(types()).toEqual(['web_view_open']);
  });

  test('what the server refuses is said by the button, and history is as before', async () => {
    const { views, answers, refuse, current, notes, steps, types } = bench();
    answers.web_view_open = refuse('WEB_VIEW_CLOSED');
    await views.open(target);
    await settle();

    expect(current()).toBeUndefined();
    expect(notes.value).toEqual({ 'm1:0': 'WEB_VIEW_CLOSED' });
    expect(steps).toEqual(['push', 'back']);
    expect(types()).not.toContain('web_view_close');
  });

  /** What the server answers, whatever it should have refused. */
  const answerWith = (text: string) => () => ({
    web_view_id: 'v1',
    url: text,
    origin: URL.canParse(text) ? new URL(text).origin : '',
    size: 'tall',
    sandbox: '',
    expires_time: '',
  });

  test.each(refusedUrls)('%j is never framed, and the server hears that it was blocked', async (text) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { views, answers, current, notes, asked } = bench();
    answers.web_view_open = answerWith(text);
    await views.open(target);
    await settle();

    expect(current()).toBeUndefined();
    expect(notes.value).toEqual({ 'm1:0': 'WEB_VIEW_URL_REFUSED' });
    expect(asked).toContainEqual(['web_view_close', { web_view_id: 'v1', owner: 'tab-one-id', reason: 'blocked' }]);
  });

  test.each(openedUrls)('%j is framed', async (text) => {
    const { views, answers, current } = bench();
    answers.web_view_open = answerWith(text);
    await views.open(target);

    expect(current()?.phase.value).toBe('open');
  });
});

describe('closing is one path', () => {
  test('the sheet hides at once; the page is asked; the frame goes; history goes back; the close is reported', async () => {
    const { views, current, all, steps, types, asked, focused } = bench();
    await views.open(target);
    const view = current() as View;
    let answer = (_: unknown) => {};
    view.page = { update: () => {}, closing: () => new Promise((resolve) => (answer = resolve)) };
    views.requestClose(view);
    expect(current()).toBeUndefined();
    expect(focused).toEqual(['m1:0']);
    await settle();
    expect(all.value).toHaveLength(1);
    expect(steps).toEqual(['push']);

    answer({ step: 2 });
    await settle();

    expect(all.value).toEqual([]);
    expect(steps).toEqual(['push', 'back']);
    expect(types()).toEqual(['web_view_open', 'web_view_save', 'web_view_close']);
    expect(asked.at(-1)?.[1]).toEqual({ web_view_id: 'v1', owner: 'tab-one-id', reason: 'customer' });
  });

  test('a page that says nothing is not waited for longer than its deadline', async () => {
    const { views, current, all } = bench();
    await views.open(target);
    const view = current() as View;
    view.page = {
      update: () => {},
      closing: (_, deadline) => new Promise((_resolve, reject) => setTimeout(reject, deadline)),
    };
    views.leave(view, 'page');
    await vi.advanceTimersByTimeAsync(1_510);

    expect(all.value).toEqual([]);
  });

  test('what the log tells of is not reported again', async () => {
    const { views, all, types, steps, log, storage } = bench();
    await views.open(target);
    log('web_view_close', { reason: 'business', submitted: false, duration_ms: 1 });
    await settle();

    expect(all.value).toEqual([]);
    expect(types()).toEqual(['web_view_open']);
    expect(steps).toEqual(['push', 'back']);
    expect(storage.keys('close:')).toEqual([]);
  });

  test.each(['business', 'expired', 'replaced'])(
    'what the page says last is saved, also when it was closed elsewhere (%s)',
    async (reason) => {
      const { views, current, asked, log } = bench();
      await views.open(target);
      (current() as View).page = { update: () => {}, closing: async () => ({ step: 2 }) };
      log('web_view_close', { reason, submitted: false, duration_ms: 1 });
      await settle();

      expect(asked.slice(1)).toEqual([
        ['web_view_save', { web_view_id: 'v1', owner: 'tab-one-id', state: { step: 2 } }],
      ]);
    },
  );

  test.each(['submitted', 'resolved'])('of a view that is done with (%s) nothing is saved', async (reason) => {
    const { views, current, types, log } = bench();
    await views.open(target);
    (current() as View).page = { update: () => {}, closing: async () => ({ step: 2 }) };
    log('web_view_close', { reason, submitted: reason === 'submitted', duration_ms: 1 });
    await settle();

    expect(types()).toEqual(['web_view_open']);
  });

  test.each([
    [{ step: 3 }, 3],
    [undefined, 2],
  ])(
    'what still waits to be saved is not lost by the close, and does not come after the last words (%j)',
    async (last, step) => {
      const { views, current, asked } = bench();
      await views.open(target);
      const view = current() as View;
      void views.save(view, { step: 1 });
      void views.save(view, { step: 2 });
      view.page = { update: () => {}, closing: async () => last };
      views.leave(view, 'page');
      await vi.advanceTimersByTimeAsync(5_000);

      const saved = asked.flatMap(([type, { state }]) => (type === 'web_view_save' ? [state] : []));
      expect(saved).toEqual([{ step: 1 }, { step }]);
      expect(asked.at(-1)?.[0]).toBe('web_view_close');
    },
  );

  test('Back closes without going back again', async () => {
    const { views, current, steps, types } = bench();
    await views.open(target);
    views.wentBack();
    await settle();

    expect(current()).toBeUndefined();
    expect(steps).toEqual(['push']);
    expect(types()).toContain('web_view_close');
  });

  test('a close that could not be reported is kept and reported later, once', async () => {
    const { views, answers, current, storage, types } = bench();
    await views.open(target);
    answers.web_view_close = () => new Failure('unreachable', 'no network');
    views.requestClose(current() as View);
    await settle();
    expect(storage.keys('close:')).toEqual(['close:v1']);
    answers.web_view_close = undefined;
    views.flush();
    await settle();
    views.flush();
    await settle();

    expect(storage.keys('close:')).toEqual([]);
    expect(types().filter((type) => type === 'web_view_close')).toHaveLength(2);
  });

  test('opened again at once, the former close is reported before', async () => {
    const { views, current, types } = bench();
    await views.open(target);
    const view = current() as View;
    view.page = { update: () => {}, closing: () => new Promise(() => {}) };
    views.requestClose(view);
    await views.open(target);

    expect(types()).toEqual(['web_view_open', 'web_view_close', 'web_view_open']);
    expect(current()?.phase.value).toBe('open');
  });

  test('Escape closes, asks first about unsaved input, and answers that question with staying', async () => {
    const { views, current } = bench();
    await views.open(target);
    const view = current() as View;
    view.isDirty.value = true;

    views.escape(view);
    expect(view.isAsking.value).toBe(true);
    views.escape(view);
    expect([view.isAsking.value, current()]).toEqual([false, view]);
    view.isDirty.value = false;
    views.escape(view);

    expect(current()).toBeUndefined();
  });

  test('nobody is asked where the button says so', async () => {
    const { views, current } = bench();
    await views.open(target);
    const view = current() as View;
    view.isDirty.value = true;
    view.answer.value = { ...(view.answer.value as WebViewOpenAnswer), confirm_close_when_dirty: false };

    views.requestClose(view);

    expect(current()).toBeUndefined();
  });

  test('unsaved input is asked about once; staying keeps the page', async () => {
    const { views, current, steps } = bench();
    await views.open(target);
    const view = current() as View;
    view.isDirty.value = true;
    views.requestClose(view);
    expect([view.isAsking.value, current()]).toEqual([true, view]);
    views.stay(view);
    expect(views.wentBack()).toBe(true);
    expect([view.isAsking.value, current()]).toEqual([true, view]);
    // An entry pushed without a tap is one that Chrome's Back passes over: the one of the tap is gone to again.
    expect(steps).toEqual(['push']);
    expect(views.wentBack()).toBe(false);

    expect(current()).toBeUndefined();
  });
});

describe('while it is open', () => {
  test('it beats, and closes when the server says that another tab has it', async () => {
    const { views, answers, refuse, current, notes, types } = bench();
    await views.open(target);
    await vi.advanceTimersByTimeAsync(40_100);
    expect(types().filter((type) => type === 'web_view_beat')).toHaveLength(2);
    answers.web_view_beat = refuse('WEB_VIEW_TAKEN');
    await vi.advanceTimersByTimeAsync(20_000);

    expect(current()).toBeUndefined();
    expect(notes.value).toEqual({ 'm1:0': 'WEB_VIEW_TAKEN' });
    expect(types()).not.toContain('web_view_close');
  });

  test('taken by another tab it closes here; taken by this one it stays', async () => {
    const { views, current, notes } = bench();
    await views.open(target);
    views.taken('v1', 'tab-one-id');
    expect(current()).toBeDefined();
    views.taken('v1', 'another-tab');

    expect(current()).toBeUndefined();
    expect(notes.value).toEqual({ 'm1:0': 'WEB_VIEW_TAKEN' });
  });

  test('paused by the server while somebody watches, it goes on', async () => {
    const { views, answers, types, log, current } = bench();
    await views.open(target);
    answers.web_view_open = () => ({
      web_view_id: 'v1',
      url,
      origin: new URL(url).origin,
      size: 'tall',
      sandbox: '',
      expires_time: '',
    });
    log('web_view_pause');
    await settle();

    expect(types()).toEqual(['web_view_open', 'web_view_open']);
    expect(current()?.phase.value).toBe('open');
  });

  test('a submit that the server refuses is told to the page; one whose fate is unknown may be tried again', async () => {
    const { views, answers, refuse, current } = bench();
    await views.open(target);
    const submission = { result: {}, idempotency_key: 'key-one-1' };
    answers.web_view_submit = refuse('INVALID_VALUE');
    expect(await views.submit(current() as View, submission)).toEqual({
      accepted: false,
      errors: [{ message: 'INVALID_VALUE' }],
    });
    answers.web_view_submit = () => new Failure('timeout', 'no answer');

    await expect(views.submit(current() as View, submission)).rejects.toThrow('no answer');
  });

  test('sizes are what fits, whatever is asked for', async () => {
    const { views, current } = bench();
    await views.open(target);
    const view = current() as View;

    expect([
      views.resize(view, 9e9),
      views.resize(view, Number.NaN),
      views.resize(view, -5),
      views.resize(view, 300.4),
    ]).toEqual([500, 120, 120, 300]);
    expect(views.requestSize(view, 'full')).toBe('full');
    expect(view.height.value).toBeUndefined();
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'https://a:b@c.example/', 'x'])(
    'the page can’t have %s opened',
    async (link) => {
      const { views, current } = bench();
      await views.open(target);

      expect(() => views.openLink(current() as View, link)).toThrow('http');
    },
  );
});
