import { AppError } from '@/lib/core/errors';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { getInteraction } from '@/lib/inventory/queries';
import { answer } from '../answer';

/** All facts of one interaction, or what is left of it. */
export const GET = (request: Request) =>
  answer(request, async ({ scope }) => {
    const place = parseEntryId(new URL(request.url).searchParams.get('id') ?? '');
    if (place === null) throw new AppError('invalid_input', 'That is not the id of an entry.');
    return getInteraction(scope, place);
  });
