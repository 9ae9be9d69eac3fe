import type { World } from '../world';

/** Milliseconds that a file waits for the message that carries it. */
export const unsentFor = 24 * 3_600_000;
/** Milliseconds after which a file without a row is one that a crash left behind. */
const orphanedAfter = 3_600_000;
/** Files cleared away in one step. */
const atOnce = 50;

/** One small step of cleaning; `shard` is which 256th of the folder is looked through for what has no row. */
export async function sweepFiles(world: World, shard: number): Promise<void> {
  await clearUnsent(world);
  await clearOrphans(world, shard % 256);
}

/** The row goes first: nothing is served that isn't whole. */
async function clearUnsent(world: World): Promise<void> {
  const { db } = world.store;
  const gone = await db
    .deleteFrom('files')
    .where('used', 'is', null)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('files')
        .select('id')
        .where('used', 'is', null)
        .where('created', '<', world.now() - unsentFor)
        .orderBy('created')
        .limit(atOnce),
    )
    .returning('id')
    .execute();
  for (const { id } of gone) await world.uploads?.folder.remove(id);
}

async function clearOrphans(world: World, shard: number): Promise<void> {
  const { folder } = world.uploads ?? {};
  const ids = (await folder?.idsIn(shard, Date.now() - orphanedAfter)) ?? [];
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce);
    const rows = await world.store.db.selectFrom('files').select('id').where('id', 'in', some).execute();
    const known = new Set(rows.map(({ id }) => id));
    for (const id of some) if (!known.has(id)) await folder?.remove(id);
  }
}
