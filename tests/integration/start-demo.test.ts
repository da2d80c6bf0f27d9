import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '@/lib/db/pool';
import { build, root } from '../../server/build.mjs';
import { freePort } from '../support/free-port';
import { killed, until } from '../support/gateway-process';

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-demo-'));
const children: ChildProcess[] = [];

beforeAll(() => build(), 300_000);
afterAll(async () => {
  for (const child of children) await killed(child, 'SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

type Started = { child: ChildProcess; said: () => string };

async function start(...args: string[]): Promise<Started> {
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: process.env.PATH,
    PORT: String(await freePort()),
    GATEWAY_PORT: String(await freePort()),
    GATEWAY_GRPC_PORT: String(await freePort()),
    GATEWAY_TLS_PORT: String(await freePort()),
    GATEWAY_GRPC_TLS_PORT: String(await freePort()),
    DISK_MIN_MB: '0',
    DATA_DIR: dataDir,
  };
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, ['server/start.mjs', ...args], { cwd: root, env, stdio });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  return { child, said: () => said };
}

const says = ({ child, said }: Started, words: string | RegExp) =>
  until(async () => {
    if (child.exitCode !== null) throw new Error(`It ended:\n${said()}`);
    return said().search(words) >= 0;
  });

async function ask<Row extends Record<string, unknown>>(text: string): Promise<Row[]> {
  const { databaseUrl } = JSON.parse(readFileSync(path.join(dataDir, 'runtime.json'), 'utf8'));
  const pool = createPool(databaseUrl, { applicationName: 'tests', max: 1 });
  return (await pool.query<Row>(text).finally(() => pool.end())).rows;
}
const interactions = async () =>
  Number((await ask<{ count: bigint }>('SELECT count(*) FROM interaction'))[0]?.count);

test('--demo fills an empty installation, and leaves one that is not alone', async () => {
  const first = await start('--demo', '--days', '2', '--scale', '0.05');
  await says(first, 'is ready');
  await says(first, /Sent \d+ interactions and \d+ data points of 27 identities/);
  const sent = Number(/Sent (\d+) interactions/.exec(first.said())?.[1]);
  expect(sent).toBeGreaterThan(100);
  expect(await interactions()).toBe(sent);
  await killed(first.child, 'SIGTERM');

  const again = await start('--demo');
  await says(again, 'holds something already, so it is not filled');
  expect(await interactions()).toBe(sent);
  await killed(again.child, 'SIGTERM');
}, 120_000);

test('a stop while it fills ends everything in time and leaves no key behind', async () => {
  rmSync(dataDir, { recursive: true, force: true });
  const filling = await start('--demo', '--days', '200');
  await says(filling, 'in the background');
  await until(async () => (await interactions()) > 0);
  const began = Date.now();
  filling.child.kill('SIGTERM');
  expect((await once(filling.child, 'exit'))[0]).toBe(0);
  expect(Date.now() - began).toBeLessThan(10_000);

  const after = await start();
  await says(after, 'is ready');
  expect(await ask('SELECT id FROM credential WHERE revoked_at IS NULL')).toEqual([]);
  await killed(after.child, 'SIGTERM');
}, 120_000);

test('refuses an option that it does not know', async () => {
  const { child, said } = await start('--demonstrate');
  expect((await once(child, 'exit'))[0]).toBe(1);
  expect(said()).toContain('--demonstrate');
});
