import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { parseIdentitiesView } from '@/lib/identities/registry/address';
import { resolveAsked } from '@/lib/identities/registry/asked/queries';
import { listIdentities } from '@/lib/identities/registry/queries';
import { createTeam } from '@/lib/people/teams/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { clearPeople, ctxAs, type Made, makePerson } from '../support/made-people';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ada: Made;
const now = new Date();

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  await clearPeople(owner);
  ada = await makePerson(owner, { name: 'Ada' });
  const bob = await makePerson(owner, {
    name: 'Bob',
    roles: ['analyst'],
  });
  const ctx = { ...ctxAs(db, ada, now), scope: scopeOf() };
  const team = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  const bare = { issuesKey: false } as const;
  const keyed = await createIdentity(ctx, { kind: 'agent', name: 'keyed', ...bare });
  const placed = await createIdentity(ctx, { kind: 'agent', name: 'placed', ...bare });
  await createIdentity(ctx, { kind: 'agent', name: 'bearer', teamId: team, days: 5 });
  await createIdentity(ctx, { kind: 'agent', name: 'bare', ownerId: bob.id, ...bare });
  const network = newId();
  await pool.query(
    `INSERT INTO network (id, name, cidrs, changed_at) VALUES ($1, 'plant', '{10.0.0.0/8}', now())`,
    [network],
  );
  for (const id of [keyed.identity.id, placed.identity.id])
    await pool.query(
      `INSERT INTO credential (id, identity_id, kind, hint, subject, rule, created_at, expires_at)
       VALUES ($1, $2, 'public_key', '', $3, '{"jwk":{}}', now(), now() + interval '60 days')`,
      [newId(), id, newId()],
    );
  await pool.query(
    `INSERT INTO credential (id, identity_id, kind, hint, subject, network_id, created_at, expires_at)
     VALUES ($1, $2, 'placement', '', $4, $3, now(), now() + interval '60 days')`,
    [newId(), placed.identity.id, network, network],
  );
});
afterAll(async () => {
  await Promise.all([owner.$disconnect(), db.$disconnect(), pool.end()]);
  await database.drop();
});

/** Names that an address finds, and what is said of it. */
async function asked(q: string, scope = scopeOf()) {
  const view = parseIdentitiesView({ q });
  const { filter, problems } = await resolveAsked(scope, view.filter, now, pool);
  const page = await listIdentities(
    scope,
    { filter, sort: { by: 'name', isDescending: false }, cursor: null, now },
    pool,
  );
  return { names: page.rows.map(({ name }) => name), problems: [...view.problems, ...problems] };
}

test.each([
  ['assurance:0', ['bare']],
  ['assurance:<2', ['bare', 'bearer', 'keyed']],
  ['assurance:1', ['bearer', 'keyed']],
  ['assurance:>1', ['placed']],
  ['assurance:3', []],
  ['expires:<7d', ['bearer']],
  ['expires:<90d', ['bearer', 'keyed', 'placed']],
  ['team:payments', ['bearer']],
  ['team:none', ['bare', 'keyed', 'placed']],
  ['owner:BOB', ['bare']],
  ['owner:ada kind:agent', ['bearer', 'keyed', 'placed']],
  ['zone:none assurance:>1', ['placed']],
  ['be', ['bearer']],
])('%s finds %j', async (q, names) => {
  expect(await asked(q)).toEqual({ names, problems: [] });
});

test('the level by which a list is narrowed is the one that its rows show', async () => {
  const scope = scopeOf();
  const { filter } = await resolveAsked(scope, parseIdentitiesView({}).filter, now, pool);
  const { assuranceOf } = await import('@/lib/identities/credentials/assurance');
  const page = await listIdentities(
    scope,
    { filter, sort: { by: 'name', isDescending: false }, cursor: null, now },
    pool,
  );
  for (const { name, credentials } of page.rows)
    expect((await asked(`assurance:${assuranceOf(credentials.classes).level}`)).names).toContain(
      name,
    );
});

test('a name that means nothing matches nothing, and it is said', async () => {
  expect(await asked('team:payment')).toEqual({
    names: [],
    problems: ['team:payment names no team, so nothing matches it.'],
  });
  expect((await asked('zone:moon')).problems).toEqual([
    'zone:moon names no zone, so nothing matches it.',
  ]);
});

test('owners of what is not shown are not told apart from nobody', async () => {
  const none = scopeOf({ reach: 'teams', teams: [] });
  expect((await asked('owner:bob', none)).problems).toEqual([
    'owner:bob names no owner, so nothing matches it.',
  ]);
});
