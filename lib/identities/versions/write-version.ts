import type { Prisma, Transaction } from '@/lib/db/prisma';
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
  return { attributes: attributesOf(row), revision: row.revision };
}

/** The same of many. */
export async function listAttributes(
  tx: Transaction,
  where: Prisma.IdentityWhereInput,
): Promise<{ id: string; attributes: IdentityAttributes; revision: number }[]> {
  const rows = await tx.identity.findMany({ where, select: { ...columns, id: true } });
  return rows.map((row) => ({
    id: row.id,
    attributes: attributesOf(row),
    revision: row.revision,
  }));
}

type Row = Prisma.IdentityGetPayload<{ select: typeof columns }>;
const attributesOf = (row: Row): IdentityAttributes =>
  IdentityAttributes.parse({
    ...row,
    owner: row.ownerId,
    sponsor: row.sponsorId,
    team: row.teamId,
    zone: row.zoneId,
    actsFor: row.actsForAll ? 'all' : { people: row.actsForPeople, teams: row.actsForTeams },
    reportsFor: row.reportsForAll ? 'all' : row.reportsFor.map(({ identityId }) => identityId),
  });

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

/** The first version of each of many that were just registered. */
export async function writeFirstVersions(
  tx: Transaction,
  { ids, by, at, reason }: { ids: string[]; by: string; at: Date; reason: string | null },
): Promise<void> {
  const known = await listAttributes(tx, { id: { in: ids } });
  await tx.identityVersion.createMany({
    data: known.map(({ id, attributes, revision }) => ({
      ...{ identityId: id, revision, attributes, at, by, reason },
    })),
  });
}
