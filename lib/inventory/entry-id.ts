import type { EntryPlace } from '@/lib/log/schema';

// Nine digits of base 36 are milliseconds until the year 5188.
const shape = /^([0-9a-z]{1,9})-(0|[1-9][0-9]{0,9})-(0|[1-9][0-9]{0,18})$/;
const lastShard = 2 ** 31 - 1;
const lastPosition = 2n ** 63n - 1n;

/** The short form for addresses: `<arrival in ms, base 36>-<shard>-<position>`. */
export const formatEntryId = ({ receivedAt, shard, position }: EntryPlace): string =>
  `${receivedAt.getTime().toString(36)}-${shard}-${position}`;

/** Null unless `text` is exactly what `formatEntryId` writes, so that one entry has one address. */
export function parseEntryId(text: string): EntryPlace | null {
  const match = shape.exec(text);
  if (match === null) return null;
  const [, time = '', shard = '', position = ''] = match;
  const ms = Number.parseInt(time, 36);
  const id = { receivedAt: new Date(ms), shard: Number(shard), position: BigInt(position) };
  if (id.shard > lastShard || id.position > lastPosition) return null;
  return formatEntryId(id) === text ? id : null;
}
