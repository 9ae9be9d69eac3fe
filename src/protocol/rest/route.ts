import * as v from 'valibot';
import { limits } from '../limits';

/** What an API token may be allowed to do. */
export const scopes = [
  'conversations:read',
  'conversations:write',
  'messages:read',
  'messages:write',
  'messages:write_as_user',
  'users:read',
  'users:write',
  'channels:read',
  'channels:write',
  'agents:read',
  'agents:write',
  'groups:read',
  'groups:write',
  'files:write',
  'events:read',
  'sites:read',
  'sites:write',
  'web_views:read',
  'web_views:write',
  'web_views:results',
  'webhooks:manage',
  'tokens:manage',
  'account:read',
] as const;
export const Scope = v.picklist(scopes);
export type Scope = v.InferOutput<typeof Scope>;

export type Route = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in OpenAPI, below `/v2`. */
  path: string;
  scope: Scope;
  summary: string;
  query?: v.GenericSchema;
  /** JSON; a route has this or `multipart`. */
  body?: v.GenericSchema;
  /** The body is `multipart/form-data` with one file in this field; `takes` names its kinds for the description. */
  multipart?: { field: string; takes: string; only?: 'image' };
  /** Status and body of success; `null` has none. */
  status: 200 | 201 | 202 | 204;
  answer: v.GenericSchema | null;
  /** The answer holds a secret: it isn't kept, so an `Idempotency-Key` makes a retry harmless but brings no second look. */
  shownOnce?: true;
  /** It stores nothing and may take its time: it runs in no transaction, and an `Idempotency-Key` is not looked at. */
  storesNothing?: true;
};

/** Absent or, as programs of other makers send what they don't set, `null`. */
export const maybe = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(
    v.optional(v.nullable(schema)),
    v.transform((given): v.InferOutput<S> | undefined => given ?? undefined),
  );

/** An id, or none: `null`, `""` and, as one workflow tool writes it, `" "`. Absent says nothing. */
export const idOrNone = v.optional(
  v.pipe(
    v.nullable(v.pipe(v.string(), v.maxLength(128))),
    v.transform((given) => given?.trim() || null),
  ),
);

export const text = (most: number) => v.pipe(v.string(), v.maxLength(most));

export const Href = v.object({ href: v.string(), rel: v.string(), type: v.string() });
export const paged = {
  pagination: v.object({
    total_items: v.number(),
    total_pages: v.number(),
    current_page: v.number(),
    items_per_page: v.number(),
  }),
  links: v.object({
    first_page: v.optional(Href),
    last_page: v.optional(Href),
    next_page: v.optional(Href),
    previous_page: v.optional(Href),
  }),
};

/** Of a query, where everything is text; more than `most` counts as `most`. */
export const wholeNumber = (least: number, most: number, fallback: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,9}$/, 'a whole number'),
      v.transform(Number),
      v.minValue(least),
      v.transform((n) => Math.min(n, most)),
    ),
    String(fallback),
  );
/** A moment of a query: ISO 8601. Comes out as milliseconds since 1970. */
export const moment = v.optional(
  v.pipe(
    v.string(),
    v.check((t) => !Number.isNaN(Date.parse(t)), 'an ISO 8601 time'),
    v.transform((t) => Date.parse(t)),
  ),
);
export const Page = v.object({
  page: wholeNumber(1, 1_000_000, 1),
  items_per_page: wholeNumber(1, limits.pageSizeMax, limits.pageSize),
});
export const Empty = v.object({});
/** How long the old secret is good beside the new one; 0 ends it at once. */
export const Rotation = v.object({
  overlap_seconds: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.rotationOverlapMax)),
    limits.rotationOverlap,
  ),
});
