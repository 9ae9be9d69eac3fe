import type { GenericSchema } from 'valibot';
import { ErrorBody, errorTable } from '../../protocol/errors';
import { type RouteName, routes } from '../../protocol/rest';
import type { Route } from '../../protocol/rest/route';
import { payloadVersion, type WebhookAction, WebhookBody, webhookActions } from '../../protocol/webhook';
import { bodyExample, exampleOf, webhookExamples } from './examples';
import { describeSchemas, type JsonSchema } from './schemas';

/** What stands together in the description, in the order in which one reads it. */
const topics: Record<string, string> = {
  conversations:
    'Conversations and their messages. A bot, an agent, the system or (with a scope of its own) the user speaks.',
  users: 'Customers, as a CRM keeps them.',
  agents: 'People and bots that answer.',
  groups: 'Groups of agents that a conversation can be assigned to.',
  channels: 'Channels (topics) that conversations belong to, and what they say first.',
  images: 'Pictures to put into messages.',
  files: 'Files to put into messages.',
  'web-views': 'Pages of the business that open inside the chat.',
  webhooks: 'Subscriptions: who is told of what, and how that went.',
  deliveries: 'What was told to a webhook: body, attempts, replay.',
  events: 'Everything that happens, by a cursor: for programs that pull.',
  sites: 'Sites that carry the widget, and their settings.',
  tokens: 'API tokens and what they may do.',
  accounts: 'This installation.',
};

/** OpenAPI 3.1 of `/v2` and the webhooks, made from the same schemas that the doors parse with. */
export function describeApi(origin: string, version: string): object {
  const wanted: Parameters<typeof describeSchemas>[0] = new Map();
  const want = (key: string, schema: unknown, mode: 'input' | 'output') => {
    if (schema) wanted.set(key, { schema: schema as GenericSchema, mode });
  };
  const names = Object.keys(routes) as RouteName[];
  for (const name of names) {
    const route: Route = routes[name];
    want(`${name} body`, route.body, 'input');
    want(`${name} query`, route.query, 'input');
    want(`${name} answer`, route.answer, 'output');
  }
  want('error', ErrorBody, 'output');
  want('webhook', WebhookBody, 'output');
  const { schemas, components } = describeSchemas(wanted);

  const paths: Record<string, Record<string, object>> = {};
  for (const name of names) {
    const path = `/v2${routes[name].path}`;
    paths[path] = { ...paths[path], [routes[name].method]: operation(name, schemas, components) };
  }
  const used = new Set(names.map((name) => tagOf(routes[name].path)));
  const ordered = [...new Set([...Object.keys(topics), ...used])].filter((tag) => used.has(tag));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Guichet conversation API',
      version,
      description:
        'Conversations, messages, web views and webhooks. The shapes are those of Freshchat’s Conversation API v2; what is ours is added to them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: origin }],
    security: [{ token: [] }],
    tags: ordered.map((name) => ({ name, ...(topics[name] ? { description: topics[name] } : {}) })),
    paths,
    webhooks: Object.fromEntries(webhookActions.map((action) => [action, { post: webhook(action) }])),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API token (`guichet token create`). What it may do are its scopes: each operation names the one that it asks for, and lists it under `security`.',
        },
      },
      schemas: components,
    },
  };
}

function operation(name: RouteName, schemas: Map<string, JsonSchema>, components: Record<string, JsonSchema>): object {
  const route: Route = routes[name];
  const body = schemas.get(`${name} body`);
  const answer = schemas.get(`${name} answer`);
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, id = '']) => ({
    name: id,
    in: 'path',
    required: true,
    description: `Id of the ${id.replace(/_id$/, '').replaceAll('_', ' ')}.`,
    schema: { type: 'string' },
  }));
  const keys = route.method === 'post' && !route.storesNothing ? [idempotencyKey] : [];
  return {
    operationId: name,
    summary: route.summary,
    description: descriptionOf(route),
    tags: [tagOf(route.path)],
    // A bearer scheme has no scopes of its own in OpenAPI, but since 3.1 it may list what it asks for.
    security: [{ token: [route.scope] }],
    parameters: [...inPath, ...queryParameters(schemas.get(`${name} query`)), ...keys],
    ...(body ? { requestBody: jsonBody(body, bodyExample(name, body, components)) } : {}),
    ...(route.multipart ? { requestBody: { required: true, content: formOf(route.multipart) } } : {}),
    responses: {
      [route.status]: {
        description: 'Done.',
        ...(answer
          ? {
              headers: limitHeaders,
              content: { 'application/json': { schema: answer, example: exampleOf(answer, components) } },
            }
          : { headers: limitHeaders }),
      },
      ...problems(route, inPath.length > 0),
    },
  };
}

const descriptionOf = (route: Route) =>
  [
    `Scope: \`${route.scope}\`.`,
    ...(route.shownOnce ? ['The secret in the answer is shown this once.'] : []),
    ...(route.storesNothing ? ['Nothing is stored.'] : []),
  ].join(' ');

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes a retry harmless: the same key again gives the same answer for a day, and does nothing twice.',
  schema: { type: 'string', maxLength: 255 },
};
const count = (description: string) => ({ description, schema: { type: 'integer' } });
const limitHeaders = {
  'X-RateLimit-Limit': count('Requests a minute that this token has.'),
  'X-RateLimit-Remaining': count('How many of them are left.'),
  'X-RateLimit-Reset': count('When they are whole again, in seconds since 1970.'),
};

const jsonBody = (schema: JsonSchema, example: unknown) => ({
  required: Array.isArray(schema.required) ? schema.required.length > 0 : '$ref' in schema,
  content: { 'application/json': { schema, example } },
});

/** Refusals by status, each with the codes that it may have. */
function problems(route: Route, hasId: boolean): Record<string, object> {
  const codes = Object.entries(errorTable);
  const answer = (status: number, named?: string, headers?: object) => ({
    description: named ?? codes.flatMap(([code, [each]]) => (each === status ? [code] : [])).join(', '),
    ...(headers ? { headers } : {}),
    content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } },
  });
  const hasBody = Boolean(route.body ?? route.multipart);
  return {
    '400': answer(400),
    '401': answer(401, 'UNAUTHENTICATED'),
    '403': answer(403, 'FORBIDDEN'),
    ...(hasId || hasBody ? { '404': answer(404) } : {}),
    ...(route.method === 'get' ? {} : { '409': answer(409) }),
    ...(hasBody ? { '413': answer(413), '415': answer(415) } : {}),
    '429': answer(429, 'RATE_LIMITED', { 'Retry-After': count('Seconds to wait.') }),
    ...(route.multipart ? { '501': answer(501) } : {}),
  };
}

const text = (description: string) => ({ description, schema: { type: 'string' } });
const header = (name: string, about: string) => ({ name, in: 'header', required: true, ...text(about) });

const webhook = (action: WebhookAction): object => ({
  operationId: `on_${action}`,
  summary: `Sent on ${action}`,
  description:
    'At least once, and in order for each conversation. Check one of the two signatures over the raw bytes of the body.',
  security: [],
  parameters: [
    header('webhook-id', 'The same at each attempt: drop duplicates by it.'),
    header('webhook-timestamp', 'Seconds since 1970.'),
    header('webhook-signature', 'Standard Webhooks: HMAC-SHA256 by the secret; several while that is rotated.'),
    header('X-Freshchat-Signature', 'Base64 of RSA PKCS#1 v1.5 over SHA-256; the key is at `/v2/webhooks/public-key`.'),
    header('X-Freshchat-Payload-Version', `\`${payloadVersion}\``),
    header('X-Retry-Count', 'Attempts before this one.'),
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/WebhookBody' }, example: webhookExamples[action] },
    },
  },
  responses: {
    '2XX': { description: 'Taken.' },
    '4XX': { description: 'Refused: not retried, but for 408 and 429. 410 switches the webhook off.' },
    '5XX': { description: 'Retried; what follows in the conversation waits.' },
  },
});

/** A file in a form: the bytes as they are, whatever their type. */
const formOf = ({ field, takes }: { field: string; takes: string }) => ({
  'multipart/form-data': {
    schema: {
      type: 'object',
      properties: { [field]: { type: 'string', contentMediaType: 'application/octet-stream' } },
      required: [field],
    },
    encoding: { [field]: { contentType: takes } },
  },
});

export const tagOf = (path: string) => path.split('/')[1] as string;

function queryParameters(schema: JsonSchema | undefined): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, each]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: each,
  }));
}
