import { describe, expect, test } from 'vitest';
import { eventually, newClientId, type TestCustomer } from '../testServer';
import { pauseIf, sweepWebViews } from './webViewLife';
import { closings, justBefore, types, viewPath, webViewScene } from './webViewScene';

const scene = webViewScene();
const { call, tap, open, mine, code, exchange, submit, read, about, later } = scene;

describe('pausing and going on', () => {
  test('a page that is left goes on later under its id, with what it saved, on another device', async () => {
    const opened = await open({ data: { flow: 'statement' } });
    await opened.customer.ask('web_view_save', { ...mine(opened), state: { step: 2 } });

    await opened.customer.ask('web_view_pause', mine(opened));
    expect((await read(opened.viewId)).body.state).toBe('paused');
    const phone = await scene.server.connect(opened.token, {});
    const answer = await tap({ ...opened, customer: phone, owner: newClientId() });

    expect(answer).toMatchObject({ ok: true, value: { web_view_id: opened.viewId, state: { step: 2 } } });
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_pause', 'web_view_open']);
    expect((await about(opened))[2]).toMatchObject({ data: { resumed: true } });
  });

  test('a heartbeat keeps it open; a minute of silence pauses it, once, and does not close it', async () => {
    const opened = await open();

    await later(50);
    await opened.customer.ask('web_view_beat', mine(opened));
    await later(50);
    expect((await read(opened.viewId)).body.state).toBe('open');
    await later(15);
    await later(15);

    expect((await read(opened.viewId)).body.state).toBe('paused');
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_pause']);
  });

  test('a heartbeat in the moment of the look counts', async () => {
    const opened = await open();
    scene.ahead = 61_000;

    await sweepWebViews(justBefore(scene.world, () => opened.customer.ask('web_view_beat', mine(opened))));

    expect(types(await about(opened))).toEqual(['web_view_open']);
  });

  test('a pause that comes too late does not stop the tab that took over meanwhile', async () => {
    const opened = await open();
    await tap({ ...opened, owner: newClientId() });

    await pauseIf(scene.world, opened.viewId, ({ owner }) => owner === opened.owner);

    expect((await read(opened.viewId)).body.state).toBe('open');
  });
});

describe('expiry', () => {
  test('counts from the first opening, whatever happens in between, and closes the view', async () => {
    const opened = await open({ expires_in: 100 });

    await later(70); // silence pauses it
    await tap(opened);
    await later(25);
    await opened.customer.ask('web_view_beat', mine(opened));
    expect((await read(opened.viewId)).body.state).toBe('open');
    await later(6);

    expect((await read(opened.viewId)).body).toMatchObject({ state: 'closed', reason: 'expired', submitted: false });
    expect(closings(await about(opened))).toEqual([
      { web_view: expect.anything(), reason: 'expired', submitted: false, duration_ms: expect.any(Number) },
    ]);
    expect(closings(await about(opened))[0]?.duration_ms).toBeGreaterThanOrEqual(100_000);
  });

  test('holds before anybody swept: no code, no submit, and a new tap opens a new view', async () => {
    const opened = await open({ expires_in: 100 });
    const early = await code(opened);
    scene.ahead = 30_000;
    const fresh = await code(opened);
    scene.ahead = 101_000;

    expect((await exchange(early)).body).toMatchObject({ code: 400, status: 'CODE_INVALID' });
    expect((await exchange(fresh)).body).toMatchObject({ code: 400, status: 'CODE_INVALID' });
    expect(await submit(opened)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });
    expect((await call('POST', viewPath(opened, '/submit'), { result: {} })).body).toMatchObject({
      status: 'WEB_VIEW_CLOSED',
    });
    const again = await tap(opened);

    expect(again.ok && again.value.web_view_id).not.toBe(opened.viewId);
    expect(closings(await about(opened))).toMatchObject([{ reason: 'expired' }]);
  });
});

test('a tab that goes away pauses what it showed, unless another tab or a reconnect goes on with it', {
  timeout: 20_000,
}, async () => {
  const gone = await open();
  const taken = await open();
  const back = await open();
  const other: TestCustomer = await scene.server.connect(taken.token, {});
  await tap({ ...taken, customer: other, owner: newClientId() });

  for (const opened of [gone, taken, back]) opened.customer.leave();
  const again = await scene.server.connect(back.token, {});
  await new Promise((resolve) => setTimeout(resolve, 20));
  await again.ask('web_view_beat', mine(back));

  await eventually(async () => (await read(gone.viewId)).body.state === 'paused');
  expect((await read(taken.viewId)).body.state).toBe('open');
  expect((await read(back.viewId)).body.state).toBe('open');
});
