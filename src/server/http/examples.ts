import type { ErrorBody } from '../../protocol/errors';
import type { Message } from '../../protocol/message';
import type { RouteName } from '../../protocol/rest';
import type { AccountEvent } from '../../protocol/rest/events';
import type { Agent } from '../../protocol/rest/people';
import type { Site } from '../../protocol/rest/sites';
import type { User } from '../../protocol/rest/users';
import type { Delivery } from '../../protocol/rest/webhooks';
import type { WebView } from '../../protocol/rest/webViews';
import { defaultActions, type WebhookAction, type WebhookBody } from '../../protocol/webhook';
import type { JsonSchema } from './schemas';

/** Ids of one story: Ana asks her bank's bot for a statement. Tests put real ones in their place. */
export const exampleIds = {
  app: '0199a1c0-1b00-7000-8000-0000000000a1',
  channel: '0199a1c0-1b00-7000-8000-0000000000c1',
  user: '0199a1c4-52e0-7000-8000-00000000001a',
  agent: '0199a1c0-4d10-7000-8000-0000000000b0',
  group: '0199a1c0-4d10-7000-8000-0000000000b9',
  conversation: '0199a1c5-0a40-7000-8000-00000000002b',
  message: '0199a1c5-7f01-7000-8000-00000000003c',
  web_view: '0199a1c6-1300-7000-8000-00000000004d',
  webhook: '0199a1c0-9c00-7000-8000-00000000005e',
  delivery: '0199a1c5-7f02-7000-8000-00000000006f',
  event: '0199a1c5-7f01-7000-8000-000000000070',
  token: '0199a1c0-4d00-7000-8000-000000000081',
  file: '0199a1c7-2a00-7000-8000-000000000092',
  code: 'gwc_3yQ9pVtB7nKsRfXwZ2LmHc',
} as const;
const ids = exampleIds;
const time = (minutes: string) => `2026-01-15T09:${minutes}.000Z`;

const message: Message = {
  id: ids.message,
  app_id: ids.app,
  channel_id: ids.channel,
  conversation_id: ids.conversation,
  interaction_id: ids.conversation,
  user_id: ids.user,
  actor_type: 'user',
  actor_id: ids.user,
  message_type: 'normal',
  message_source: 'web',
  created_time: time('41:07'),
  message_parts: [{ text: { content: 'Account statement' } }],
  reply_parts: [],
  in_reply_to: {
    message_id: '0199a1c5-0a41-7000-8000-00000000003b',
    part: { quick_reply_button: { label: 'Account statement', payload: 'statement' } },
    payload: 'statement',
  },
  seq: 4,
};
const webhookConversation = {
  conversation_id: ids.conversation,
  app_id: ids.app,
  status: 'assigned' as const,
  channel_id: ids.channel,
  user_id: ids.user,
  assigned_agent_id: ids.agent,
};
const reference = {
  id: ids.web_view,
  message_id: ids.message,
  button: 0,
  url: 'https://cards.bank.example/confirm',
  origin: 'https://cards.bank.example',
  title: 'Confirm card',
};
const agent: Agent = {
  id: ids.agent,
  created_time: time('00:00'),
  first_name: 'Freddy',
  last_name: '',
  email: '',
  groups: [],
  is_deactivated: false,
  availability_status: 'AVAILABLE',
  agent_status: { id: 'available', name: 'Available' },
  routing_type: 'DISABLED',
  locale: 'en',
  timezone: 'UTC',
  actor_type: 'bot',
};
const delivery: Delivery = {
  id: ids.delivery,
  webhook_id: ids.webhook,
  event_id: ids.event,
  action: 'message_create',
  conversation_id: ids.conversation,
  state: 'dead',
  attempts: 1,
  last_status: 400,
  created_time: time('41:07'),
  done_time: time('41:08'),
};
const viewOf = { ...reference, conversation_id: ids.conversation, user_id: ids.user };
const head = (action: WebhookAction): Omit<WebhookBody, 'data'> => ({
  actor: { actor_type: 'user', actor_id: ids.user },
  action,
  action_time: time('41:07'),
  conversation_id: ids.conversation,
  seq: 4,
  event_id: ids.event,
  previous_event_id: '0199a1c5-0a42-7000-8000-000000000069',
});
const byBot = { actor: { actor_type: 'bot' as const, actor_id: ids.agent } };

/** A webhook's body, by what it tells of. */
export const webhookExamples: { [A in WebhookAction]: WebhookBody } = {
  message_create: { ...head('message_create'), data: { message } },
  conversation_create: {
    ...head('conversation_create'),
    data: { conversation: { ...webhookConversation, status: 'new' } },
  },
  conversation_assignment: {
    ...head('conversation_assignment'),
    ...byBot,
    data: {
      assignment: {
        assignor: 'bot',
        assignor_id: ids.agent,
        to_agent_id: ids.agent,
        to_group_id: '',
        from_agent_id: '',
        from_group_id: '',
        conversation: webhookConversation,
        interaction_id: ids.conversation,
      },
    },
  },
  conversation_resolution: {
    ...head('conversation_resolution'),
    ...byBot,
    data: {
      resolve: {
        resolver: 'bot',
        resolver_id: ids.agent,
        conversation: { ...webhookConversation, status: 'resolved' },
        interaction_id: ids.conversation,
        user: { id: ids.user },
      },
    },
  },
  conversation_reopen: {
    ...head('conversation_reopen'),
    data: {
      reopen: {
        reopener: 'user',
        reopener_id: ids.user,
        conversation: { ...webhookConversation, status: 'reopened' },
        interaction_id: ids.conversation,
        users: [{ id: ids.user }],
      },
    },
  },
  message_read: { ...head('message_read'), data: { read: { up_to: 4, conversation: webhookConversation } } },
  web_view_open: { ...head('web_view_open'), data: { web_view: viewOf, resumed: false } },
  web_view_submit: {
    ...head('web_view_submit'),
    data: { web_view: viewOf, summary: 'Card confirmed', source: 'page', result: { confirmed: true } },
  },
  web_view_close: {
    ...head('web_view_close'),
    data: { web_view: viewOf, reason: 'submitted', submitted: true, duration_ms: 41_250 },
  },
  user_update: {
    actor: byBot.actor,
    action: 'user_update',
    action_time: time('41:07'),
    data: { user: { id: ids.user, first_name: 'Ana', email: 'ana@mail.example' } },
    event_id: ids.event,
  },
};

const user: User = {
  id: ids.user,
  email: 'ana@mail.example',
  first_name: 'Ana',
  last_name: 'Grün',
  reference_id: 'customer-4711',
  properties: [{ name: 'plan', value: 'gold' }],
  created_time: time('38:00'),
  updated_time: time('40:12'),
  vouched: true,
};
const event: AccountEvent = {
  id: ids.event,
  conversation_id: ids.conversation,
  seq: 4,
  time: time('41:07'),
  actor: { actor_type: 'user', actor_id: ids.user },
  type: 'message_create',
  data: { message },
  conversation: {
    id: ids.conversation,
    status: 'assigned',
    channel_id: ids.channel,
    user_id: ids.user,
    assigned_agent_id: ids.agent,
    updated_time: time('41:07'),
  },
};
const webView: WebView = {
  ...reference,
  conversation_id: ids.conversation,
  user_id: ids.user,
  size: 'tall',
  mount: 'widget',
  strict: false,
  permissions: [],
  data: { purpose: 'statement' },
  state: 'closed',
  opened_time: time('42:00'),
  expires_time: time('57:00'),
  closed_time: time('42:41'),
  reason: 'submitted',
  submitted: true,
  summary: 'Card confirmed',
  source: 'page',
};
const site: Site = {
  id: 'ag-bank',
  name: 'AG Bank',
  channel_id: ids.channel,
  hosts: ['https://bank.example'],
  web_view_origins: ['https://cards.bank.example'],
  allow_host_origin: false,
  allow_host_mount: false,
  web_view_permissions: [],
  config: { brand_color: '#0f6b5c' },
  identity_kids: ['k1'],
};
const error: ErrorBody = {
  code: 400,
  status: 'INVALID_VALUE',
  message: 'body: message_parts[0].text.content should be text that is not blank, got ""',
  details: [{ path: 'message_parts[0].text.content', expected: 'text that is not blank', received: '""' }],
};

/** By the name of the component; where that is spread into an answer, its fields are looked up here too. */
const components: Record<string, unknown> = {
  Message: message,
  User: user,
  Agent: agent,
  Delivery: delivery,
  DeliveryDetail: {
    ...delivery,
    body: webhookExamples.message_create,
    history: [{ attempt: 1, time: time('41:08'), status: 400, duration_ms: 38 }],
  },
  WebhookBody: webhookExamples.message_create,
  AccountEvent: event,
  Event: (({ conversation: _, ...rest }) => rest)(event),
  WebView: webView,
  Site: site,
  ErrorBody: error,
  WebhookTest: { delivered: true, status: 200, duration_ms: 41, delivery_id: ids.delivery },
};

/** Bodies that are worth more than one made from the schema. */
const bodies: Partial<Record<RouteName, unknown>> = {
  createConversation: {
    users: [{ id: ids.user }],
    messages: [{ actor_type: 'bot', message_parts: [{ text: { content: 'Your new card is on its way.' } }] }],
    properties: { order: 'card-221' },
  },
  updateConversation: { status: 'assigned', assigned_agent_id: ids.agent },
  postMessage: {
    actor_type: 'bot',
    message_parts: [{ text: { content: 'How can I help?' } }],
    reply_parts: [
      {
        collection: {
          sub_parts: [
            { quick_reply_button: { label: 'Account statement', payload: 'statement' } },
            { quick_reply_button: { label: 'Block a card', payload: 'block' } },
          ],
        },
      },
    ],
  },
  setTyping: { on: true },
  markRead: { up_to: 4 },
  createUser: {
    email: 'ana@mail.example',
    first_name: 'Ana',
    reference_id: 'customer-4711',
    properties: [{ name: 'plan', value: 'gold' }],
  },
  updateUser: { phone: '+1 555 0100', properties: [{ name: 'plan', value: 'gold' }] },
  fetchUsers: { ids: [ids.user] },
  createAgent: { first_name: 'Grace', last_name: 'Hopper', email: 'grace@bank.example', actor_type: 'agent' },
  updateAgent: { availability_status: 'UNAVAILABLE' },
  createGroup: { name: 'Cards', description: 'All about cards', agents: [ids.agent] },
  updateGroup: { agents: [ids.agent] },
  updateChannel: {
    welcome_message: {
      message_parts: [{ text: { content: 'Good morning. How can we help?' } }],
      reply_parts: [{ quick_reply_button: { label: 'Account statement', payload: 'statement' } }],
    },
  },
  createSite: {
    id: 'ag-savings',
    name: 'AG Savings',
    hosts: ['https://savings.example'],
    web_view_origins: ['https://cards.savings.example'],
    config: { brand_color: '#0f6b5c' },
  },
  updateSite: { config: { greeting: 'Good morning', subtitle: null } },
  checkWebView: { url: 'https://cards.bank.example/confirm', site: 'ag-bank' },
  exchangeWebViewCode: { code: ids.code },
  updateWebView: { title: 'Step 2 of 2', data: { step: 2 } },
  submitWebView: { result: { confirmed: true }, summary: 'Card confirmed' },
  closeWebView: {},
  createWebhook: { url: 'https://bot.example/webhook', events: [...defaultActions] },
  updateWebhook: { enabled: true },
  rotateWebhookSecret: { overlap_seconds: 86_400 },
  listenWebhooks: { after: 'latest', events: ['message_create'], wait: 0 },
  replayDeliveries: { from: '2026-01-15T00:00:00Z', to: '2026-01-16T00:00:00Z', state: 'dead' },
  createToken: { name: 'Freddy', scopes: ['messages:read', 'messages:write'], actor: 'bot' },
  rotateToken: { overlap_seconds: 86_400 },
};

/** An example of a request's body: one by hand, else what the schema asks for at least. */
export const bodyExample = (name: RouteName, schema: JsonSchema, all: Record<string, JsonSchema>): unknown =>
  bodies[name] ?? exampleOf(schema, all, { required: true });

/** Values by a field's name. */
const fields: Record<string, unknown> = {
  ...Object.fromEntries(Object.entries(ids).map(([name, id]) => [`${name}_id`, id])),
  ...{ id: ids.conversation, org_contact_id: 'crm-4711', organisation_id: ids.app, assigned_agent_id: ids.agent },
  ...{
    assigned_group_id: ids.group,
    assign_to_group: ids.group,
    site_id: 'ag-bank',
    conversation_id: ids.conversation,
  },
  ...{
    name: 'Freddy',
    description: 'All about cards',
    email: 'ana@mail.example',
    first_name: 'Ana',
    last_name: 'Grün',
  },
  ...{ token: 'gct_…shown once', secret: 'whsec_…shown once', hint: 'gct_Ab12…wXyZ', kid: 'k1' },
  ...{ public_key: '-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n', cursor: '2s-Zk3v9QxW1a' },
  ...{ href: '/v2/…?page=2&items_per_page=50', rel: 'next_page', type: 'GET', path: 'users[0].id' },
  ...{ url: 'https://bot.example/webhook', icon: { url: 'https://bank.example/icon.png' }, locale: 'en' },
  ...{ content_type: 'image/png', width: 640, height: 400, duration_ms: 41, seq: 4, total_items: 2, total_pages: 1 },
  ...{ current_page: 1, items_per_page: 50, tags: ['web'], properties: { order: 'card-221' }, attempts: 1 },
  ...{
    file_name: 'statement.pdf',
    file_size: 84_210,
    file_content_type: 'application/pdf',
    file_extension_type: 'pdf',
  },
  ...{
    file_hash: ids.file,
    headers: { 'webhook-id': ids.event, 'x-retry-count': '0' },
    body: '{"action":"message_create",…}',
  },
  ...{ events: undefined, label: 'Subject', replayed: 12, waiting: 0, dead: 1, up_to: 4 },
};

/**
 * Makes up a value of a schema: of a component that is known by heart that one, else by the names of fields.
 *
 * @param how.required leave out what may be left out
 */
export function exampleOf(
  schema: JsonSchema,
  all: Record<string, JsonSchema>,
  how: { required?: boolean; field?: string | undefined } = {},
): unknown {
  const {
    $ref,
    type,
    properties,
    items,
    allOf,
    anyOf,
    oneOf,
    enum: choices,
  } = schema as {
    $ref?: string;
    type?: string;
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    allOf?: JsonSchema[];
    anyOf?: JsonSchema[];
    oneOf?: JsonSchema[];
    enum?: unknown[];
  };
  if ($ref) {
    const name = $ref.split('/').at(-1) as string;
    return components[name] ?? exampleOf(all[name] as JsonSchema, all, { ...how });
  }
  if ('const' in schema) return schema.const;
  const byName = how.field === undefined ? undefined : fields[how.field];
  if (choices) return choices.includes(byName) ? byName : choices[0];
  if (allOf) return Object.assign({}, ...allOf.map((each) => exampleOf(each, all, how)));
  const branch = (anyOf ?? oneOf)?.[0];
  if (branch) return exampleOf(branch, all, how);
  if (properties) {
    const required = new Set(schema.required as string[] | undefined);
    const entries = Object.entries(properties).filter(([name]) => required.has(name) || !how.required);
    return Object.fromEntries(entries.map(([name, each]) => [name, exampleOf(each, all, { ...how, field: name })]));
  }
  if (type === 'array') {
    if (Array.isArray(byName)) return byName;
    return items ? [exampleOf(items, all, { ...how, field: singular(how.field) })] : [];
  }
  if (type === 'object') return typeof byName === 'object' && byName !== null ? byName : {};
  if (type === 'boolean') return true;
  if (type === 'number' || type === 'integer')
    return typeof byName === 'number' ? byName : ((schema.minimum as number) ?? 1);
  if (type === 'string') {
    if (how.field?.endsWith('_time') || how.field === 'time' || how.field === 'continue_from') return time('41:07');
    if (how.field === 'from') return '2026-01-15T00:00:00Z';
    return typeof byName === 'string' ? byName : 'text';
  }
  return {};
}

const singular = (name: string | undefined) => name?.replace(/s$/, '_id');
