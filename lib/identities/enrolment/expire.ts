import type { PrismaClient } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { endedKeptMs } from './schema';
import { thumbprintGroups } from './thumbprint';

const lock = 7_305_021;
/** Administrators hear of one at once, and of those that come within this time together. */
const tellEveryMs = 10 * 60_000;

/**
 * Ends those that nobody decided about within their day, with an entry for each, and drops what ended long ago. They
 * were open to nobody since: this only writes it down. Returns how many ended. Several workers may do this at once.
 */
export async function expireEnrolments(db: PrismaClient, now: Date): Promise<number> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::bigint)`;
    await tx.enrolment.deleteMany({
      where: { endedAt: { lt: new Date(now.getTime() - endedKeptMs) } },
    });
    const dead = await tx.enrolment.findMany({
      where: { state: 'open', expiresAt: { lte: now } },
      select: { id: true, name: true, thumbprint: true },
      orderBy: { id: 'asc' },
    });
    for (const { id, name, thumbprint } of dead) {
      const { count } = await tx.enrolment.updateMany({
        where: { id, state: 'open' },
        data: { state: 'expired', endedAt: now },
      });
      if (count > 0)
        await recordControl(tx, 'enrolment_expired', { enrolment: id, name, thumbprint });
    }
    return dead.length;
  });
}

/** Tells administrators of those that ask and that they were not told of. Returns how many. */
export async function tellOfEnrolments(db: PrismaClient, now: Date): Promise<number> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::bigint)`;
    const { _max: last } = await tx.enrolment.aggregate({ _max: { toldAt: true } });
    if (last.toldAt !== null && now.getTime() - last.toldAt.getTime() < tellEveryMs) return 0;
    const untold = await tx.enrolment.findMany({
      where: { state: 'open', expiresAt: { gt: now }, toldAt: null },
      select: { id: true, name: true, address: true, thumbprint: true },
      orderBy: { id: 'asc' },
    });
    const [first] = untold;
    if (first === undefined) return 0;
    await tx.enrolment.updateMany({
      where: { id: { in: untold.map(({ id }) => id) } },
      data: { toldAt: now },
    });
    const { name, address, thumbprint, id } = first;
    const isOne = untold.length === 1;
    await notify(tx, {
      kind: 'enrolment_asked',
      to: { role: 'admin' },
      subject: isOne ? name : `${untold.length} workloads, ${name} among them`,
      facts: isOne ? { address, thumbprint: thumbprintGroups(thumbprint).join(' ') } : {},
      link: isOne ? `/identities/proposed/${id}` : '/identities?state=proposed',
      at: now,
    });
    return untold.length;
  });
}
