import { inTurns } from '@/lib/core/in-turns';
import type { Transaction } from '@/lib/db/prisma';
import type { RegistryCtx } from '../ctx';
import { seesAllIdentities, whereSeen } from '../unfit';
import { listAttributes } from '../versions/write-version';
import type { Known } from './judge-lines';
import { ImportLine, type ReadLine } from './schema';

/** What the registry knows of all that these lines name. */
export async function readKnown(
  db: Transaction,
  ctx: Omit<RegistryCtx, 'db'>,
  lines: readonly ReadLine[],
): Promise<Known> {
  const parsed = (
    await inTurns(lines, (line) => {
      const one = 'wrong' in line ? null : ImportLine.safeParse(line.values);
      return one?.success ? [one.data] : [];
    })
  ).flat();
  const expected = [...new Set(parsed.flatMap(({ expects = [] }) => expects))];
  const names = [...new Set(parsed.map(({ name }) => name))];
  const [people, teams, zones, resources, taken, seen, reached] = await Promise.all([
    listPeople(db, ctx),
    db.team.findMany({ select: { id: true, name: true } }),
    db.zone.findMany({ select: { id: true, name: true } }),
    db.resource.findMany({
      where: { id: { in: expected }, state: { not: 'retired' } },
      select: { id: true },
    }),
    db.identity.findMany({
      where: { state: { not: 'decommissioned' } },
      select: { id: true, name: true, names: true },
    }),
    listAttributes(db, {
      state: { not: 'decommissioned' },
      name: { in: names },
      ...whereSeen(ctx),
    }),
    db.identity.findMany({
      where: { state: { not: 'decommissioned' }, ...whereSeen(ctx) },
      select: { id: true },
    }),
  ]);
  const byIdAndName = (some: readonly { id: string; name: string }[]) =>
    new Map(some.flatMap(({ id, name }) => [[id, id] as const, [name.toLowerCase(), id] as const]));
  return {
    people,
    teams: byIdAndName(teams),
    zones: byIdAndName(zones),
    resources: new Set(resources.map(({ id }) => id)),
    taken: new Map(
      taken.flatMap(({ id, name, names: further }) =>
        [name, ...further].map((each) => [each, { id, name }] as const),
      ),
    ),
    reached: new Set(reached.map(({ id }) => id)),
    reachesAll: seesAllIdentities(ctx),
    seen: new Map(seen.map(({ id, revision, attributes }) => [id, { revision, attributes }])),
  };
}

/** A machine, whose process knows no addresses, names people by id. */
async function listPeople(
  db: Transaction,
  { actor }: Pick<RegistryCtx, 'actor'>,
): Promise<Map<string, string>> {
  const where = { disabledAt: null, roles: { isEmpty: false } };
  if (actor.kind === 'machine') {
    const rows = await db.person.findMany({ where, select: { id: true } });
    return new Map(rows.map(({ id }) => [id, id]));
  }
  const rows = await db.person.findMany({ where, select: { id: true, email: true } });
  return new Map(
    rows.flatMap(({ id, email }) => [[id, id] as const, [email.toLowerCase(), id] as const]),
  );
}
