import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { openContent } from '@/lib/inventory/mutations';
import { bodyRoles } from '@/lib/telemetry/schema';
import { answer } from '../answer';

/** Input, output and the rest of one interaction. That it was opened is on record before it is sent. */
export const GET = (request: Request) =>
  answer(request, async ({ scope }) => {
    const { searchParams } = new URL(request.url);
    const place = parseEntryId(searchParams.get('id') ?? '');
    if (place === null) throw new AppError('invalid_input', 'That is not the id of an entry.');
    const whole = bodyRoles.find((role) => role === searchParams.get('whole')) ?? null;
    return openContent(scope, { place, whole }, { now: systemClock() });
  });
