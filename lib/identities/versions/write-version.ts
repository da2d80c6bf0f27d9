import type { Transaction } from '@/lib/db/prisma';
import { IdentityAttributes } from './schema';

const columns = {
  kind: true,
  name: true,
  names: true,
  state: true,
  ownerId: true,
  sponsorId: true,
  teamId: true,
  zoneId: true,
  purpose: true,
  trust: true,
  tags: true,
  actsForAll: true,
  actsForPeople: true,
  actsForTeams: true,
  expects: true,
  reportsForAll: true,
  revision: true,
  reportsFor: { select: { identityId: true }, orderBy: { identityId: 'asc' } },
} as const;

/** What is known of an identity just now. */
export async function readAttributes(
  tx: Transaction,
  id: string,
): Promise<{ attributes: IdentityAttributes; revision: number }> {
  const row = await tx.identity.findUniqueOrThrow({ where: { id }, select: columns });
  const attributes = IdentityAttributes.parse({
    ...row,
    owner: row.ownerId,
    sponsor: row.sponsorId,
    team: row.teamId,
    zone: row.zoneId,
    actsFor: row.actsForAll ? 'all' : { people: row.actsForPeople, teams: row.actsForTeams },
    reportsFor: row.reportsForAll ? 'all' : row.reportsFor.map(({ identityId }) => identityId),
  });
  return { attributes, revision: row.revision };
}

/**
 * INVARIANT: the last of each change of an identity before its entry, whose transaction counted `revision` up: what is
 * known of it now is kept as it is.
 */
export async function writeVersion(
  tx: Transaction,
  { id, by, at, reason }: { id: string; by: string; at: Date; reason: string | null },
): Promise<{ attributes: IdentityAttributes; revision: number }> {
  const known = await readAttributes(tx, id);
  await tx.identityVersion.create({
    data: {
      identityId: id,
      revision: known.revision,
      attributes: known.attributes,
      at,
      by,
      reason,
    },
    select: { revision: true },
  });
  return known;
}
