import { systemClock } from '@/lib/core/clock';
import { parseView } from '@/lib/inventory/address';
import { countNewer, resolveIdentities } from '@/lib/inventory/queries';
import { searchContent } from '@/lib/inventory/search/mutations';
import { answer, paramsOf } from '../answer';

/** How many interactions of a view arrived after the entry in `after`. */
export const GET = (request: Request) =>
  answer(
    request,
    async ({ scope }) => {
      const now = systemClock();
      const view = parseView(paramsOf(request), now);
      const resolved = await resolveIdentities(scope, view.filter);
      const { filter } = await searchContent(
        scope,
        { filter: resolved.filter, range: view.range },
        { now },
      );
      const place = view.cursor?.direction === 'after' ? view.cursor.place : null;
      return { count: await countNewer(scope, { filter, range: view.range, place }) };
    },
    { isActivity: false },
  );
