import { formatEntryId, parseEntryId } from '../entry-id';
import type { Heads } from '../tail/queries';

/** How far was looked for what arrives by a key: since when it is, and each shard's next position. */
export type Place = { madeAt: Date; heads: Heads };

const time = /^[0-9a-z]{1,9}$/;

/** For addresses. There are as few shards as gateways that ran at once. */
export const formatPlace = ({ madeAt, heads }: Place): string =>
  [
    madeAt.getTime().toString(36),
    ...[...heads].map(([shard, { next, at }]) =>
      formatEntryId({ receivedAt: at, shard, position: next }),
    ),
  ].join('.');

/** Null unless it is what `formatPlace` writes. */
export function parsePlace(text: string): Place | null {
  const [made = '', ...ids] = text.split('.');
  if (!time.test(made)) return null;
  const heads = new Map<number, { next: bigint; at: Date }>();
  for (const id of ids) {
    const entry = parseEntryId(id);
    if (entry === null || heads.has(entry.shard)) return null;
    heads.set(entry.shard, { next: entry.position, at: entry.receivedAt });
  }
  return { madeAt: new Date(Number.parseInt(made, 36)), heads };
}
