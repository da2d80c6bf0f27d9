import { type Filter, viewSearch } from '../address';
import { exchangeKinds } from './schema';

const none: Filter = {
  identity: [],
  kind: [],
  resource: [],
  model: [],
  status: [],
  session: [],
  fingerprint: [],
};

/** The inventory with the entries that a figure counts; without a kind, all that are exchanges. */
export function entriesHref(
  filter: Partial<Filter>,
  { from, to }: { from: Date; to: Date | null },
): string {
  return `/inventory${viewSearch({
    filter: { ...none, kind: [...exchangeKinds], ...filter },
    range: { preset: null, from, to },
  })}`;
}
