import { rightsOf } from '@/lib/auth/scope';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { parseView } from '@/lib/inventory/address';
import { resolveIdentities } from '@/lib/inventory/queries';
import { searchContent } from '@/lib/inventory/search/mutations';
import { readGap, startLooking, tailOfProcess, viewKey } from '@/lib/inventory/tail/open';
import { streamTail } from '@/lib/inventory/tail/stream';
import { answerStream, paramsOf } from '../answer';

/** The rows of a view as they arrive, after the entry in `after`; the person is judged anew every 3 s. */
export const GET = (request: Request) =>
  answerStream(request, async ({ scope, person, again }) => {
    const now = systemClock();
    const view = parseView(paramsOf(request), now);
    const { range, cursor } = view;
    const resolved = await resolveIdentities(scope, view.filter);
    const { filter } = await searchContent(scope, { filter: resolved.filter, range }, { now });
    if (range.to !== null)
      throw new AppError('invalid_input', 'A time range that has ended has nothing live.');
    const { hub, seats } = tailOfProcess();
    const stream = streamTail({
      release: seats.take(person.id),
      join: (listener) =>
        hub.join(
          viewKey(scope, filter, range),
          () => startLooking(scope, { filter, range }),
          listener,
        ),
      first: () => readGap(scope, { filter, range, place: cursor?.place ?? null }),
      refusal: async () => {
        const still = await again();
        if (still === null) return 'Your sign-in has ended. Sign in again.';
        return rightsOf(still.scope) === rightsOf(scope)
          ? null
          : 'What you may see has changed. Load the page again.';
      },
    });
    return new Response(stream, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        // Compressed, events would wait for each other.
        'cache-control': 'no-store, no-transform',
      },
    });
  });
