/** A strict page has no origin by which it could be known: it gets nothing that is meant for the business, and nobody takes its word. */
import { offer, tap } from './hostMount';
import { inPage } from './puppet';
import { close } from './view';
import { closeReason, expect, expectUsable, openChat, openView, test } from './world';

test.afterAll(({ world }) => world.configure());

for (const mount of ['widget', 'host'] as const)
  test(`a strict page is told of look and language alone, and submits nothing: in the ${mount}`, async ({
    page,
    world,
  }) => {
    const { talk, address } = await offer(world, { mount, button: { strict: true, data: { flow: 'statement' } } });
    const chat = await openChat(page, address);
    const view = mount === 'host' ? await tap(page, chat) : await openView(chat);
    const id = talk.told('web_view_open')[0]?.data.web_view?.id;
    expect(id).toEqual(expect.any(String));
    const ask = (type: string, data: object) => inPage(view, `ask('${type}', ${JSON.stringify(data)})`);

    const welcome = await inPage<object>(view, "heard.inbox.find(({ t }) => t === 'welcome').d");
    expect(welcome).toEqual({
      context: {
        locale: expect.stringMatching(/^en/),
        direction: 'ltr',
        color_scheme: expect.stringMatching(/^(light|dark)$/),
        theme: expect.any(Object),
      },
      capabilities: ['request_size', 'resize', 'set_title', 'dirty', 'announce', 'open_link'],
    });
    expect(await ask('submit', { result: { ok: true }, idempotency_key: 'key-strict' })).toMatchObject({ ok: false });
    expect(await ask('save_state', { state: { step: 1 } })).toMatchObject({ ok: false });
    expect(await ask('request_size', { size: 'full' })).toMatchObject({ ok: true });
    expect((await world.api('PATCH', `/v2/web-views/${id}`, { data: { secret: 1 }, title: 'Changed' })).status).toBe(
      200,
    );
    await expect(chat.at.locator('.sheet h2')).toHaveText('Changed');
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await expect
      .poll(() => inPage(view, "heard.inbox.filter(({ t }) => t === 'context_changed').length"))
      .toBeGreaterThan(0);

    const inbox = JSON.stringify(await inPage(view, 'heard.inbox'));
    for (const word of ['secret', 'flow', 'gcc_', 'time_zone', 'reduced_motion', 'safe_area', id ?? ''])
      expect(inbox).not.toContain(word);
    await expect(chat.at.locator('.origin svg'), 'nobody knows that it’s there').toBeHidden();
    await close(chat);
    expect(await closeReason(talk)).toBe('customer');
    expect(talk.told('web_view_submit')).toEqual([]);
    await expectUsable(chat, talk);
  });
