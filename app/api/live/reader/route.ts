import { z } from 'zod';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { openReader } from '@/lib/inventory/sessions/mutations';
import { answer } from '../answer';

/** One part of a session's conversation. That it was opened is on record before it is sent. */
export const GET = (request: Request) =>
  answer(request, async ({ scope }) => {
    const { searchParams } = new URL(request.url);
    const session = z.guid().safeParse(searchParams.get('session'));
    if (!session.success) throw new AppError('invalid_input', 'That is not the id of a session.');
    const after = searchParams.get('after');
    if (after !== null && parseEntryId(after) === null)
      throw new AppError('invalid_input', 'That is not the id of an entry.');
    return openReader(scope, { session: session.data, after }, { now: systemClock() });
  });
