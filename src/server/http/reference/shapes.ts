import type { JsonSchema } from '../schemas';
import type { Description, Parameter } from './description';
import { escapeText, prose } from './html';

type Shapes = Record<string, JsonSchema>;
type Fields = { properties?: Record<string, JsonSchema>; required?: string[] };

/** A schema in a few words: `text`, `Message[]`, `"normal" or "private"`. */
export function typeOf(schema: JsonSchema): string {
  const {
    $ref,
    type,
    items,
    anyOf,
    oneOf,
    allOf,
    enum: choices,
  } = schema as {
    $ref?: string;
    type?: string;
    items?: JsonSchema;
    anyOf?: JsonSchema[];
    oneOf?: JsonSchema[];
    allOf?: JsonSchema[];
    enum?: unknown[];
  };
  if ($ref) {
    const name = escapeText($ref.split('/').at(-1) as string);
    return `<a href="#shape-${name}">${name}</a>`;
  }
  if ('const' in schema) return literal(schema.const);
  if (choices) return choices.map(literal).join(' or ');
  const several = anyOf ?? oneOf ?? allOf;
  if (several) return [...new Set(several.map(typeOf))].join(allOf ? ' and ' : ' or ');
  if (type === 'array') {
    const item = items ? typeOf(items) : 'anything';
    return / (or|and) /.test(item) ? `list of (${item})` : `list of ${item}`;
  }
  if (type === 'string') return 'text';
  if (type === 'integer') return 'whole number';
  if (type === 'boolean') return 'true or false';
  return escapeText(type ?? 'anything');
}

const literal = (value: unknown) => `<code>${escapeText(JSON.stringify(value))}</code>`;

/** What else is said of a value: how long, how many, what it is when it's absent. */
function boundsOf(schema: JsonSchema): string {
  const bound = (name: string, words: (value: unknown) => string) => (name in schema ? [words(schema[name])] : []);
  const said = [
    ...bound('minLength', (n) => (n === 1 ? 'not empty' : `at least ${n} characters`)),
    ...bound('maxLength', (n) => `at most ${n} characters`),
    ...bound('minItems', (n) => `at least ${n}`),
    ...bound('maxItems', (n) => `at most ${n}`),
    ...('minimum' in schema || 'maximum' in schema ? [range(schema.minimum, schema.maximum)] : []),
    ...('default' in schema && !isEmpty(schema.default) ? [`default ${literal(schema.default)}`] : []),
  ];
  return said.join(', ');
}
const isEmpty = (value: unknown) => Array.isArray(value) || JSON.stringify(value) === '{}';
const range = (least: unknown, most: unknown) =>
  [...(least === undefined ? [] : [`from ${least}`]), ...(most === undefined ? [] : [`to ${most}`])].join(' ');

/** The fields of an object as rows, those of objects inside it under their path. */
function rowsOf(schema: JsonSchema, mark: Mark, path = ''): string[] {
  const { properties = {}, required = [] } = schema as Fields;
  return Object.entries(properties).flatMap(([name, each]) => {
    const inner = each.type === 'array' ? (each.items as JsonSchema | undefined) : each;
    const here = `${path}${name}`;
    return [
      row(here, required.includes(name) ? mark.required : mark.optional, each),
      ...(inner && 'properties' in inner ? rowsOf(inner, mark, `${here}${inner === each ? '.' : '[].'}`) : []),
    ];
  });
}

/** What is said beside a field's name. */
type Mark = { required: string; optional: string };
/** Of what is sent it matters what it needs; of what comes, what may be missing. */
export const sent: Mark = { required: '<span class="req">required</span>', optional: '' };
export const comes: Mark = { required: '', optional: '<span class="opt">may be absent</span>' };

function row(name: string, mark: string, schema: JsonSchema, about?: string): string {
  const description = about ?? (schema.description as string | undefined);
  const bounds = boundsOf(schema);
  return `<tr><th scope="row"><code>${escapeText(name)}</code>${mark}</th>
<td><span class="type">${'properties' in schema ? 'object' : typeOf(schema)}</span>${bounds ? ` <span class="bounds">${bounds}</span>` : ''}${description ? `<p>${prose(description)}</p>` : ''}</td></tr>`;
}

const table = (caption: string, rows: string[]) =>
  rows.length === 0
    ? ''
    : `<table><caption>${caption}</caption><thead class="sr"><tr><th scope="col">Field</th><th scope="col">What</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;

/** A body or an answer: its fields, or the shape that it is. */
export function shapeTable(caption: string, schema: JsonSchema, mark: Mark = sent, all: Shapes = {}): string {
  const named = all[String(schema.$ref).split('/').at(-1) as string];
  if (named) return shapeTable(`${caption} ${typeOf(schema)}`, named, mark);
  const several = (schema.allOf ?? schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (several?.some((each) => 'properties' in each)) return variants(several, Boolean(schema.allOf), mark);
  const rows = rowsOf(schema, mark);
  if (rows.length > 0) return table(caption, rows);
  if ('properties' in schema) return '';
  return `<p class="shape"><b>${caption}</b> ${typeOf(schema)}</p>`;
}

export const parameterTable = (caption: string, parameters: Parameter[]) =>
  table(
    caption,
    parameters.map((each) => row(each.name, each.required ? sent.required : '', each.schema, each.description)),
  );

/** Every shape that others refer to. */
export const shapeList = (api: Description): string =>
  Object.entries(api.components.schemas)
    .map(([name, schema]) => {
      const about = typeof schema.description === 'string' ? `<p>${prose(schema.description)}</p>` : '';
      return `<article class="shape-card" id="shape-${name}"><h3>${name}</h3>${about}${shapeTable('Fields', schema, /(Post|Put|Patch|Input)$/.test(name) ? sent : comes)}</article>`;
    })
    .join('\n');

/** Objects of which it is one, or all: what they have in common once, then what each has of its own. */
function variants(several: JsonSchema[], all: boolean, mark: Mark): string {
  const fieldsOf = (each: JsonSchema) => Object.entries((each.properties as Record<string, JsonSchema>) ?? {});
  const isCommon = ([name, schema]: [string, JsonSchema]) =>
    !all &&
    several.every(
      (each) => JSON.stringify((each.properties as Record<string, JsonSchema>)?.[name]) === JSON.stringify(schema),
    );
  const only = (each: JsonSchema, keep: (field: [string, JsonSchema]) => boolean) => ({
    ...each,
    properties: Object.fromEntries(fieldsOf(each).filter(keep)),
  });
  const common = rowsOf(only(several[0] as JsonSchema, isCommon), mark);
  const own = several.map((each, at) =>
    '$ref' in each
      ? `<p class="shape"><b>${all ? 'All of' : 'or'}</b> ${typeOf(each)}</p>`
      : table(
          all ? 'and' : at === 0 ? 'with' : 'or with',
          rowsOf(
            only(each, (field) => !isCommon(field)),
            mark,
          ),
        ),
  );
  return table('Fields', common) + own.join('');
}
