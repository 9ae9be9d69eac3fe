import { type ErrorCode, errorTable } from '../../../protocol/errors';
import { scopes } from '../../../protocol/rest/route';
import { type Description, type Door, doorsOf, type Media, type Operation } from './description';
import { coloured, escapeText, prose, written } from './html';
import { comes, parameterTable, sent, shapeList, shapeTable } from './shapes';
import { style } from './style';

/** The API for whoever reads it: one page of HTML, made from the OpenAPI description, without a script and without other files. */
export function renderReference(api: Description): string {
  const doors = doorsOf(api);
  const origin = api.servers[0]?.url ?? '';
  const topics = api.tags.map((tag) => ({ ...tag, doors: doors.filter(({ tags }) => tags?.includes(tag.name)) }));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeText(api.info.title)}</title><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<style>${style}</style></head><body><a class="skip" href="#content">To the content</a><div class="page">
<nav id="contents" aria-label="Contents"><div class="name"><span class="mark" aria-hidden="true">G</span><span><b>Guichet API</b><span>${escapeText(api.info.version)} · OpenAPI 3.1</span></span></div>
<ul><li><a class="topic" href="#start">Start</a></li>
${topics.map((topic) => `<li><a class="topic" href="#${topic.name}">${words(topic.name)}</a><ul>${topic.doors.map(entry).join('')}</ul></li>`).join('\n')}
<li><a class="topic" href="#told">What webhooks are told</a></li><li><a class="topic" href="#shapes">Shapes</a></li><li><a class="topic" href="#errors">Errors</a></li><li><a class="topic" href="#scopes">Scopes</a></li></ul></nav>
<main id="content"><h1 id="start">${escapeText(api.info.title)}</h1><p class="lead">${prose(api.info.description)} For machines: <a href="/openapi.json">openapi.json</a>.</p>
${start(origin)}
${topics.map((topic) => `<section aria-labelledby="${topic.name}"><h2 id="${topic.name}">${words(topic.name)}</h2><p>${prose(topic.description ?? '')}</p>${topic.doors.map((door) => operation(door, api)).join('\n')}</section>`).join('\n')}
<section aria-labelledby="told"><h2 id="told">What webhooks are told</h2><p>A POST to each subscription that asked for it. Answer 2xx at once and work afterwards.</p>
${Object.entries(api.webhooks)
  .map(([action, { post }]) => told(action, post))
  .join('\n')}</section>
<section aria-labelledby="shapes"><h2 id="shapes">Shapes</h2><p>What the fields above refer to.</p><div class="shapes">${shapeList(api)}</div></section>
<section aria-labelledby="errors"><h2 id="errors">Errors</h2><p>Every answer that isn’t 2xx has the shape <a href="#shape-ErrorBody">ErrorBody</a>; its <code>status</code> is one of these.</p>${errorList()}</section>
<section aria-labelledby="scopes"><h2 id="scopes">Scopes</h2><p>What a token may be allowed to do, and the doors that ask for it.</p>${scopeList(doors)}</section>
</main></div><a class="up" href="#contents">Contents</a></body></html>`;
}

const words = (name: string) => escapeText(name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' '));
const entry = (door: Door) =>
  `<li><a href="#${door.operationId}"><span class="m ${door.method}">${short(door.method)}</span><span>${prose(door.summary)}</span></a></li>`;
const short = (method: string) => (method === 'DELETE' ? 'DEL' : method);

const start = (origin: string) => `<div class="start">
<div><h3>Base URL and token</h3><p>Everything is below <code>${escapeText(origin)}/v2</code>. Send <code>Authorization: Bearer gct_…</code>; <code>guichet token create</code> makes a token with the scopes that it needs.</p></div>
<div><h3>Retries</h3><p>Send an <code>Idempotency-Key</code> with each POST: the same key again does nothing twice and gives the same answer.</p></div>
<div><h3>Pages</h3><p>Lists have <code>pagination</code> and <code>links</code>; messages and logs a <code>link</code> to the next page, and none on the last.</p></div>
<div><h3>Limits</h3><p>Each answer has <code>X-RateLimit-*</code>. Over the limit is 429 with <code>Retry-After</code>. A JSON body has at most 64 KiB.</p></div>
</div>`;

function operation(door: Door, api: Description): string {
  const origin = api.servers[0]?.url ?? '';
  const scope = door.security[0]?.token[0] ?? '';
  const [status = '', answer] = Object.entries(door.responses).find(([each]) => each.startsWith('2')) ?? [];
  const json = door.requestBody?.content['application/json'];
  const form = door.requestBody?.content['multipart/form-data'];
  const answered = answer?.content?.['application/json'];
  const about = door.description.replace(/^Scope: `[^`]*`\.\s*/, '');
  const of = (where: string) => door.parameters.filter((each) => each.in === where);
  return `<article class="op" id="${door.operationId}"><header><h3><a href="#${door.operationId}">${prose(door.summary)}</a></h3>
<p class="line"><span class="m ${door.method}">${door.method}</span><span class="path">${escapeText(door.path)}</span><span class="scope">${escapeText(scope)}</span></p></header>
<div><p class="about">${prose(about)}</p>${parameterTable('Path', of('path'))}${parameterTable('Query', of('query'))}${parameterTable('Headers', of('header'))}${json ? shapeTable('Body', json.schema, sent, api.components.schemas) : ''}${form ? shapeTable('Form', form.schema) : ''}${answered ? shapeTable('Answer', answered.schema, comes) : ''}${refusals(door)}</div>
<div><h4>Request</h4><pre><code>${escapeText(curl(door, origin, json))}</code></pre><h4>Answer ${status}</h4><pre><code>${answered ? coloured(answered.example) : 'no body'}</code></pre></div></article>`;
}

function curl(door: Door, origin: string, json: Media | undefined): string {
  const url = `${origin}${door.path}`.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);
  const query = door.parameters.filter((each) => each.in === 'query' && each.required).map(({ name }) => `${name}=…`);
  const form = door.requestBody?.content['multipart/form-data'];
  const field = Object.keys((form?.schema.properties as object | undefined) ?? {})[0];
  return [
    `curl ${door.method === 'GET' ? '' : `-X ${door.method} `}"${url}${query.length > 0 ? `?${query.join('&')}` : ''}"`,
    '-H "Authorization: Bearer $GUICHET_TOKEN"',
    ...(json ? ['-H "Content-Type: application/json"', `-d '${written(json.example).replaceAll("'", "'\\''")}'`] : []),
    ...(field ? [`-F "${field}=@${field === 'image' ? 'picture.png' : 'statement.pdf'}"`] : []),
  ].join(' \\\n  ');
}

const refusals = (door: Operation) =>
  `<h4>Refused with</h4><p class="errors">${Object.keys(door.responses)
    .filter((status) => !status.startsWith('2'))
    .map((status) => `<a href="#status-${status}">${status}</a>`)
    .join(' ')}</p>`;

function told(action: string, post: Operation): string {
  const example = post.requestBody?.content['application/json']?.example;
  return `<article class="op" id="on-${action}"><header><h3><a href="#on-${action}">${escapeText(action)}</a></h3></header>
<div>${action === 'message_create' ? parameterTable('Headers', post.parameters) : ''}<p class="shape"><b>Body</b> <a href="#shape-WebhookBody">WebhookBody</a></p></div>
<div><h4>Body</h4><pre><code>${coloured(example)}</code></pre></div></article>`;
}

/** By status: the first row of each is where the operations link to. */
function errorList(): string {
  const seen = new Set<number>();
  const rows = (Object.entries(errorTable) as [ErrorCode, readonly [number, string]][]).map(
    ([code, [status, meaning]]) => {
      const anchor = seen.has(status) ? '' : ` id="status-${status}"`;
      seen.add(status);
      return `<tr id="error-${code}"><th scope="row"><code>${code}</code></th><td><b${anchor}>${status}</b> ${prose(meaning)}</td></tr>`;
    },
  );
  return `<table class="list"><thead class="sr"><tr><th scope="col">Code</th><th scope="col">What</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const scopeList = (doors: Door[]) =>
  `<table class="list"><thead class="sr"><tr><th scope="col">Scope</th><th scope="col">Doors</th></tr></thead><tbody>${scopes
    .map((scope) => {
      const asking = doors.filter(({ security }) => security[0]?.token.includes(scope));
      const links = asking.map((door) => `<a href="#${door.operationId}">${prose(door.summary)}</a>`);
      return `<tr><th scope="row"><code>${scope}</code></th><td>${links.join('; ') || 'Asked for by single fields and bodies.'}</td></tr>`;
    })
    .join('')}</tbody></table>`;
