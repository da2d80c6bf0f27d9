import { z } from 'zod';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { getArrived } from '@/lib/inventory/connect/queries';
import { answer } from '../answer';

/** What arrived from one identity in the last minutes, and what of it. */
export const GET = (request: Request) =>
  answer(
    request,
    ({ scope }) => {
      const identity = z.guid().safeParse(new URL(request.url).searchParams.get('identity'));
      if (!identity.success) throw new AppError('invalid_input', 'That is not an identity.');
      return getArrived(scope, identity.data, systemClock());
    },
    { isActivity: false },
  );
