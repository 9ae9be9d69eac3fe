import { toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import * as errors from '../../protocol/errors';
import * as event from '../../protocol/event';
import * as message from '../../protocol/message';
import * as parts from '../../protocol/parts';
import * as channels from '../../protocol/rest/channels';
import * as conversations from '../../protocol/rest/conversations';
import * as events from '../../protocol/rest/events';
import * as files from '../../protocol/rest/files';
import * as people from '../../protocol/rest/people';
import * as sites from '../../protocol/rest/sites';
import * as tokens from '../../protocol/rest/tokens';
import * as users from '../../protocol/rest/users';
import * as webhooks from '../../protocol/rest/webhooks';
import * as webViews from '../../protocol/rest/webViews';
import * as webhook from '../../protocol/webhook';
import { readComments } from './comments';

export type JsonSchema = Record<string, unknown>;
/** Two faces of a schema: what may be sent, and what comes. */
type Mode = 'input' | 'output';

/** What the protocol's files export is known by that name in the description. */
const modules = [
  parts,
  message,
  event,
  errors,
  webhook,
  conversations,
  users,
  people,
  channels,
  events,
  files,
  sites,
  webViews,
  webhooks,
  tokens,
];
const shapes = new Set(['object', 'strict_object', 'loose_object', 'union', 'variant', 'intersect']);

function namedSchemas(): Map<string, GenericSchema> {
  const named = new Map<string, GenericSchema>();
  for (const module of modules)
    for (const [name, value] of Object.entries(module) as [string, { kind?: string; type?: string }][])
      if (value?.kind === 'schema' && shapes.has(value.type ?? '')) named.set(name, value as GenericSchema);
  return named;
}

/**
 * JSON Schemas of what goes over the wire, with what the protocol names as `#/components/schemas/…`. What a check can't be said
 * in JSON Schema (`check`, `transform`) is left out of the description, not of the parsing.
 *
 * @param wanted each schema under a name of its own; `mode` says whether it is sent or comes
 * @returns `schemas` under those names, and the `components` that they refer to
 */
export function describeSchemas(wanted: Map<string, { schema: GenericSchema; mode: Mode }>): {
  schemas: Map<string, JsonSchema>;
  components: Record<string, JsonSchema>;
} {
  const named = namedSchemas();
  const nameOf = new Map([...named].map(([name, schema]) => [schema, name]));
  const converted = { input: convert('input', named, wanted), output: convert('output', named, wanted) };
  const schemas = new Map<string, JsonSchema>();
  const roots: Record<Mode, JsonSchema[]> = { input: [], output: [] };
  for (const [key, { schema, mode }] of wanted) {
    const name = nameOf.get(schema);
    const written = name ? { $ref: refTo(name) } : (converted[mode][key] as JsonSchema);
    schemas.set(key, written);
    roots[mode].push(written);
  }
  const used = { input: reachable(roots.input, converted.input), output: reachable(roots.output, converted.output) };
  const differing = differs(converted.input, converted.output, [...named.keys()]);
  const components: Record<string, JsonSchema> = {};
  const comments = readComments();
  /** The name of what is sent, where that isn't what comes. */
  const sentAs = (name: string) => (differing.has(name) && used.output.has(name) ? `${name}Input` : name);
  for (const name of used.output) components[name] = explained(name, converted.output[name] as JsonSchema, comments);
  for (const name of used.input)
    components[sentAs(name)] = renamed(explained(name, converted.input[name] as JsonSchema, comments), sentAs);
  for (const [key, { mode }] of wanted)
    if (mode === 'input') schemas.set(key, renamed(schemas.get(key) as JsonSchema, sentAs));
  return { schemas, components: Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** With what the protocol says of it and of its fields. */
function explained(name: string, schema: JsonSchema, comments: Map<string, string>): JsonSchema {
  const of = (key: string) => {
    const description = comments.get(key);
    return description ? { description } : {};
  };
  const properties = schema.properties as Record<string, JsonSchema> | undefined;
  const fields = Object.entries(properties ?? {}).map(([field, each]) => [
    field,
    { ...each, ...of(`${name}.${field}`) },
  ]);
  return { ...of(name), ...schema, ...(properties ? { properties: Object.fromEntries(fields) } : {}) };
}

const refTo = (name: string) => `#/components/schemas/${name}`;
const nameIn = (ref: string) => ref.slice(refTo('').length);

/** Names come last: of two names for one schema the protocol's own is the one that is referred to. */
function convert(
  mode: Mode,
  named: Map<string, GenericSchema>,
  wanted: Map<string, { schema: GenericSchema; mode: Mode }>,
): Record<string, JsonSchema> {
  const own = [...wanted].filter(([, each]) => each.mode === mode).map(([key, { schema }]) => [key, { ...schema }]);
  const all = Object.fromEntries([...own, ...named]) as Record<string, GenericSchema>;
  return toJsonSchemaDefs(all as never, {
    typeMode: mode,
    errorMode: 'ignore',
    overrideRef: ({ referenceId }) => refTo(referenceId),
  }) as Record<string, JsonSchema>;
}

function refsIn(schema: unknown): string[] {
  const names: string[] = [];
  JSON.stringify(schema, (key, value) => {
    if (key === '$ref' && typeof value === 'string') names.push(nameIn(value));
    return value;
  });
  return names;
}

function reachable(roots: JsonSchema[], defs: Record<string, JsonSchema>): Set<string> {
  const found = new Set<string>();
  const open = roots.flatMap(refsIn);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...refsIn(defs[name]));
  }
  return found;
}

/** Names whose two faces are not the same, by themselves or by what they refer to. */
function differs(input: Record<string, JsonSchema>, output: Record<string, JsonSchema>, names: string[]): Set<string> {
  const found = new Set(names.filter((name) => JSON.stringify(input[name]) !== JSON.stringify(output[name])));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const name of names) if (refsIn(input[name]).some((each) => found.has(each))) found.add(name);
  }
  return found;
}

const renamed = (schema: JsonSchema, rename: (name: string) => string): JsonSchema =>
  JSON.parse(JSON.stringify(schema), (key, value) =>
    key === '$ref' && typeof value === 'string' ? refTo(rename(nameIn(value))) : value,
  );
