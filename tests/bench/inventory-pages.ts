import type { Pool } from '@/lib/db/pool';
import { rangeOf } from '@/lib/inventory/address';
import { listInteractions } from '@/lib/inventory/queries';
import { none, scope } from './inventory-reader';
import { type Figure, figure, medianOf, quantileOf } from './report';
import { times } from './times';

const rounds = 40;
const pageMax = { max: 50 };

/** First page and page 1,000 in turns, before the first ANALYZE of the day and after. */
export async function pageFigures(db: Pool): Promise<Figure[]> {
  const range = rangeOf('24h', new Date());
  const { rows } = await db.query<{ received_at: Date; shard: number; position: bigint }>(
    `SELECT received_at, shard, position FROM interaction
     ORDER BY received_at DESC, shard DESC, position DESC OFFSET 49949 LIMIT 1`,
  );
  const edge = rows[0];
  if (edge === undefined) throw new Error('Nothing was seeded.');
  const place = { receivedAt: edge.received_at, shard: edge.shard, position: edge.position };
  const page = (cursor: { direction: 'before'; place: typeof place } | null) => () =>
    listInteractions(scope, { filter: none, range, cursor }, db);
  const figures: Figure[] = [];
  for (const when of ['without statistics', 'analysed']) {
    if (when === 'analysed') await db.query('VACUUM ANALYZE interaction, search_document');
    const [first, deep] = await times([page(null), page({ direction: 'before', place })], rounds);
    const ratio =
      Math.max(medianOf(first), medianOf(deep)) / Math.min(medianOf(first), medianOf(deep));
    figures.push(
      figure(`first page p95, ${when}`, quantileOf(first, 0.95), 'ms', pageMax),
      figure(`page 1,000 p95, ${when}`, quantileOf(deep, 0.95), 'ms', pageMax),
      figure(`ratio of the two, ${when}`, ratio, 'times', { max: 1.3 }),
    );
  }
  return figures;
}
