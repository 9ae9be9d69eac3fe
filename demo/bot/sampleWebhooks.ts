/** Bodies of webhooks as Guichet sends them, for the tests. */
let count = 0;
const envelope = (action: string, actorType: string, data: object) => ({
  actor: { actor_type: actorType, actor_id: 'u1' },
  action,
  action_time: '2026-11-22T12:00:00.000Z',
  data,
  conversation_id: 'c1',
  seq: 3,
  event_id: `event-${++count}`,
});

export const said = (text: string, more: Record<string, unknown> = {}) =>
  envelope('message_create', String(more.actor_type ?? 'user'), {
    message: {
      id: `message-${count}`,
      conversation_id: 'c1',
      user_id: 'u1',
      actor_type: 'user',
      actor_id: 'u1',
      message_type: 'normal',
      message_parts: [{ text: { content: text } }],
      reply_parts: [],
      ...more,
    },
  });

export const option = (label: string, payload: string) =>
  said(label, { in_reply_to: { message_id: 'm1', part: { quick_reply_button: { label, payload } } } });

/** A card of a carousel, chosen. */
export const chosenCard = (title: string, payload: string) =>
  said(title, {
    in_reply_to: {
      message_id: 'm1',
      payload,
      part: {
        template_content: {
          type: 'carousel_card_default',
          sections: [
            { name: 'title', parts: [{ text: { content: title } }] },
            { name: 'callback', parts: [{ callback: { label: 'Choose', payload } }] },
          ],
        },
      },
    },
  });

/** What the customer sent with the paper clip; with words, a program sent both. */
export const sent = (part: object, words?: string) =>
  said('', { message_parts: [...(words ? [{ text: { content: words } }] : []), part] });

export const assigned = (toAgentId: string, toGroupId = '') =>
  envelope('conversation_assignment', 'agent', {
    assignment: {
      assignor: 'agent',
      assignor_id: 'a1',
      to_agent_id: toAgentId,
      to_group_id: toGroupId,
      from_agent_id: '',
      from_group_id: '',
      conversation: { conversation_id: 'c1', user_id: 'u1' },
    },
  });

const webView = {
  id: 'w1',
  conversation_id: 'c1',
  user_id: 'u1',
  message_id: 'm1',
  button: 0,
  url: 'http://cards.bank.localhost:4182/confirm',
  origin: 'http://cards.bank.localhost:4182',
};
export const submitted = (result: unknown, source: 'business' | 'page' | undefined, url = webView.url) =>
  envelope('web_view_submit', 'user', {
    web_view: { ...webView, url },
    summary: 'Card ending in 3155 confirmed',
    result,
    source,
  });
export const closed = (reason: string, wasSubmitted = false, url = webView.url) =>
  envelope('web_view_close', 'user', {
    web_view: { ...webView, url },
    reason,
    submitted: wasSubmitted,
    duration_ms: 900,
  });
export const reopened = (by = 'user') =>
  envelope('conversation_reopen', by, {
    reopen: { reopener: by, reopener_id: 'u1', conversation: { conversation_id: 'c1', user_id: 'u1' } },
  });
