import type { Transaction } from '@/lib/db/prisma';
import { factNameOf, subjectOf } from './schema';

/** Ends what was said of facts: by an attester, or of one name. Returns how many held until now. */
export async function endFacts(
  tx: Transaction,
  which: { attester: string } | { name: string },
  now: Date,
): Promise<number> {
  const attested = await tx.attestation.findMany({
    where: 'attester' in which ? { attesterId: which.attester } : {},
    select: { identityId: true },
    distinct: ['identityId'],
  });
  const { count } = await tx.fact.updateMany({
    where: {
      subject: { in: attested.map(({ identityId }) => subjectOf(identityId)) },
      until: { gt: now },
      ...('attester' in which
        ? { source: subjectOf(which.attester), name: { startsWith: factNameOf('') } }
        : { name: factNameOf(which.name) }),
    },
    data: { until: now },
  });
  return count;
}
