import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buttonKey, empty, fold } from '../../client/conversation';
import { readEvents } from '../../client/events';
import { prepend } from '../../client/olderPages';
import type { Message } from '../../protocol/message';
import { stepFrom, stepTo, type ViewPhase, type ViewStep } from '../../protocol/viewLife';
import { conversationPath, customerLog, newClientId, testSite } from '../testServer';
import { webViewScene } from './webViewScene';

const scene = webViewScene();
const { call, later } = scene;

/** A conversation with two buttons, one of which may be submitted again, and two tabs of one customer. */
async function start() {
  const made = await scene.server.conversation();
  const { body: message } = await call<Message>('POST', conversationPath(made.id, '/messages'), {
    actor_type: 'bot',
    message_parts: [true, false].map((once) => ({
      url_button: {
        label: 'Confirm',
        url: `${testSite.cards}/confirm`,
        target: '_self',
        web_view: { once, expires_in: 300 },
      },
    })),
  });
  const tabs = [newClientId(), newClientId()];
  /** The newest view of the conversation, as whoever opened it knows it. */
  let id = 'none';
  const { customer } = made;
  const mine = (tab: number) => ({ web_view_id: id, owner: tabs[tab] ?? '' });
  return {
    ...made,
    message,
    can: {
      async open(tab: number, button: number) {
        const place = { conversation_id: made.id, message_id: message.id, button };
        const answer = await customer.ask('web_view_open', { ...place, owner: tabs[tab] ?? '' });
        if (answer.ok) id = answer.value.web_view_id;
      },
      pause: (tab: number) => customer.ask('web_view_pause', mine(tab)),
      save: (tab: number) => customer.ask('web_view_save', { ...mine(tab), state: 1 }),
      submit: (tab: number) =>
        customer.ask('web_view_submit', { ...mine(tab), idempotency_key: newClientId(), result: {} }),
      close: (tab: number) => customer.ask('web_view_close', { ...mine(tab), reason: tab ? 'page' : 'customer' }),
      businessSubmit: () => call('POST', `/v2/web-views/${id}/submit`, { result: {} }),
      businessClose: () => call('POST', `/v2/web-views/${id}/close`, {}),
      update: () => call('PATCH', `/v2/web-views/${id}`, { title: 'Another title' }),
      resolve: () => call('PUT', conversationPath(made.id), { status: 'resolved' }),
      write: () =>
        customer.ask('send', { client_id: newClientId(), conversation_id: made.id, content: { text: 'Hi' } }),
      wait: later,
    },
  };
}
type Can = Awaited<ReturnType<typeof start>>['can'];

const tab = fc.nat(1);
const deed: fc.Arbitrary<[string, (can: Can) => Promise<unknown>]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(tab, tab).map(([by, of]) => [`open ${by} ${of}`, (can: Can) => can.open(by, of)] as const),
  },
  ...(['pause', 'save', 'submit', 'close'] as const).map((name) => ({
    weight: 2,
    arbitrary: tab.map((by) => [`${name} ${by}`, (can: Can) => can[name](by)] as const),
  })),
  ...(['businessSubmit', 'businessClose', 'update', 'resolve', 'write'] as const).map((name) =>
    fc.constant([name, (can: Can) => can[name]()] as const),
  ),
  fc.constantFrom(65, 301).map((seconds) => [`wait ${seconds}`, (can: Can) => can.wait(seconds)] as const),
) as never;

test('whatever is done to web views, and in whatever pieces the log comes, the client stands where the server stands', async () => {
  const taken = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(deed, { minLength: 3, maxLength: 14 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (deeds, cut) => {
        scene.ahead = 0;
        const { id, token, message, can } = await start();

        for (const [, act] of deeds) await act(can);

        const log = readEvents(await customerLog(scene.server, token, id));
        const phases = new Map<string, ViewPhase>();
        for (const { type, data } of log) {
          if (!('web_view' in data) || !(type in stepFrom)) continue;
          const before = phases.get(data.web_view.id) ?? 'offered';
          expect(stepFrom[type as ViewStep], type).toContain(before);
          phases.set(data.web_view.id, stepTo[type as ViewStep] ?? before);
          taken.add(`${before} ${type}`);
        }
        const rows = await scene.world.store.db
          .selectFrom('web_views')
          .selectAll()
          .where('conversation_id', '=', id)
          .execute();
        expect(Object.fromEntries(phases)).toEqual(Object.fromEntries(rows.map((row) => [row.id, row.state])));

        const whole = fold(empty(id), log).conversation;
        const at = Math.floor(cut * log.length);
        const newest = { ...empty(id), first: at + 1, last: at };
        const pieces = prepend(fold(newest, log.slice(at)).conversation, log.slice(0, at));
        expect(pieces.views).toEqual(whole.views);
        for (const button of [0, 1]) {
          const last = rows
            .filter((row) => row.button === button)
            .sort((a, b) => a.opened - b.opened || (a.id < b.id ? -1 : 1))
            .at(-1);
          expect(whole.views[buttonKey(message.id, button)]).toEqual(
            last && {
              id: last.id,
              seq: expect.any(Number),
              phase: last.state,
              submitted: last.state === 'closed' ? last.submitted === 1 : undefined,
              reason: last.reason ?? undefined,
            },
          );
        }
      },
    ),
    { numRuns: 60, seed: 4 },
  );

  // Each step that there is was taken.
  expect([...taken].sort()).toEqual(
    Object.entries(stepFrom)
      .flatMap(([type, from]) => from.map((phase) => `${phase} ${type}`))
      .sort(),
  );
}, 120_000);
