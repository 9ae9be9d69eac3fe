import { type Context, Hono } from 'hono';
import type { GenericSchema } from 'valibot';
import { parse } from '../../../protocol/parse';
import {
  type RouteAnswer,
  type RouteBody,
  type RouteName,
  type RouteQuery,
  routes,
  type TakesFile,
} from '../../../protocol/rest';
import { type Bearer, requireScope } from '../../access/tokens';
import { acceptForm, type Gates } from '../../files/accept';
import { fillInFiles } from '../../files/hashes';
import type { Received } from '../../files/receive';
import type { World } from '../../world';
import { readJsonText, takesOnly } from '../door';
import { once } from '../idempotency';
import type { Limiter } from '../limiter';

/** What a handler is given: everything is parsed, the token has the scope. */
export type Call<N extends RouteName> = {
  context: Context;
  token: Bearer;
  /** A path parameter; the route has it. */
  param: (name: string) => string;
  query: RouteQuery<N>;
  body: RouteBody<N>;
  /** Of a `multipart` route: the file has come whole and may be taken. */
  upload: TakesFile<N> extends true ? Received : undefined;
};
export type Handlers = { [N in RouteName]: (call: Call<N>) => Promise<RouteAnswer<N>> };

/** The `/v2` door: from the route table, parse → rule → reply. */
export function v2Door(
  world: World,
  handlers: Handlers,
  tools: { limiter: Limiter; bearer: (context: Context) => Promise<Bearer>; gates: Gates },
): Hono {
  const door = new Hono();
  for (const name of sorted()) {
    const route = routes[name];
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    door.on(route.method.toUpperCase(), path, async (context) => {
      const token = await tools.bearer(context);
      await tools.limiter.take(context, token.id);
      requireScope(token, route.scope);
      const query = 'query' in route ? parse(route.query as GenericSchema, context.req.query(), 'query') : undefined;
      const text = 'body' in route ? await readJsonText(context) : '';
      const given: unknown = 'body' in route ? JSON.parse(text) : undefined;
      const whole = carriesMessages.has(name) ? await fillInFiles(world, given) : given;
      const body = 'body' in route ? parse(route.body as GenericSchema, whole, 'body') : undefined;
      const param = (key: string) => {
        const value = context.req.param(key);
        if (!value) throw new Error(`the route ${name} has no parameter ${key}`);
        return value;
      };
      const upload =
        'multipart' in route ? await acceptForm(world, context, route.multipart, tools.gates, token.id) : undefined;
      const work = async () => {
        const answer = await (handlers[name] as (call: unknown) => Promise<unknown>)({
          context,
          token,
          param,
          query,
          body,
          upload,
        });
        return { status: route.status, body: route.answer === null ? '' : JSON.stringify(answer) };
      };
      const key =
        route.method === 'post' && !('storesNothing' in route) ? context.req.header('idempotency-key') : undefined;
      const request = {
        tokenId: token.id,
        key: key ?? '',
        text: `${context.req.path}\n${upload ? JSON.stringify([upload.name, upload.type, upload.sha256]) : text}`,
        keep: !('shownOnce' in route),
      };
      const answer = await world.store
        .inTurnOf(`token:${token.id}`, async () => (key ? once(world, request, work) : work()))
        .finally(() => upload?.discard());
      if ('replayed' in answer && answer.replayed) context.header('Idempotent-Replayed', 'true');
      context.header('Cache-Control', 'no-store');
      if (answer.body === '') return context.body(null, answer.status as 204);
      return context.body(answer.body, answer.status as 200, { 'content-type': 'application/json; charset=utf-8' });
    });
  }
  refuseOtherMethods(door);
  return door;
}

/** Their parts may name an uploaded file in place of a URL. */
const carriesMessages = new Set<RouteName>(['createConversation', 'postMessage']);

/** Fixed paths before those with a parameter: `/web-views/exchange` is no web view's id. */
function sorted(): RouteName[] {
  const holes = (name: RouteName) => routes[name].path.split('{').length;
  return (Object.keys(routes) as RouteName[]).sort((a, b) => holes(a) - holes(b));
}

function refuseOtherMethods(door: Hono): void {
  const byPath = new Map<string, string[]>();
  for (const { method, path } of sorted().map((name) => routes[name])) {
    const pattern = path.replace(/\{(\w+)\}/g, ':$1');
    byPath.set(pattern, [...(byPath.get(pattern) ?? []), method.toUpperCase()]);
  }
  for (const [pattern, methods] of byPath) takesOnly(door, pattern, methods);
}
