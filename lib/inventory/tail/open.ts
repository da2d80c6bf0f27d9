import { type ReadScope, rightsOf } from '@/lib/auth/scope';
import { type Pool, pool, type Queryable } from '@/lib/db/pool';
import type { EntryPlace } from '@/lib/log/schema';
import type { Range } from '../address';
import type { Resolved } from '../conditions';
import { countNewer, listInteractions } from '../queries';
import { createHub, type Hub, type Look } from './hub';
import { listBetween, pollMs, readHeads } from './queries';
import type { Batch } from './schema';
import { createTailSeats } from './seats';

// Next loads a module once per bundle: one hub and one count of seats all the same.
const shared = globalThis as typeof globalThis & {
  sallyportTail?: { hub: Hub; seats: ReturnType<typeof createTailSeats> };
};

/** What all live lists of this process share. */
export function tailOfProcess() {
  shared.sallyportTail ??= {
    hub: createHub(pollMs),
    // A browser keeps six connections to one server: pages must still load beside live lists and downloads.
    seats: createTailSeats({ max: 100, perPersonMax: 2 }),
  };
  return shared.sallyportTail;
}

/** Two people watch the same view when they filter by the same and have the same rights. */
export const viewKey = (scope: ReadScope, filter: Resolved, range: Range): string =>
  JSON.stringify([rightsOf(scope), filter, range.preset ?? range.from]);

/** From now on: each look tells what became visible since the last. */
export async function startLooking(
  scope: ReadScope,
  view: { filter: Resolved; range: Range },
  db: Queryable = pool('tail'),
): Promise<Look> {
  const read = () => readHeads(scope, view.filter, db);
  let heads = await read();
  return async () => {
    const next = await read();
    const batch = await listBetween(scope, view, [heads, next], db);
    heads = next;
    return batch;
  };
}

/** What arrived after the newest row of the page, for the time until looking began. */
export async function readGap(
  scope: ReadScope,
  { filter, range, place }: { filter: Resolved; range: Range; place: EntryPlace | null },
  db: Pool = pool('tail'),
): Promise<Batch> {
  const [{ rows }, newer] = await Promise.all([
    listInteractions(scope, { filter, range, cursor: null }, db),
    countNewer(scope, { filter, range, place }, db),
  ]);
  return { rows: rows.slice(0, newer), leftOut: Math.max(0, newer - rows.length) };
}
