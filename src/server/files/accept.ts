import type { Context } from 'hono';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import type { CustomerSession } from '../access/sessions';
import { getSite } from '../access/sites';
import type { World } from '../world';
import { uploadsOf } from './files';
import type { Gate } from './gate';
import { boundaryOf, readForm } from './multipart';
import { type Received, receive } from './receive';

/** What comes in by HTTP is counted for the one who sends it, and for where it comes from. */
export type Gates = { ofCustomer: Gate; ofAddress: Gate };

/**
 * The file of a `/v2` upload. It has to be kept or discarded.
 *
 * @throws GuichetError UPLOADS_OFF, RATE_LIMITED, and what `receive` and `readForm` refuse
 */
export async function acceptForm(
  world: World,
  context: Context,
  route: { field: string; only?: 'image' },
  gates: Gates,
  tokenId: string,
): Promise<Received> {
  const { folder } = uploadsOf(world);
  const boundary = boundaryOf(context.req.header('content-type'));
  refuseTooLong(context);
  return counted([[gates.ofAddress, `token:${tokenId}`]], (count) => {
    const body = passing(context, count);
    let received: Received | undefined;
    return readForm(body, boundary, route.field, async ({ name, type, bytes }) => {
      received = await receive(folder, bytes, { name, type, only: route.only });
      return received;
    }).catch(async (error) => {
      await received?.discard(); // What came behind the file was broken.
      throw error;
    });
  });
}

/**
 * A customer's file: the body as it is.
 *
 * @throws GuichetError UPLOADS_OFF, FORBIDDEN, RATE_LIMITED, INVALID_VALUE, and what `receive` refuses
 */
export async function acceptBody(
  world: World,
  context: Context,
  session: CustomerSession,
  gates: Gates,
  address: string,
): Promise<Received> {
  const { folder } = uploadsOf(world);
  const site = await getSite(world, session.siteId);
  if (site.settings.config.features?.attachments === false)
    throw new GuichetError('FORBIDDEN', `The site ${site.id} takes no files from customers (features.attachments).`);
  refuseTooLong(context);
  const name = nameOf(context);
  const type = context.req.header('content-type') ?? '';
  const entering: [Gate, string][] = [
    [gates.ofCustomer, session.userId],
    [gates.ofAddress, address],
  ];
  return counted(entering, async (count) => {
    await refuseHoard(world, session.userId);
    return receive(folder, passing(context, count), { name, type });
  });
}

async function counted<T>(
  entering: [Gate, string][],
  work: (count: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const entered: Awaited<ReturnType<Gate['enter']>>[] = [];
  try {
    for (const [gate, who] of entering) entered.push(await gate.enter(who));
    return await work((bytes) => {
      for (const each of entered) each.count(bytes);
    });
  } finally {
    for (const each of entered) each.leave();
  }
}

async function* passing(context: Context, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const { body } = context.req.raw;
  if (!body) return;
  for await (const piece of body) {
    count(piece.length);
    yield piece;
  }
}

/** What announces itself as too long isn't waited for; what lies is counted. */
function refuseTooLong(context: Context): void {
  const length = Number(context.req.header('content-length') ?? 0);
  if (length > limits.fileBytes + limits.bodyBytes)
    throw new GuichetError('PAYLOAD_TOO_LARGE', `A file may have ${limits.fileBytes} bytes; this one has more.`);
}

function nameOf(context: Context): string {
  const given = (context.req.header('x-file-name') ?? '').slice(0, 20_000);
  try {
    return decodeURIComponent(given);
  } catch {
    throw new GuichetError(
      'INVALID_VALUE',
      'X-File-Name: expected percent-encoded UTF-8, as encodeURIComponent makes it.',
    );
  }
}

/** Files that are never sent would fill the disk: what one may have of them has an end. */
async function refuseHoard(world: World, userId: string): Promise<void> {
  const { bytes } = await world.store.db
    .selectFrom('files')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('size'), eb.val(0)).as('bytes'))
    .where('owner', '=', `user:${userId}`)
    .where('used', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(bytes) < limits.unsentBytes) return;
  throw new GuichetError(
    'RATE_LIMITED',
    `You have ${bytes} bytes of files that were not sent, at most ${limits.unsentBytes}: send them, or wait a day.`,
    undefined,
    3_600,
  );
}
