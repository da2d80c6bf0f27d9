import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { fingerprintOf, manyNamesHex } from '@/lib/identities/attribute';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { ignoreShadow, type ShadowCtx } from '@/lib/inventory/coverage/mutations';
import { coverage } from '@/lib/inventory/coverage/project';
import { namesPerHourMax } from '@/lib/inventory/coverage/shadow/admit';
import { findShadow, listShadow, shadowMax } from '@/lib/inventory/coverage/shadow/queries';
import { listLags, projectBatch } from '@/lib/log/projection';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter } from '../support/gateway';
import { actorOf, scopeOf } from '../support/people';
import { seedShard } from '../support/seed-log';
import { appendTold, type Told } from '../support/told';

let database: TestDatabase;
let migrator: Pool;
let pool: Pool;
let db: PrismaClient;
let ctx: ShadowCtx;
const now = new Date();
const ago = (ms: number) => new Date(now.getTime() - ms);
const hour = 3_600_000;
const scope = scopeOf({ id: '0198' });

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  await migrator.query(
    `SELECT ensure_partitions((now() - interval '20 days')::date, (now() + interval '1 day')::date)`,
  );
  await seedShard(migrator, 1);
  await createFirstAdministrator(
    db,
    {
      email: 'ada@example.org',
      password: 'correct horse battery',
      organisation: 'x',
      name: 'Ada',
    } as never,
    now,
  );
  const person = await db.person.findFirstOrThrow({ select: { id: true } });
  ctx = { db, actor: actorOf({ id: person.id }), scope: scopeOf({ id: person.id }), now };
});
afterAll(async () => {
  await db.$disconnect();
  await pool.end();
  await migrator.end();
  await database.drop();
});

/** Entries arrive in the order sent, whenever it was that they happened. */
let sent = 0;
async function send(...entries: Omit<Told, 'receivedAt'>[]): Promise<void> {
  await appendTold(
    migrator,
    1,
    entries.map((entry) => {
      sent += 1;
      return { ...entry, receivedAt: ago(600_000 - sent) };
    }),
  );
  const worker = createPool(database.workerUrl, { applicationName: 'tests' });
  const client = await worker.connect();
  for (const lag of await listLags(client, [coverage]))
    if (lag.entries > 0) await projectBatch(client, coverage, lag.shard);
  client.release();
  await worker.end();
}

const declares = (declaredName: string | null, service: string | null = null) => ({
  declaredName,
  service,
  fingerprint: Buffer.from(fingerprintOf({ declaredName, declaredId: null, service })),
});
const hexOf = (declared: { fingerprint: Buffer }) => declared.fingerprint.toString('hex');

const find = (fingerprint: string, reporter: string | null = null) =>
  findShadow(scope, { fingerprint, reporter }, pool);

describe('an unregistered actor', () => {
  it('is open again when another reporter tells of it, or of another kind of thing', async () => {
    const job = declares('nightly-job');
    const known = await registerReporter(migrator, { name: 'scheduler', kind: 'service' });
    const impostor = await registerReporter(migrator, { name: 'stolen-key' });
    await send({ ...job, reporter: known.id });
    await ignoreShadow(ctx, {
      fingerprint: hexOf(job),
      reporter: known.id,
      reason: 'ours',
      days: null,
    });
    const open = async () =>
      (await listShadow(scope, 'open', pool))
        .filter(({ fingerprint }) => fingerprint === hexOf(job))
        .map(({ reporter }) => reporter.name)
        .sort();
    await send({ ...job, reporter: known.id });
    expect(await open()).toEqual([]);
    await send({ ...job, reporter: impostor.id });
    expect(await open()).toEqual(['stolen-key']);
    expect(await find(hexOf(job), known.id)).toMatchObject({ ignored: { reason: 'ours' } });
    expect(await find(hexOf(job), impostor.id)).toMatchObject({ ignored: null, interactions: 1 });
    await send({ ...job, reporter: known.id, kind: 'data_transfer' });
    expect(await open()).toEqual(['scheduler', 'stolen-key']);
  });

  it('is open again, and called an impostor, when it arrives after somebody registered it', async () => {
    const worker = declares('payroll');
    const collector = await registerReporter(migrator, { name: 'edge', kind: 'service' });
    await send({ ...worker, reporter: collector.id });
    await createIdentity(ctx, { kind: 'agent', name: 'payroll', fingerprint: hexOf(worker) });
    const open = async () =>
      (await listShadow(scope, 'open', pool)).find(
        ({ fingerprint }) => fingerprint === hexOf(worker),
      );
    expect(await open()).toBeUndefined();
    await migrator.query(`UPDATE identity_fingerprint SET since = since - interval '1 hour'`);
    await send({ ...worker, reporter: collector.id });
    expect(await open()).toMatchObject({
      reporter: { name: 'edge' },
      registered: { name: 'payroll', isStillSeen: true },
      resembles: { name: 'payroll', how: 'same' },
    });
  });

  it('stays on the list however many names another reporter makes up', async () => {
    const [loud, quiet] = [
      await registerReporter(migrator, { name: 'loud' }),
      await registerReporter(migrator, { name: 'real-shadow' }),
    ];
    await send({ ...declares('real'), reporter: quiet.id, at: ago(20 * hour) });
    await migrator.query(
      `INSERT INTO shadow_actor (fingerprint, shard, reporter, kind, interactions, sessions, errors, first_at, last_at,
         last_received_at)
       SELECT substring(sha256(int4send(n)) FOR 16), 1, $1, 'inference', 1, 1, 0, $2, $2, $2
       FROM generate_series(1, 6000) n`,
      [loud.id, now],
    );
    await send(
      ...Array.from({ length: namesPerHourMax + 20 }, (_, n) => ({
        ...declares(`made-up-${n}`),
        reporter: loud.id,
      })),
    );
    const open = await listShadow(scope, 'open', pool);
    expect(open.length).toBe(shadowMax + 1);
    expect(open.map(({ reporter }) => reporter.name)).toContain('real-shadow');
    const crowd = await find(manyNamesHex, loud.id);
    expect(crowd).toMatchObject({ isCrowd: true, reporter: { name: 'loud' }, interactions: 20 });
    await expect(
      createIdentity(ctx, { kind: 'agent', name: 'crowd', fingerprint: manyNamesHex }),
    ).rejects.toMatchObject({ code: 'invalid_input' });
    await migrator.query('DELETE FROM shadow_actor WHERE reporter = $1', [loud.id]);
  });
});
