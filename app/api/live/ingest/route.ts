import { systemClock } from '@/lib/core/clock';
import { getIngest } from '@/lib/inventory/health/queries';
import { answer } from '../answer';

export const GET = (request: Request) =>
  answer(request, ({ scope }) => getIngest(scope, systemClock()), { isActivity: false });
