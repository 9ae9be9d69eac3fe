import type { Actor } from '../../protocol/event';
import type { ClientAnswers, ClientMessages } from '../../protocol/live';
import type { CustomerSession } from '../access/sessions';
import { cursorsOf, getOwnConversation } from '../conversations/conversations';
import { read, send } from '../conversations/customer';
import { makeCode } from '../conversations/webViewCodes';
import { closeWebView, pauseIf } from '../conversations/webViewLife';
import { openWebView } from '../conversations/webViewOpening';
import { saveState } from '../conversations/webViewStates';
import { submit } from '../conversations/webViewSubmit';
import { beat, ownedBy, type WebViewRow } from '../conversations/webViews';
import { ownEvents } from '../http/widget';
import type { World } from '../world';

type CustomerHandlers = {
  [K in keyof ClientMessages]: (session: CustomerSession, message: ClientMessages[K]) => Promise<ClientAnswers[K]>;
};

/** What a customer's socket can ask; each is parsed already. */
export function customerHandlers(world: World): CustomerHandlers {
  const actor = (session: CustomerSession): Actor => ({ actor_type: 'user', actor_id: session.userId });
  const owned = (session: CustomerSession, message: { web_view_id: string; owner: string }) =>
    ownedBy(world, session.userId, message.web_view_id, message.owner);
  /** Asked and done in one: nobody takes the view over in between. */
  const asOwner = <T>(
    session: CustomerSession,
    message: { web_view_id: string; owner: string },
    act: (view: WebViewRow) => Promise<T>,
  ) => world.store.transaction(async () => act(await owned(session, message)));
  return {
    send: (session, message) => send(world, session, message),
    read: (session, message) => read(world, session, message),
    async typing(session, message) {
      const { id } = await getOwnConversation(world, session.userId, message.conversation_id);
      world.hub.publish({ type: 'customer_typing', conversationId: id, on: message.on });
      return {};
    },
    head: async (session) => ({ cursors: await cursorsOf(world, session.userId) }),
    events: (session, message) =>
      ownEvents(world, session, { ...message, limit: Math.min(Math.max(1, message.limit ?? 200), 500) }),
    async web_view_open(session, message) {
      const conversation = await getOwnConversation(world, session.userId, message.conversation_id);
      return openWebView(world, conversation, message);
    },
    web_view_code: (session, message) =>
      asOwner(session, message, async (view) => ({ code: await makeCode(world, view) })),
    async web_view_beat(session, message) {
      await asOwner(session, message, (view) => beat(world, view));
      return {};
    },
    async web_view_pause(session, message) {
      await asOwner(session, message, ({ id }) => pauseIf(world, id, () => true));
      return {};
    },
    async web_view_save(session, message) {
      await saveState(world, session.userId, message);
      return {};
    },
    async web_view_submit(session, message) {
      const { result, summary, idempotency_key: key } = message;
      await world.store.transaction(async () => {
        const { id } = await owned(session, message).catch(async (error) => {
          // A retry of a submit that went through finds the view closed; `submit` knows its key.
          if (error?.code !== 'WEB_VIEW_CLOSED') throw error;
          return { id: message.web_view_id };
        });
        await submit(world, id, { result, summary, source: 'page', actor: actor(session), key: `page:${key}` });
      });
      return {};
    },
    async web_view_close(session, message) {
      await asOwner(session, message, ({ id }) => closeWebView(world, id, message.reason, actor(session))).catch(
        (error) => {
          if (error?.code !== 'WEB_VIEW_CLOSED') throw error; // The first reason holds; closing twice is no fault.
        },
      );
      return {};
    },
  };
}
