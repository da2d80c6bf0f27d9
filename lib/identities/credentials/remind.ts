import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { credentialKindLabels } from './labels';
import type { CredentialKind } from './schema';

const aheadMs = 7 * 86_400_000;
const lock = 7_305_091;
const atOnce = 500;

/**
 * Tells whoever answers for an identity that a credential of it ends within a week, once each. One that another took
 * over from ends as it should, and one that was made for a week or less is no surprise. Returns how many.
 */
export async function remindOfCredentials(db: PrismaClient, now: Date): Promise<number> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::bigint)`;
    const ending = await tx.credential.findMany({
      where: {
        revokedAt: null,
        NOT: { successor: { is: { revokedAt: null } } },
        identity: { state: 'active' },
        expiresAt: { gt: now, lte: new Date(now.getTime() + aheadMs) },
      },
      select: {
        id: true,
        kind: true,
        name: true,
        createdAt: true,
        expiresAt: true,
        identity: { select: { id: true, name: true } },
      },
      orderBy: { expiresAt: 'asc' },
      take: atOnce,
    });
    const lasting = ending.filter(
      ({ createdAt, expiresAt }) => expiresAt.getTime() - createdAt.getTime() > aheadMs,
    );
    const untold = await untoldOf(tx, 'credential_expiring', lasting, linkOf);
    for (const credential of untold) {
      const { kind, name, expiresAt, identity } = credential;
      await notify(tx, {
        kind: 'credential_expiring',
        to: { ownerOf: identity.id },
        subject: identity.name,
        facts: {
          // The table holds the closed list.
          credential: credentialKindLabels[kind as CredentialKind].word,
          ...(name === '' ? {} : { name }),
          ends: `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
        },
        link: linkOf(credential),
        at: now,
      });
    }
    return untold.length;
  });
}

/** Where a notice leads; by it the notice is found again. */
const linkOf = ({ id }: { id: string }) => `/credentials?credential=${id}`;

/** Those of which no notice of that kind tells yet. */
export async function untoldOf<One>(
  tx: Transaction,
  kind: string,
  all: readonly One[],
  linkOf: (one: One) => string,
): Promise<One[]> {
  const told = await tx.notice.findMany({
    where: { kind, link: { in: all.map(linkOf) } },
    select: { link: true },
  });
  const links = new Set(told.map(({ link }) => link));
  return all.filter((one) => !links.has(linkOf(one)));
}
