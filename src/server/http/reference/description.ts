import type { JsonSchema } from '../schemas';

/** The parts of the OpenAPI description that the page reads. */
export type Description = {
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, { post: Operation }>;
  components: { schemas: Record<string, JsonSchema> };
};
export type Operation = {
  operationId: string;
  summary: string;
  description: string;
  tags?: string[];
  security: { token: string[] }[] | [];
  parameters: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
};
export type Parameter = { name: string; in: string; required: boolean; description?: string; schema: JsonSchema };
export type Media = { schema: JsonSchema; example?: unknown };
export type Door = Operation & { method: string; path: string };

export const doorsOf = (api: Description): Door[] =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
