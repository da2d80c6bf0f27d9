import { emptyFilter, type Filter, viewSearch } from '../address';
import { exchange } from '../kinds';

/** The inventory with the entries that a figure counts, each call once; without a kind, all that are exchanges. */
export function entriesHref(
  filter: Partial<Filter>,
  { from, to }: { from: Date; to: Date | null },
): string {
  return `/inventory${viewSearch({
    filter: { ...emptyFilter(), kind: [exchange], isCounted: true, ...filter },
    range: { preset: null, from, to },
  })}`;
}
