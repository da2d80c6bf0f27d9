import { z } from 'zod';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { drillStop } from '@/lib/identities/drill/queries';
import { answer } from '../answer';

/** What would stop if an identity were suspended now. */
export const GET = (request: Request) =>
  answer(request, async ({ scope, person }) => {
    const id = z.guid().safeParse(new URL(request.url).searchParams.get('id'));
    if (!id.success) throw new AppError('invalid_input', 'That is not the id of an identity.');
    const [drill] = await drillStop(scope, {
      ...{ ids: [id.data], by: person.id, now: systemClock() },
    });
    if (drill === undefined) throw new AppError('not_found', 'There is no such identity.');
    return drill;
  });
