import type { Batch } from '@/lib/log/projection';

/** Held by a batch that is being counted, shared; see the function forget_counted in the migrations. */
export const countingLock = 7_305_007;

/** Whether a row of `table`, which has the place of an entry, is of the batch that `batchValues` gives as $1 to $5. */
export const inBatch = (table: string): string =>
  `${table}.shard = $1 AND ${table}.received_at BETWEEN $2 AND $4
   AND (${table}.received_at, ${table}.shard, ${table}.position) > ($2, $1, $3)
   AND (${table}.received_at, ${table}.shard, ${table}.position) <= ($4, $1, $5)`;

export const batchValues = ({ shard, after, through }: Batch) => [
  shard,
  after.receivedAt,
  after.position.toString(),
  through.receivedAt,
  through.position.toString(),
];
