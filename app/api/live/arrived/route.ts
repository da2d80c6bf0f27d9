import { z } from 'zod';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { parsePlace } from '@/lib/inventory/connect/place';
import { getArrived } from '@/lib/inventory/connect/queries';
import { answer } from '../answer';

/** What arrived by one identity's keys after a place, and the place to go on from. */
export const GET = (request: Request) =>
  answer(
    request,
    ({ scope }) => {
      const asked = new URL(request.url).searchParams;
      const identity = z.guid().safeParse(asked.get('identity'));
      if (!identity.success) throw new AppError('invalid_input', 'That is not an identity.');
      const place = parsePlace(asked.get('after') ?? '');
      if (place === null) throw new AppError('invalid_input', 'That is no place in the log.');
      return getArrived(scope, { identity: identity.data, place, now: systemClock() });
    },
    { isActivity: false },
  );
