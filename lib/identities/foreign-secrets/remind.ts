import type { PrismaClient } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { untoldOf } from '../credentials/remind';

const lock = 7_305_092;
const atOnce = 500;

/** Tells whoever rotates a secret that it is overdue, once for each day it was due. Returns how many. */
export async function remindOfSecrets(db: PrismaClient, now: Date): Promise<number> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::bigint)`;
    const overdue = await tx.foreignSecret.findMany({
      where: { dueAt: { lte: now } },
      select: {
        id: true,
        label: true,
        issuer: true,
        dueAt: true,
        identity: { select: { id: true, name: true } },
        owner: { select: { id: true, disabledAt: true } },
      },
      orderBy: { dueAt: 'desc' },
      take: atOnce,
    });
    const untold = await untoldOf(tx, 'foreign_secret_overdue', overdue, linkOf);
    for (const secret of untold) {
      const { label, issuer, dueAt, identity, owner } = secret;
      await notify(tx, {
        kind: 'foreign_secret_overdue',
        to: owner?.disabledAt === null ? { person: owner.id } : { ownerOf: identity.id },
        subject: label,
        facts: { issuer, identity: identity.name, due: dueAt.toISOString().slice(0, 10) },
        link: linkOf(secret),
        at: now,
      });
    }
    return untold.length;
  });
}

/** Another day that it is due is another notice. */
const linkOf = ({ id, dueAt }: { id: string; dueAt: Date }) =>
  `/credentials/elsewhere?secret=${id}&due=${dueAt.toISOString().slice(0, 10)}`;
