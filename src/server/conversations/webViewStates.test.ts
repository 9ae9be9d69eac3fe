import { describe, expect, test } from 'vitest';
import { clearOld } from '../retention';
import { conversationPath, newClientId } from '../testServer';
import { closings, viewPath, webViewScene } from './webViewScene';

const scene = webViewScene();
const { call, postButton, tap, open, submit, close, savedOf, about, later, mine } = scene;

describe('what a page saved', () => {
  test('what is saved is bounded, checked for card numbers, and gone once the view is submitted', async () => {
    const opened = await open();
    const save = (state: unknown) => opened.customer.ask('web_view_save', { ...mine(opened), state });

    expect(await save('x'.repeat(9_000))).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
    expect(await save({ card: '4111 1111 1111 1111' })).toMatchObject({
      ok: false,
      error: { status: 'INVALID_VALUE' },
    });
    expect(await save(JSON.parse(`${'['.repeat(4_000)}1${']'.repeat(4_000)}`))).toMatchObject({ ok: true });
    expect(await tap(opened)).toMatchObject({ ok: true }); // …and what is nested that deep can be handed out again.
    expect(await save({ note: 'kept for now' })).toMatchObject({ ok: true });
    await submit(opened);

    expect(await save({ note: 'too late' })).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });
    expect(await savedOf(opened)).toBeNull();
  });

  test.each(['customer', 'page', 'blocked'] as const)(
    'a page that was closed (%s) has a moment for its last words; opened anew, it has them',
    async (reason) => {
      const opened = await open();
      const save = (state: unknown, more = {}) =>
        opened.customer.ask('web_view_save', { ...mine(opened), state, ...more });
      await save({ step: 1 });
      await close(opened, reason);

      scene.ahead = 4_000;
      expect(await save({ step: 2 })).toMatchObject({ ok: true });
      expect(await save({ step: 3 }, { owner: newClientId() })).toMatchObject({ error: { status: 'WEB_VIEW_TAKEN' } });
      expect(await save({ card: '4111 1111 1111 1111' })).toMatchObject({ error: { status: 'INVALID_VALUE' } });
      scene.ahead = 6_000;
      expect(await save({ step: 4 })).toMatchObject({ error: { status: 'WEB_VIEW_CLOSED' } });
      const again = await tap(opened);

      expect(again).toMatchObject({ ok: true, value: { state: { step: 2 } } });
      expect(again.ok && again.value.web_view_id).not.toBe(opened.viewId);
      expect(await savedOf(opened)).toBeNull(); // It has gone over.
    },
  );

  test.each(['running', 'closed'] as const)(
    'last words that come after the button was opened anew are there when it is opened again (%s)',
    async (anew) => {
      const opened = await open();
      const save = (step: number) => opened.customer.ask('web_view_save', { ...mine(opened), state: { step } });
      await save(1);
      await close(opened);
      const second = await tap(opened);
      const secondView = { ...opened, viewId: second.ok ? second.value.web_view_id : '' };
      if (anew === 'closed') await close(secondView);

      expect(await save(2)).toMatchObject({ ok: true });
      if (anew === 'running') await close(secondView);
      const third = await tap(opened);

      expect(third).toMatchObject({ ok: true, value: { state: { step: 2 } } });
      expect(await savedOf(opened)).toBeNull();
    },
  );

  test.each(['saved', 'submitted'] as const)(
    'last words of an old page are refused once the new one has %s, whose word is newer',
    async (did) => {
      const opened = await open({ once: false });
      await close(opened);
      const second = await tap(opened);
      const secondView = { ...opened, viewId: second.ok ? second.value.web_view_id : '' };
      if (did === 'saved') await opened.customer.ask('web_view_save', { ...mine(secondView), state: 'newer' });
      else await submit(secondView);

      const late = await opened.customer.ask('web_view_save', { ...mine(opened), state: 'older' });

      expect(late).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });
      expect([await savedOf(opened), await savedOf(secondView)]).toEqual([null, did === 'saved' ? '"newer"' : null]);
    },
  );

  test('what was saved comes back after a close by the business, by another view and by expiry', async () => {
    const opened = await open({ expires_in: 100 });
    const saved = (step: number, id = opened.viewId) =>
      opened.customer.ask('web_view_save', { ...mine(opened), web_view_id: id, state: { step } });
    const reopened = async (step: number) => {
      const answer = await tap(opened);
      expect(answer).toMatchObject({ ok: true, value: { state: { step } } });
      return answer.ok ? answer.value.web_view_id : '';
    };

    await call('POST', viewPath(opened, '/close'), {});
    await saved(1);
    const second = await reopened(1);
    const other = await postButton(opened.id);
    await tap(opened, { message_id: other.body.id });
    await saved(2, second);
    const third = await reopened(2);
    await saved(3, third);
    await later(101);
    await reopened(3);

    expect(closings(await about(opened)).map(({ reason }) => reason)).toEqual([
      'business',
      'replaced',
      'replaced',
      'expired',
    ]);
  });

  test('nothing saved outlives the conversation’s resolution, nor the time that old things are kept', async () => {
    const closed = await open();
    const running = await postButton(closed.id);
    const save = (id: string) => closed.customer.ask('web_view_save', { ...mine(closed), web_view_id: id, state: 1 });
    await save(closed.viewId);
    const second = await tap(closed, { message_id: running.body.id });
    if (!second.ok) throw new Error(second.error.message);
    const { web_view_id } = second.value;
    await save(web_view_id);
    const old = await open();
    await old.customer.ask('web_view_save', { ...mine(old), state: 1 });
    await close(old);
    const clear = () => clearOld(scene.world, 90, new AbortController().signal);

    await call('PUT', conversationPath(closed.id), { status: 'resolved' });
    expect(await save(web_view_id)).toMatchObject({ error: { status: 'WEB_VIEW_CLOSED' } });
    expect([await savedOf(closed), await savedOf({ viewId: web_view_id })]).toEqual([null, null]);
    scene.ahead = 29 * 86_400_000;
    await clear();
    expect(await savedOf(old)).toBe('1');
    scene.ahead = 31 * 86_400_000;
    await clear();
    expect(await savedOf(old)).toBeNull();
  });
});
