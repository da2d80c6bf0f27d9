'use client';

import { Pager } from '@/components/ui/pager';
import { thousands } from '@/lib/inventory/labels';
import type { InteractionRow } from '@/lib/inventory/schema';

/** The pages on either side of the rows that are shown, live ones among them. */
export function PageSteps({
  rows,
  search,
  hasNewer,
  hasOlder,
}: {
  rows: readonly InteractionRow[];
  /** The address of this page of the list, without what is open. */
  search: string;
  hasNewer: boolean;
  hasOlder: boolean;
}) {
  const [first, last] = [rows[0], rows.at(-1)];
  // From a page that turned out empty the way back is the beginning.
  const href = (place: 'after' | 'before', row: InteractionRow | undefined) => {
    const params = new URLSearchParams(search);
    params.delete('after');
    params.delete('before');
    if (row !== undefined) params.set(place, row.id);
    return `/inventory?${params}`;
  };
  return (
    <Pager
      back={hasNewer ? { href: href('after', first) } : { unavailable: 'These are the newest' }}
      on={
        hasOlder
          ? { href: href('before', last) }
          : { unavailable: 'These are the oldest in this time range' }
      }
    >
      {thousands(rows.length)} {rows.length === 1 ? 'row' : 'rows'}, newest arrival first
    </Pager>
  );
}
