import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { migrate } from '@/lib/db/migrate';
import { createPool } from '@/lib/db/pool';
import { startPostgres } from '../../server/postgres.mjs';
import { freePort } from '../support/free-port';
import { registerReporter } from '../support/gateway';
import { type GatewayProcess, killed, startGatewayProcess } from '../support/gateway-process';
import { exportRequest, genaiChatSpan } from '../support/spans';

const rounds = process.env.SALLYPORT_TEST_LONG === '1' ? 10 : 1;
const kek = randomBytes(32);
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-kill-'));
// A cluster of its own with fsync on: it is going to be killed.
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let gateway: GatewayProcess;
let gatewayUrl: string;
let port: number;

beforeAll(async () => {
  postgres = await startPostgres({ dataDir, disposable: false });
  await migrate(postgres.url);
  gatewayUrl = (await ensureLogins(postgres.url, keyEncryptionKeyOf(kek))).gateway;
  port = await freePort();
  gateway = await startGatewayProcess(gatewayUrl, kek.toString('base64'), port);
}, 60_000);

afterAll(async () => {
  if (gateway) await killed(gateway.child, 'SIGTERM');
  await postgres?.stop();
  const { rmSync } = await import('node:fs');
  rmSync(dataDir, { recursive: true, force: true });
});

/** Sends batches one after the other, each until it is acknowledged, as an exporter does. */
async function send(
  key: string,
  sender: number,
  state: { isStopping: boolean; acknowledged: string[] },
): Promise<void> {
  for (let batch = 0; !state.isStopping; batch += 1) {
    const spans = Array.from({ length: 40 }, (_, index) =>
      genaiChatSpan({ at: sender * 1_000_000 + batch * 40 + index + 1, startedMs: Date.now() }),
    );
    const body = JSON.stringify(exportRequest(spans));
    for (;;) {
      const status = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body,
      }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) break;
      await sleep(20);
    }
    state.acknowledged.push(...spans.map(({ traceId, spanId }) => traceId + spanId));
  }
}

it(`every span acknowledged is stored, once, through ${rounds * 2} kill -9 of gateway and PostgreSQL`, {
  timeout: rounds * 60_000,
}, async () => {
  const registrar = createPool(postgres.url, { applicationName: 'tests' });
  const reporters = await Promise.all([1, 2, 3, 4].map(() => registerReporter(registrar)));
  await registrar.end();
  const state = { isStopping: false, acknowledged: [] as string[] };
  const senders = reporters.map(({ key }, index) => send(key, index + 1, state));
  for (let round = 0; round < rounds; round += 1) {
    await sleep(300 + Math.random() * 400);
    await killed(gateway.child, 'SIGKILL');
    gateway = await startGatewayProcess(gatewayUrl, kek.toString('base64'), port);
    await sleep(300 + Math.random() * 400);
    process.kill(postgres.pid, 'SIGKILL');
    await postgres.exited;
    // Not stopped and started: recovered from its write-ahead log.
    postgres = await startPostgres({ dataDir, port: postgres.port });
  }
  // Asked to stop, it answers what it has taken in, and goes.
  await killed(gateway.child, 'SIGTERM');
  expect(gateway.child.exitCode).toBe(0);
  const lastWords = gateway.stderr().split('gateway_stopping').at(-1) ?? '';
  expect(lastWords.includes('append_failed'), 'a request was dropped on stopping').toBe(false);
  gateway = await startGatewayProcess(gatewayUrl, kek.toString('base64'), port);
  await sleep(500);
  state.isStopping = true;
  await Promise.all(senders);

  const check = createPool(postgres.url, { applicationName: 'tests' });
  const { rows } = await check.query(
    "SELECT encode(trace, 'hex') || encode(span, 'hex') AS id FROM interaction ORDER BY 1",
  );
  const { rows: heads } = await check.query(
    `SELECT shard, count(*)::int AS n, (max(position) + 1)::int AS next FROM log_entry WHERE shard > 0 GROUP BY shard`,
  );
  const { rows: bodies } = await check.query('SELECT count(*)::int AS n FROM body');
  await check.end();
  expect(state.acknowledged.length).toBeGreaterThan(100);
  expect(rows.map(({ id }) => id)).toEqual(state.acknowledged.sort());
  for (const { n, next } of heads) expect(n).toBe(next);
  expect(bodies[0].n).toBe(rows.length);
});
