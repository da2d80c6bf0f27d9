import { z } from 'zod';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { openQuarantined } from '@/lib/inventory/mutations';
import { rawItemOf } from '@/lib/inventory/quarantine/raw-item';
import { answer } from '../answer';

/** A refused item as it was sent. That it was opened is on record before it is shown. */
export const GET = (request: Request) =>
  answer(request, async ({ scope }) => {
    const id = z.guid().safeParse(new URL(request.url).searchParams.get('id'));
    if (!id.success) throw new AppError('invalid_input', 'That is not the id of an item.');
    return rawItemOf(await openQuarantined(scope, id.data, { now: systemClock() }));
  });
