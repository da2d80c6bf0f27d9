import { systemClock } from '@/lib/core/clock';
import { prisma } from '@/lib/db/prisma';
import { listExports } from '@/lib/inventory/export/queries';
import { answer } from '../answer';

/** How far one's own exports are. */
export const GET = (request: Request) =>
  answer(request, ({ scope }) => listExports(scope, systemClock(), prisma()), {
    isActivity: false,
  });
