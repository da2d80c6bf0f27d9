import { systemClock } from '@/lib/core/clock';
import { getHealth } from '@/lib/inventory/health/queries';
import { answer } from '../answer';

export const GET = (request: Request) =>
  answer(request, ({ scope }) => getHealth(scope, systemClock()), { isActivity: false });
