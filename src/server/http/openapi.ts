import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { ErrorBody, errorTable } from '../../protocol/errors';
import { type RouteName, routes } from '../../protocol/rest';
import { scopes } from '../../protocol/rest/route';
import { WebhookBody, webhookActions } from '../../protocol/webhook';

/** OpenAPI 3.1 of `/v2` and the webhooks, made from the same schemas that the doors parse with. */
export function describeApi(origin: string, version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const name of Object.keys(routes) as RouteName[]) {
    const route = routes[name];
    const path = `/v2${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operation(name) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Guichet conversation API',
      version,
      description:
        'Conversations, messages, web views and webhooks. The shapes are those of Freshchat’s Conversation API v2.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: origin }],
    security: [{ token: [] }],
    tags: [...new Set(Object.values(routes).map(({ path }) => tagOf(path)))].map((name) => ({ name })),
    paths,
    webhooks: Object.fromEntries(
      webhookActions.map((action) => [
        action,
        {
          post: {
            operationId: `on_${action}`,
            summary: `Sent on ${action}`,
            security: [],
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/WebhookBody' } } } },
            responses: {
              '200': { description: 'Taken. Anything else than 2xx is a failure.' },
              '4XX': { description: 'Refused: not retried.' },
            },
          },
        },
      ]),
    ),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: `An API token; scopes: ${scopes.join(', ')}.` },
      },
      schemas: { Error: jsonSchema(ErrorBody, 'output'), WebhookBody: jsonSchema(WebhookBody, 'output') },
    },
  };
}

function operation(name: RouteName): object {
  const route = routes[name];
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, id]) => ({
    name: id,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = 'query' in route ? queryParameters(route.query as GenericSchema) : [];
  const key = { name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 255 } };
  const problem = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  });
  const codes = Object.entries(errorTable);
  const meanings = (status: number) =>
    codes
      .filter(([, [each]]) => each === status)
      .map(([code]) => code)
      .join(', ');
  return {
    operationId: name,
    summary: route.summary,
    description: `Scope: \`${route.scope}\`.`,
    tags: [tagOf(route.path)],
    parameters: [...inPath, ...inQuery, ...(route.method === 'post' ? [key] : [])],
    ...('body' in route
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(route.body as GenericSchema, 'input') } },
          },
        }
      : {}),
    ...('multipart' in route ? { requestBody: { required: true, content: formOf(route.multipart) } } : {}),
    responses: {
      [route.status]: {
        description: 'Done.',
        ...(route.answer ? { content: { 'application/json': { schema: jsonSchema(route.answer, 'output') } } } : {}),
      },
      '400': problem(meanings(400)),
      '401': problem('UNAUTHENTICATED'),
      '403': problem('FORBIDDEN'),
      ...(inPath.length > 0 ? { '404': problem(meanings(404)) } : {}),
      ...(route.method === 'get' ? {} : { '409': problem(meanings(409)) }),
      '429': problem('RATE_LIMITED'),
    },
  };
}

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

const tagOf = (path: string) => path.split('/')[1] as string;

function queryParameters(schema: GenericSchema): object[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
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

/** What a check can't be said in JSON Schema (`check`, `transform`) is left out of the description, not of the parsing. */
function jsonSchema(schema: GenericSchema, typeMode: 'input' | 'output'): object {
  const { $schema: _, ...rest } = toJsonSchema(schema as never, { typeMode, errorMode: 'ignore' }) as Record<
    string,
    unknown
  >;
  return rest;
}
