import { randomBytes } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import { secretHash } from '@/lib/core/secrets';
import type { Pool } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';

export const identities = 10_000;
const people = 200;
const teams = 50;
const zones = 8;
const kinds = ['agent', 'agent', 'agent', 'daemon', 'service', 'external_api'];
const states = [
  'active',
  'active',
  'active',
  'active',
  'active',
  'suspended',
  'decommissioned',
  'proposed',
];
const trusts = ['observed', 'probation', 'trusted'];
const words = [
  'billing',
  'returns',
  'search',
  'report',
  'invoice',
  'support',
  'ledger',
  'audit',
  'forecast',
  'triage',
];
const counted =
  'sessions inference input output prompt answer tool_call argument result retrieval transfer mcp trace log metric'.split(
    ' ',
  );
const dayMs = 86_400_000;
const hoursShown = 24;

export type Seeded = {
  teams: string[];
  owners: string[];
  zones: string[];
  /** Active ones, to prove something of. */
  active: string[];
};

const pick = <Value>(values: readonly Value[], index: number): Value => {
  const value = values[index % values.length];
  if (value === undefined) throw new Error('There is nothing to pick from.');
  return value;
};

/** 10,000 identities of 50 teams in 8 zones, with a credential or two each, seen in the last days. */
export async function seedRegistry(db: Pool, prisma: PrismaClient): Promise<Seeded> {
  const now = new Date();
  const ids = (count: number) => Array.from({ length: count }, () => newId());
  const [teamIds, owners, zoneIds, all] = [ids(teams), ids(people), ids(zones), ids(identities)];
  await prisma.team.createMany({
    data: teamIds.map((id, n) => ({ id, name: `team ${n}`, createdAt: now })),
  });
  await prisma.person.createMany({
    data: owners.map((id, n) => ({
      id,
      email: `${id}@example.org`,
      name: `Person ${n}`,
      roles: n % 10 === 0 ? [] : ['analyst'],
      createdAt: now,
    })),
  });
  await prisma.zone.createMany({
    data: zoneIds.map((id, n) => ({
      id,
      name: `zone ${n}`,
      kind: pick(['workload', 'data', 'tools', 'external'], n),
      environment: pick(['production', 'staging', 'test', 'development'], n),
      createdAt: now,
      changedAt: now,
    })),
  });
  const stateOf = (n: number) => pick(states, n * 7);
  await prisma.identity.createMany({
    data: all.map((id, n) => ({
      id,
      kind: pick(kinds, n),
      name: `${pick(words, n)}-${pick(words, Math.floor(n / 10))}-${n}`,
      names: n % 3 === 0 ? [`${pick(words, n)} ${n}`] : [],
      state: stateOf(n),
      ownerId: n % 20 === 0 ? null : pick(owners, n),
      sponsorId: pick(owners, n * 3),
      teamId: n % 25 === 0 ? null : pick(teamIds, n),
      zoneId: n % 30 === 0 ? null : pick(zoneIds, n),
      purpose: `Handles ${pick(words, n * 3)} for the ${pick(words, n * 7)} of region ${n % 17}`,
      trust: pick(trusts, n),
      tags: [pick(words, n), `cost-${n % 40}`],
      createdAt: new Date(now.getTime() - (n % 400) * dayMs - 1),
    })),
  });
  await prisma.credential.createMany({
    data: all.flatMap((identityId, n) =>
      Array.from({ length: 1 + (n % 2) }, (_, k) => ({
        id: newId(),
        identityId,
        kind: 'ingest_key',
        hash: new Uint8Array(secretHash(randomBytes(16).toString('hex'))),
        hint: 'test',
        createdAt: new Date(now.getTime() - 5 * dayMs),
        expiresAt: new Date(now.getTime() + ((n + k * 11) % 80) * dayMs - dayMs / 2),
      })),
    ),
  });
  await db.query(
    `INSERT INTO coverage (identity, shard, interactions, first_at, last_at, dialects)
     SELECT id, 1 + n % 2, 100, now() - interval '30 days', now() - n % 40 * interval '1 day', '{gen_ai}'
     FROM unnest($1::uuid[]) WITH ORDINALITY AS s (id, n) WHERE n % 4 <> 0`,
    [all],
  );
  await db.query(
    `INSERT INTO coverage_hour (identity, shard, hour, interactions, ${counted.join(', ')})
     SELECT id, 1, date_trunc('hour', now()) - h * interval '1 hour', 1 + n % 9, ${counted.map(() => 0).join(', ')}
     FROM unnest($1::uuid[]) WITH ORDINALITY AS s (id, n), generate_series(0, $2::int - 1) h WHERE n % 4 = 1`,
    [all, hoursShown],
  );
  await db.query('VACUUM ANALYZE');
  return {
    teams: teamIds,
    owners,
    zones: zoneIds,
    active: all.filter((_, n) => stateOf(n) === 'active'),
  };
}
