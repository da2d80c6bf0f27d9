import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { changeZone, createZone, removeZone } from '@/lib/zones/mutations';
import { listZones } from '@/lib/zones/queries';
import { type CreateZone, type Zone, zonesMax } from '@/lib/zones/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addPerson, listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let owner: Pool;
let reader: Pool;
let ctx: RegistryCtx;
const reason = 'Asked for by the platform team';

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
  const id = await addPerson(owner, { name: 'Grace' });
  ctx = { db, actor: actorOf({ id }), scope: scopeOf(), now: new Date() };
});
afterAll(async () => {
  await db.$disconnect();
  await Promise.all([owner.end(), reader.end()]);
  await database.drop();
});

const made: CreateZone = { name: 'Payments', kind: 'workload', environment: 'production', reason };
const list = () => listZones(scopeOf(), reader);
const entries = () => listControl(owner, ['zone_created', 'zone_changed', 'zone_removed']);
async function zoneOf(name: string): Promise<Zone> {
  const found = (await list()).find((zone) => zone.name === name);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
}
const seen = ({ id, changedAt }: Zone) => ({ id, seenAt: changedAt.toISOString() });

test('a zone is made, changed and removed, each with its entry', async () => {
  await createZone(ctx, made);
  const zone = await zoneOf('Payments');
  await changeZone(ctx, { ...made, ...seen(zone), environment: 'staging', purpose: 'Rehearsals' });
  await removeZone(ctx, { ...seen(await zoneOf('Payments')), reason });
  expect(await list()).toEqual([]);
  const who = { by: expect.stringContaining('person:'), address: '192.0.2.1', sign_in: 's' };
  const first = { name: 'Payments', kind: 'workload', environment: 'production', purpose: '' };
  const second = { ...first, environment: 'staging', purpose: 'Rehearsals' };
  const about = { ...who, zone: zone.id, reason };
  expect(await entries()).toEqual([
    { kind: 'zone_created', facts: { ...about, after: first } },
    { kind: 'zone_changed', facts: { ...about, before: first, after: second } },
    { kind: 'zone_removed', facts: { ...about, before: second } },
  ]);
});

test('of two who change a zone at once, one is told and overwrites nothing', async () => {
  await createZone(ctx, { ...made, name: 'Tools' });
  const zone = await zoneOf('Tools');
  const change = (purpose: string) =>
    changeZone(ctx, { ...made, name: 'Tools', ...seen(zone), purpose });
  const results = await Promise.allSettled([change('One'), change('Other')]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(removeZone(ctx, { ...seen(zone), reason })).rejects.toThrow('Somebody else');
});

test('of two who take the same name at once, one gets it', async () => {
  const take = (name: string) => createZone(ctx, { ...made, name });
  const results = await Promise.allSettled([take('Lab'), take('LAB'), take('lab')]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a zone in which an identity lives stays, and whoever sees that identity reads which', async () => {
  await createZone(ctx, { ...made, name: 'Inhabited' });
  const zone = await zoneOf('Inhabited');
  const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'billing-agent' });
  await owner.query('UPDATE identity SET zone_id = $1 WHERE id = $2', [zone.id, identity.id]);
  expect((await zoneOf('Inhabited')).identities).toBe(1);
  await expect(removeZone(ctx, { ...seen(zone), reason })).rejects.toThrow(
    'In this zone lives 1 identity (billing-agent). Move it to another first.',
  );
  const ofNobody = { ...ctx, scope: scopeOf({ reach: 'teams' }) };
  await expect(removeZone(ofNobody, { ...seen(zone), reason })).rejects.toThrow(
    'In this zone lives 1 identity. Move it to another first.',
  );
});

describe('refuses', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a name that is none', { name: '' }, 'Enter a name'],
    ['invisible characters', { name: 'a\u202eb' }, 'visible characters'],
    ['a kind that is none', { kind: 'lake' }, 'A kind is one of'],
    ['an environment that is none', { environment: 'live' }, 'An environment is one of'],
    ['a purpose of many characters', { purpose: 'x'.repeat(1001) }, '1,000 characters at most'],
    ['no reason', { reason: ' ' }, 'Say why'],
  ])('%s', async (_, over, sentence) => {
    const input = { ...made, name: 'Refused', ...over } as CreateZone; // What a form could post.
    await expect(createZone(ctx, input)).rejects.toThrow(sentence);
    expect((await list()).map(({ name }) => name)).not.toContain('Refused');
  });

  test('whoever is no administrator, or has shown no factor for a while', async () => {
    const analyst = { ...ctx, actor: actorOf({ roles: ['analyst'] }) };
    await expect(createZone(analyst, made)).rejects.toThrow('Only an administrator');
    const stale = { ...ctx, actor: actorOf({}, { isFresh: false }) };
    await expect(createZone(stale, made)).rejects.toThrow('second factor');
  });

  test('more than there may be', async () => {
    await owner.query(
      `INSERT INTO zone (id, name, kind, environment, created_at, changed_at)
       SELECT gen_random_uuid(), 'Zone ' || n, 'data', 'test', now(), now() FROM generate_series(1, $1) n`,
      [zonesMax],
    );
    await expect(createZone(ctx, made)).rejects.toThrow('200 zones at most');
  });
});
