import { describe, expect, test } from 'vitest';
import type { Message } from '../../protocol/message';
import { conversationPath, newClientId, rewrite, testSite } from '../testServer';
import { getConversation } from './conversations';
import { openWebView } from './webViewOpening';
import { closings, types, webViewScene } from './webViewScene';

const scene = webViewScene();
const { call, offer, postButton, tap, open, mine, submit, close, read, logOf, about } = scene;

describe('opening', () => {
  test('says where a tab leads when the page can’t be shown, and whether to ask before leaving', async () => {
    const opened = await open({ fallback_url: 'https://bank.example/full?x=1', confirm_close_when_dirty: false });

    expect(opened.view).toMatchObject({
      fallback_url: 'https://bank.example/full?x=1',
      confirm_close_when_dirty: false,
    });
    const refused = await postButton(opened.id, { fallback_url: 'javascript:alert(1)' });
    expect(refused.status).toBe(400);
  });

  test('tells the customer’s browser nothing of what the button holds for the server', async () => {
    const opened = await open({
      result_schema: { description: 'secret-schema' },
      fallback_url: 'https://a.example/secret-tab',
    });

    expect(JSON.stringify(await logOf(opened))).not.toContain('secret-');
  });

  test('gives the page, what the bot handed over, and a sandbox that keeps it in its frame; the bot is told', async () => {
    const opened = await open({ size: 'full', title: 'Card details', data: { flow: 'statement' }, expires_in: 600 });

    expect(opened.view).toEqual({
      web_view_id: expect.any(String),
      url: `${testSite.cards}/confirm`,
      origin: testSite.cards,
      size: 'full',
      title: 'Card details',
      data: { flow: 'statement' },
      sandbox: 'allow-scripts allow-forms allow-same-origin',
      allow: '',
      strict: false,
      host_mount_on: [],
      readable_by_host: false,
      confirm_close_when_dirty: true,
      expires_time: expect.any(String),
    });
    const [event] = await about(opened);
    expect(event).toMatchObject({
      type: 'web_view_open',
      actor: { actor_type: 'user', actor_id: opened.userId },
      data: { resumed: false, web_view: { id: opened.viewId, message_id: opened.message.id, button: 0 } },
    });
    expect((await read(opened.viewId)).body).toMatchObject({
      id: opened.viewId,
      state: 'open',
      submitted: false,
      user_id: opened.userId,
      conversation_id: opened.id,
    });
  });

  test('a button without options opens with the defaults', async () => {
    const opened = await open();

    expect(opened.view).toMatchObject({ size: 'tall' });
    const minutes = (Date.parse(opened.view.expires_time) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(14);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  test('again by the same tab is the same view and no event; by another tab it is taken over and the first is told', async () => {
    const opened = await open();
    const other = await scene.server.connect(opened.token, { [opened.id]: 0 });
    const owner = newClientId();

    expect(await tap(opened)).toEqual({ ok: true, value: opened.view });
    expect(await tap({ ...opened, customer: other, owner })).toEqual({ ok: true, value: opened.view });

    await opened.customer.until(({ told }) => told.web_view_taken.length === 1);
    expect(opened.customer.told.web_view_taken).toEqual([{ web_view_id: opened.viewId, owner }]);
    expect(types(await about(opened))).toEqual(['web_view_open']);
    for (const refused of [
      await opened.customer.ask('web_view_code', mine(opened)),
      await opened.customer.ask('web_view_beat', mine(opened)),
      await opened.customer.ask('web_view_pause', mine(opened)),
      await opened.customer.ask('web_view_save', { ...mine(opened), state: 1 }),
      await submit(opened),
      await close(opened),
    ])
      expect(refused).toMatchObject({ ok: false, error: { code: 409, status: 'WEB_VIEW_TAKEN' } });
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'open', submitted: false });
  });

  test('of what is no web view is refused', async () => {
    const offered = await offer();
    const link = await call<Message>('POST', conversationPath(offered.id, '/messages'), {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'Terms', url: 'https://bank.example/', target: '_blank' } }],
    });
    const hidden = await call<Message>('POST', conversationPath(offered.id, '/messages'), {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'x', url: `${testSite.cards}/x`, target: '_self' } }],
    });
    await rewrite(scene.server, hidden.body.id, '"message_type":"normal"', '"message_type":"private"');
    const foreign = await offer();

    expect(await tap(offered, { button: 1 })).toMatchObject({ ok: false, error: { status: 'NOT_OFFERED' } });
    expect(await tap(offered, { message_id: link.body.id })).toMatchObject({ error: { status: 'NOT_OFFERED' } });
    expect(await tap(offered, { message_id: hidden.body.id })).toMatchObject({ error: { status: 'NOT_OFFERED' } });
    expect(await tap(offered, { message_id: foreign.message.id })).toMatchObject({ error: { code: 404 } });
    expect(await tap(offered, { conversation_id: foreign.id, message_id: foreign.message.id })).toMatchObject({
      error: { status: 'CONVERSATION_NOT_FOUND' },
    });
    expect(await about(offered)).toEqual([]);
  });

  test('finds its button wherever it stands: in a collection, in a card, among the reply parts', async () => {
    const offered = await offer();
    const button = (name: string, target = '_self') => ({
      url_button: { label: name, url: `${testSite.cards}/${name}`, target },
    });
    const card = (...sections: object[]) => ({
      template_content: {
        type: 'carousel_card_default',
        sections: [{ name: 'title', parts: [{ text: { content: 'A card' } }] }, ...sections],
      },
    });
    const view = (name: string, target?: string) => ({ name: 'view', parts: [button(name, target)] });
    const callback = { name: 'callback', parts: [{ callback: { label: 'Select' } }] };
    const { body: message } = await call<Message>('POST', conversationPath(offered.id, '/messages'), {
      actor_type: 'bot',
      message_parts: [{ collection: { sub_parts: [{ text: { content: 'Look' } }, button('in-collection')] } }],
      reply_parts: [
        {
          template_content: {
            type: 'carousel',
            sections: [{ name: 'cards', parts: [card(callback), card(view('tab', '_blank')), card(view('in-card'))] }],
          },
        },
        { collection: { sub_parts: [{ quick_reply_button: { label: 'No' } }, button('in-replies')] } },
        button('last'),
      ],
    });

    const found: unknown[] = [];
    for (const at of [0, 1, 2, 3, 4, 5]) {
      const answer = await tap(offered, { message_id: message.id, button: at });
      found.push(answer.ok ? answer.value.url : answer.error.status);
    }

    expect(found).toEqual([
      `${testSite.cards}/in-collection`,
      'NOT_OFFERED', // It opens a tab.
      `${testSite.cards}/in-card`,
      `${testSite.cards}/in-replies`,
      `${testSite.cards}/last`,
      'NOT_OFFERED',
    ]);
  });

  test('another one closes the one that runs, as replaced', async () => {
    const opened = await open();
    const { body: second } = await postButton(opened.id);

    const answer = await tap(opened, { message_id: second.id });

    expect(answer).toMatchObject({ ok: true });
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_close', 'web_view_open']);
    expect(closings(await about(opened))).toMatchObject([{ reason: 'replaced', submitted: false }]);
  });

  test('twenty times at once from twenty tabs is one view with one owner', async () => {
    const offered = await offer();

    const answers = await Promise.all(Array.from({ length: 20 }, () => tap({ ...offered, owner: newClientId() })));

    expect(new Set(answers.map((answer) => answer.ok && answer.value.web_view_id)).size).toBe(1);
    expect(types(await about(offered))).toEqual(['web_view_open']);
  });

  test('in a resolved conversation is refused, also when it is resolved in that moment', async () => {
    const offered = await offer();
    await call('PUT', conversationPath(offered.id), { status: 'resolved' });
    expect(await tap(offered)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });

    const racing = await offer();
    const before = await getConversation(scene.world, racing.id);
    await call('PUT', conversationPath(racing.id), { status: 'resolved' });
    const late = openWebView(scene.world, before, {
      message_id: racing.message.id,
      button: 0,
      owner: racing.owner,
    });
    await expect(late).rejects.toMatchObject({ code: 'WEB_VIEW_CLOSED' });
    expect(await about(racing)).toEqual([]);
  });
});
