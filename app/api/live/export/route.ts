import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { prisma } from '@/lib/db/prisma';
import { getExport } from '@/lib/inventory/export/queries';
import { answer } from '../answer';

/** How far one's own export is. */
export const GET = (request: Request) =>
  answer(request, ({ scope }) => {
    const id = new URL(request.url).searchParams.get('id') ?? '';
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new AppError('invalid_input', 'That is not an export.');
    return getExport(scope, id, systemClock(), prisma());
  });
