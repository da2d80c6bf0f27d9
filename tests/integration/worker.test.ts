import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { readArrivals, recountArrivals, seedInteractions, seedShard } from '../support/seed-log';
import { startWorker, startWorkerBelowShell, type WorkerProcess } from '../support/worker-process';

let database: TestDatabase;
let migrator: Pool;
let workers: WorkerProcess[];
const today = new Date(new Date().setUTCHours(3, 0, 0, 0));

beforeEach(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  workers = [];
  await seedShard(migrator, 1);
});

afterEach(async () => {
  for (const { child } of workers) child.kill('SIGKILL');
  await Promise.all(workers.map(({ exited }) => exited));
  await migrator.end();
  await database.drop();
});

async function start(...argv: string[]): Promise<WorkerProcess> {
  const worker = await startWorker(database.workerUrl, database.kek, ...argv);
  workers.push(worker);
  return worker;
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (
    const deadlineMs = performance.now() + 20_000;
    performance.now() < deadlineMs;
    await sleep(50)
  )
    if (await holds()) return;
  const said = workers.flatMap((worker) => worker.events().map((event) => JSON.stringify(event)));
  throw new Error(`It never came to this: ${what}. The workers said:\n${said.join('\n')}`);
}

const projected = async () =>
  JSON.stringify(await readArrivals(migrator)) === JSON.stringify(await recountArrivals(migrator));
const figures = async () =>
  (
    await migrator.query<{ figures: Record<string, unknown> }>(
      `SELECT figures FROM process_status WHERE role = 'worker' ORDER BY started_at`,
    )
  ).rows.map((row) => row.figures);

describe('the worker', () => {
  it('projects what arrives, tells how far it is, and leaves quietly on SIGTERM', async () => {
    const worker = await start('--roles', 'projections');
    await seedInteractions(migrator, { shard: 1, count: 500, firstAt: today });
    await until(projected, 'the first 500 are projected');
    await seedInteractions(migrator, {
      shard: 1,
      count: 500,
      firstAt: new Date(today.getTime() + 60_000),
    });
    await until(projected, 'the next 500 are projected');
    await until(
      async () => (await figures())[0]?.standby === false && (await figures())[0]?.lagMs === 0,
      'the figures say that nothing is behind',
    );
    expect((await figures())[0]).toMatchObject({
      alarms: [],
      projections: expect.arrayContaining([
        { name: 'activity', shard: 0, lagEntries: 0, lagMs: 0 },
        { name: 'activity', shard: 1, lagEntries: 0, lagMs: 0 },
        { name: 'arrivals', shard: 0, lagEntries: 0, lagMs: 0 },
        { name: 'arrivals', shard: 1, lagEntries: 0, lagMs: 0 },
        { name: 'search', shard: 1, lagEntries: 0, lagMs: 0 },
      ]),
      rssMb: expect.any(Number),
    });
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(await figures()).toEqual([]);
  });

  it('counts each entry once when it is killed in the middle of a batch', async () => {
    await seedInteractions(migrator, { shard: 1, count: 3_000, firstAt: today, stepMs: 100 });
    const blocker = await migrator.connect();
    await blocker.query('BEGIN; LOCK TABLE arrival_minute IN SHARE MODE');
    const killed = await start();
    await until(
      async () =>
        (
          await migrator.query(
            `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE relation = 'arrival_minute'::regclass AND NOT granted AND query LIKE 'INSERT%'`,
          )
        ).rowCount === 1,
      'the worker waits to write its outputs',
    );
    killed.child.kill('SIGKILL');
    expect(await killed.exited).toBe('SIGKILL');
    await blocker.query('ROLLBACK');
    blocker.release();

    await start();
    await until(projected, 'all 3,000 are projected once');
  });

  it('gets on with the others while one fails, says which, and goes on with it when it can', async () => {
    await migrator.query(
      'ALTER TABLE coverage_hour ADD CONSTRAINT broken CHECK (interactions < 0) NOT VALID',
    );
    await start();
    await seedInteractions(migrator, { shard: 1, count: 500, firstAt: today, isTimely: true });
    await until(projected, 'the rollup goes on');
    const failing = async () => (await figures())[0]?.failing;
    await until(async () => JSON.stringify(await failing()).includes('coverage'), 'it says so');
    await until(
      async () => Number(((await failing()) as { failures: number }[])[0]?.failures) >= 2,
      'it tries again',
    );
    expect(await failing()).toEqual([
      { name: 'coverage', shard: 1, failures: expect.any(Number), sinceAt: expect.any(String) },
    ]);
    expect((await figures())[0]?.standby).toBe(false);
    await migrator.query('ALTER TABLE coverage_hour DROP CONSTRAINT broken');
    await until(
      async () => (await figures())[0]?.lagMs === 0 && JSON.stringify(await failing()) === '[]',
      'it has caught up',
    );
    const { rows } = await migrator.query('SELECT sum(interactions)::int AS n FROM coverage');
    expect(rows).toEqual([{ n: 375 }]);
  });

  it('stands by while another projects, and takes over when that one is gone', async () => {
    const first = await start();
    await until(async () => (await figures())[0]?.standby === false, 'the first projects');
    await start();
    await until(async () => (await figures()).length === 2, 'both tell of themselves');
    expect((await figures()).map(({ standby }) => standby)).toEqual([false, true]);
    first.child.kill('SIGKILL');
    await seedInteractions(migrator, { shard: 1, count: 100, firstAt: today });
    await until(projected, 'the second projects');
  });

  it('rebuilds a projection when told to', async () => {
    await seedInteractions(migrator, { shard: 1, count: 100, firstAt: today });
    const worker = await start();
    await until(projected, 'the entries are projected');
    worker.child.kill('SIGTERM');
    await worker.exited;
    await migrator.query('UPDATE arrival_minute SET interactions = 99');
    await start('--rebuild', 'arrivals');
    await until(projected, 'the entries are projected again');
  });

  it('rebuilds what takes longer to forget than a statement may, and the others go on meanwhile', async () => {
    await seedInteractions(migrator, { shard: 1, count: 100, firstAt: today });
    const worker = await start();
    await until(projected, 'the entries are projected');
    worker.child.kill('SIGTERM');
    await worker.exited;
    await migrator.query(
      `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$;
       CREATE TRIGGER slowly AFTER DELETE ON coverage_hour FOR EACH STATEMENT EXECUTE FUNCTION slowly();
       UPDATE arrival_minute SET interactions = 99;`,
    );
    const login = new URL(database.workerUrl).username;
    await migrator.query(`ALTER ROLE "${login}" SET statement_timeout = '1s'`);
    await start('--rebuild', 'coverage', '--rebuild', 'arrivals');
    await until(projected, 'the minutes are projected again');
    const cleared = async () =>
      (
        await migrator.query(
          `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DELETE FROM coverage_hour%'`,
        )
      ).rowCount === 1;
    expect(await cleared()).toBe(true);
    await until(async () => !(await cleared()), 'the deletion ends');
    await until(async () => (await figures())[0]?.lagMs === 0, 'all is projected again');
    expect(JSON.stringify(workers.map((each) => each.events()))).not.toContain('statement timeout');
  });

  it('stops when what started it is gone', async () => {
    const shell = await startWorkerBelowShell(database.workerUrl, database.kek);
    workers.push(shell);
    await until(async () => (await figures()).length === 1, 'the worker runs');
    shell.child.kill('SIGKILL');
    await until(async () => (await figures()).length === 0, 'the worker stops');
  });

  it('comes back by itself after the database went away', async () => {
    await start();
    await until(async () => (await figures())[0]?.standby === false, 'it projects');
    await migrator.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport-worker' AND datname = current_database()`,
    );
    await seedInteractions(migrator, { shard: 1, count: 100, firstAt: today });
    await until(projected, 'it projects again');
  });
});

describe('the worker refuses to start', () => {
  async function refusal(url: string, ...argv: string[]): Promise<string> {
    const worker = await startWorker(url, database.kek, ...argv);
    workers.push(worker);
    expect(await worker.exited).toBe(1);
    const event = worker.events().find(({ event: name }) => name === 'worker_refused_to_start');
    return JSON.stringify(event?.error ?? 'nothing was said');
  }

  it('with a login that owns tables, since it could rewrite the log', async () => {
    expect(await refusal(database.migratorUrl)).toContain('owns tables');
  });

  it('on a schema of another version', async () => {
    await migrator.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99999999999999_later', now())`,
    );
    expect(await refusal(database.workerUrl)).toContain('newer Sallyport');
  });

  it('for a role that it does not know', async () => {
    expect(await refusal(database.workerUrl, '--roles', 'root')).toContain('is not a role');
  });
});
