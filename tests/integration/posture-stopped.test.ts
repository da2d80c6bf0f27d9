import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { decommissionIdentity, suspendIdentity } from '@/lib/identities/lifecycle/mutations';
import { getPosture, listPostureLines } from '@/lib/identities/posture/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter } from '../support/gateway';
import { listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let owner: Pool;
let agent: string;
let scanner: string;
const now = new Date();
const reason = 'A test';

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
});
beforeEach(async () => {
  agent = (await registerReporter(owner)).id;
  scanner = (await registerReporter(owner, { kind: 'service' })).id;
  await say(scanner, 'disk_encrypted');
  await say((await registerReporter(owner, { kind: 'service' })).id, 'image_signed');
});
afterAll(async () => {
  await db.$disconnect();
  await owner.end();
  await database.drop();
});

/** As attesting leaves it. */
async function say(by: string, name: string): Promise<void> {
  await owner.query(
    'INSERT INTO attestation (identity_id, attester_id, said_at, logged_at) VALUES ($1, $2, $3, $3)',
    [agent, by, now],
  );
  await owner.query(
    `INSERT INTO fact (subject, name, value, measured_at, until, source)
     VALUES ('identity:' || $1, 'posture.' || $2, 'true', $3, $3::timestamptz + interval '1 hour', 'identity:' || $4)`,
    [agent, name, now, by],
  );
}
const names = async () => (await getPosture(scopeOf(), agent, now, owner)).map(({ name }) => name);

test.each([
  ['suspended', suspendIdentity],
  ['decommissioned', decommissionIdentity],
] as const)('what an attester said holds no more when it is %s', async (state, stop) => {
  const ctx: RegistryCtx = { db, actor: actorOf(), scope: scopeOf(), now };
  expect(await names()).toEqual(['disk_encrypted', 'image_signed']);
  await stop(ctx, { identityId: scanner, reason });
  expect((await listControl(owner, [`identity_${state}`])).at(-1)?.facts).toMatchObject({
    identity: scanner,
    facts_ended: 1,
  });
  // Nor does it hold again when it is resumed: it measures anew.
  await owner.query(`UPDATE identity SET state = 'active' WHERE id = $1 AND state = 'suspended'`, [
    scanner,
  ]);
  expect(await names()).toEqual(['image_signed']);
});

test('what is said by one that is not active counts as absent, whoever stopped it', async () => {
  await owner.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [scanner]);
  expect(await names()).toEqual(['image_signed']);
  expect(await listPostureLines(scopeOf(), agent, now, owner)).toMatchObject([
    { name: 'disk_encrypted', now: null },
    { name: 'image_signed', now: { value: true } },
  ]);
});
