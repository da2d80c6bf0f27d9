import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf, secretHash } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { migrate } from '@/lib/db/migrate';
import { createConnection, createPool, type Pool } from '@/lib/db/pool';
import { contentKeyOf } from '../../server/environment.mjs';
import { startPostgres } from '../../server/postgres.mjs';
import { gatewayFlags } from '../../server/programs.mjs';
import { freePort } from '../support/free-port';
import type { LoadMessage, LoadOrder, LoadResult, LoadSetup } from './load';

/** A PostgreSQL, a gateway and a worker, each a process with its own login, as `npm start` runs them. */
export type Stack = {
  migrator: Pool;
  migratorUrl: string;
  gatewayDatabaseUrl: string;
  tracesUrl: string;
  postgresPid: number;
  gateway: ChildProcess;
  worker: ChildProcess;
  /** Registers identities with an ingest key each; returns the keys. */
  createReporters(count: number): Promise<string[]>;
  stop(): Promise<void>;
};

const bundle = (name: string) => path.join(import.meta.dirname, `${name}.mjs`);

export async function startStack(extraFlags: readonly string[] = []): Promise<Stack> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-bench-'));
  const postgres = await startPostgres({ dataDir, disposable: true });
  const migratorUrl = await createDatabase(postgres.url);
  await migrate(migratorUrl);
  const kek = randomBytes(32);
  const logins = await ensureLogins(migratorUrl, keyEncryptionKeyOf(kek));
  const migrator = createPool(migratorUrl, { applicationName: 'bench', statementTimeoutMs: 0 });
  const port = await freePort();
  const log = path.join(dataDir, 'processes.log');
  const start = (name: string, databaseUrl: string, flags: readonly string[] = []) => {
    const output = openSync(log, 'a');
    const child = spawn(process.execPath, [...flags, bundle(name)], {
      stdio: ['ignore', output, output],
      env: {
        NODE_ENV: 'production',
        PATH: process.env.PATH,
        DATABASE_URL: databaseUrl,
        ...(name === 'worker'
          ? { SALLYPORT_CONTENT_KEY: contentKeyOf(kek.toString('base64')) }
          : { SALLYPORT_KEK: kek.toString('base64') }),
        DATA_DIR: dataDir,
        GATEWAY_PORT: String(port),
        GATEWAY_GRPC_PORT: '0',
      },
    });
    closeSync(output);
    return child;
  };
  const worker = start('worker', logins.worker);
  const gateway = start('gateway', logins.gateway, [...gatewayFlags, ...extraFlags]);
  const stack: Stack = {
    migrator,
    migratorUrl,
    gatewayDatabaseUrl: logins.gateway,
    tracesUrl: `http://127.0.0.1:${port}/v1/traces`,
    postgresPid: postgres.pid,
    gateway,
    worker,
    createReporters: (count) => createReporters(migrator, count),
    async stop() {
      await Promise.all([stopChild(gateway), stopChild(worker)]);
      await migrator.end();
      await postgres.stop();
    },
  };
  try {
    await untilReady(`http://127.0.0.1:${port}/readyz`, gateway);
  } catch (error) {
    const said = readFileSync(log, 'utf8').split('\n').slice(-12).join('\n');
    await stack.stop();
    throw new Error(`The gateway does not get ready. It said:\n${said}`, { cause: error });
  }
  return stack;
}

export async function createDatabase(clusterUrl: string): Promise<string> {
  const owner = createConnection(clusterUrl, { applicationName: 'bench' });
  await owner.connect();
  await owner.query('CREATE DATABASE bench');
  await owner.end();
  const url = new URL(clusterUrl);
  url.pathname = '/bench';
  return url.href;
}

/** Collectors that may report for the agent that the load declares, so that nothing it sends is shadow. */
export async function createReporters(migrator: Pool, count: number): Promise<string[]> {
  const keys = Array.from(
    { length: count },
    () => `slp_ik_${randomBytes(32).toString('base64url')}`,
  );
  await migrator.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'agent', 'support-agent', '{}', 'active', now())`,
    [newId()],
  );
  for (const [index, key] of keys.entries()) {
    const id = newId();
    await migrator.query(
      `INSERT INTO identity (id, kind, name, names, state, reports_for_all, created_at) VALUES ($1, 'service', $2, '{}', 'active', true, now())`,
      [id, `bench-${index}`],
    );
    await migrator.query(
      `INSERT INTO credential (id, identity_id, kind, hash, hint, created_at, expires_at)
       VALUES ($1, $2, 'ingest_key', $3, $4, now(), now() + interval '1 day')`,
      [newId(), id, secretHash(key), key.slice(-4)],
    );
  }
  return keys;
}

/** The process that sends. */
export class Load {
  private readonly child: ChildProcess;
  acknowledged = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async start(setup: LoadSetup): Promise<{ load: Load; bytesPerSpan: number }> {
    const child = fork(bundle('load'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.send({ setup });
    // The only message that a load sends by itself.
    const [ready] = (await once(child, 'message')) as [LoadMessage];
    if (ready.type !== 'ready') throw new Error('The load did not get ready.');
    return { load: new Load(child), bytesPerSpan: ready.bytesPerSpan };
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** `onProgress` gets all spans acknowledged so far, over all orders. */
  async run(
    order: LoadOrder,
    onProgress: (acknowledged: number) => void = () => {},
  ): Promise<LoadResult> {
    return await new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('The load ended early.'));
      const onMessage = (message: LoadMessage) => {
        if (message.type === 'progress') onProgress(this.acknowledged + message.acknowledged);
        if (message.type !== 'done') return;
        this.child.off('message', onMessage).off('exit', onExit);
        this.acknowledged += message.result.acknowledged;
        resolve(message.result);
      };
      this.child.on('message', onMessage).once('exit', onExit);
      this.child.send({ order });
    });
  }

  stop(): void {
    this.child.disconnect();
  }
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const overdue = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await exited;
  clearTimeout(overdue);
}

export async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error('It was not ready within 20 seconds.');
}
