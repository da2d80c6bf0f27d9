import { systemClock } from '@/lib/core/clock';
import { prisma } from '@/lib/db/prisma';
import { isSetupOpen } from '@/lib/people/queries';
import { isLocal, listensOnLoopback } from './peer';

/**
 * Whether set-up is open to this request: a code is live, nobody administers yet, and, unless HOST says
 * that the network is meant, it comes from this machine, straight.
 */
export async function maySetUp(headers: { get(name: string): string | null }): Promise<boolean> {
  if (listensOnLoopback() && !isLocal(headers)) return false;
  return isSetupOpen(prisma(), systemClock());
}
