/**
 * The business's side, as a program of the bank's sees it: `/v2` with a token made by the command line, and the signed
 * webhooks of a subscription of its own.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Message } from '../../src/protocol/message';
import type { MessagePart } from '../../src/protocol/parts';
import type { WebView } from '../../src/protocol/rest/webViews';
import type { WebhookBody } from '../../src/protocol/webhook';
import { commandLine } from '../support/commandLine';
import { fetchLoopback } from '../support/loopback';

export interface Business {
  /** Asks `/v2`; rejects with the error's status when the answer isn't 2xx. */
  api<T>(path: string, init?: { method?: string; body?: unknown }): Promise<T>;
  users(): Promise<{ id: string; reference_id?: string; first_name?: string }[]>;
  conversationsOf(userId: string): Promise<{ id: string }[]>;
  /** Oldest first. */
  messages(conversationId: string): Promise<Message[]>;
  /** Each part of each message, oldest first, as `Chat.lines` gives them. */
  lines(conversationId: string): Promise<string[]>;
  webView(id: string): Promise<WebView>;
  /** Writes to the customer as a bot; gives the message's id. */
  say(conversationId: string, text: string): Promise<string>;
  /** What the webhooks told of a conversation up to now, in their order, each event once. */
  told(conversationId: string): WebhookBody[];
  close(): Promise<void>;
}

const scopes = [
  ...['conversations:read', 'conversations:write', 'messages:read', 'messages:write', 'users:read', 'agents:read'],
  ...['web_views:read', 'web_views:write', 'web_views:results'],
];

/** @param server the chat's origin and its data folder */
export async function openBusiness(server: { origin: string; data: string }): Promise<Business> {
  const heard = new Map<string, WebhookBody>();
  const receiver = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const body = JSON.parse(text) as WebhookBody;
    heard.set(body.event_id, body);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;

  const { token } = await commandLine<{ token: string }>(server.data, [
    ...['token', 'create', '--name', 'Journeys', '--bot'],
    ...scopes.flatMap((scope) => ['--scope', scope]),
  ]);
  const events = ['message_create', 'web_view_open', 'web_view_submit', 'web_view_close'];
  await commandLine(server.data, [
    ...['webhook', 'add', `http://127.0.0.1:${port}/told`],
    ...events.flatMap((name) => ['--event', name]),
  ]);

  const api = async <T>(path: string, init: { method?: string; body?: unknown } = {}): Promise<T> => {
    const answer = await fetchLoopback(`${server.origin}/v2${path}`, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };

  const messages = async (conversationId: string) =>
    (
      await api<{ messages: Message[] }>(`/conversations/${conversationId}/messages?items_per_page=100`)
    ).messages.reverse();

  return {
    api,
    users: async () =>
      (await api<{ users: Awaited<ReturnType<Business['users']>> }>('/users?items_per_page=100')).users,
    conversationsOf: async (userId) =>
      (await api<{ conversations: Awaited<ReturnType<Business['conversationsOf']>> }>(`/users/${userId}/conversations`))
        .conversations,
    messages,
    lines: async (conversationId) =>
      (await messages(conversationId)).flatMap((message) =>
        message.message_parts.map((part) => `${message.actor_type === 'user' ? 'me' : 'them'}: ${wordsOf(part)}`),
      ),
    webView: (id) => api(`/web-views/${id}`),
    async say(conversationId, text) {
      const { id } = await api<{ id: string }>(`/conversations/${conversationId}/messages`, {
        method: 'POST',
        body: { message_parts: [{ text: { content: text } }], message_type: 'normal', actor_type: 'bot' },
      });
      return id;
    },
    told: (conversationId) =>
      [...heard.values()]
        .filter((body) => body.conversation_id === conversationId)
        .sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)),
    async close() {
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
  };
}

function wordsOf(part: MessagePart): string {
  if ('text' in part) return part.text.content;
  if ('file' in part) return part.file.name;
  if ('url_button' in part) return part.url_button.label;
  return '?';
}
