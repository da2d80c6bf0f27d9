import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, root } from '../../server/build.mjs';
import { freePort } from '../support/free-port';

type Runtime = {
  gatewayUrl: string;
  gatewayGrpcUrl: string;
  consoleUrl: string;
  databaseUrl: string;
  pids: Record<'start' | 'database' | 'gateway' | 'worker' | 'console', number>;
};
type Started = { child: ChildProcess; dataDir: string; env: NodeJS.ProcessEnv; said(): string };

const folders: string[] = [];
const children: ChildProcess[] = [];

beforeAll(() => build(), 300_000);
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  // Whoever was orphaned by that goes within seconds.
  await sleep(children.some(({ exitCode }) => exitCode === null) ? 4000 : 0);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, 30_000);

describe('npm start', () => {
  let one: Started;
  let runtime: Runtime;

  test('gets ready, prints localhost and a set-up code, and hides what is secret', async () => {
    one = await start();
    await isReady(one);
    runtime = runtimeOf(one);
    expect(one.said()).toContain(`Console   ${runtime.consoleUrl}`);
    expect(one.said()).toContain(`${runtime.gatewayGrpcUrl} (OTLP over gRPC)`);
    expect(await accepts(runtime.gatewayGrpcUrl)).toBe(true);
    expect(runtime.consoleUrl).toMatch(/^http:\/\/localhost:\d+$/);
    expect(one.said()).toMatch(/\/set-up\n.*enter the code ([0-9A-F]{4}-){7}[0-9A-F]{4}\n/);
    for (const name of ['runtime.json', 'secrets/kek', 'secrets/postgres'])
      expect(statSync(path.join(one.dataDir, name)).mode & 0o777, name).toBe(0o600);
    expect(one.said()).not.toContain(new URL(runtime.databaseUrl).password);
  }, 120_000);

  test('gives each process its own login and no key to the migrator', () => {
    for (const name of ['gateway', 'worker', 'console'] as const) {
      const env = environmentOf(runtime.pids[name]);
      expect(new URL(env.DATABASE_URL ?? '').username).toBe(`sallyport_${name}_login`);
      expect(Object.values(env)).not.toContain(runtime.databaseUrl);
      expect(env.SALLYPORT_ADMIN_PASSWORD ?? '').toBe('');
    }
    expect(environmentOf(runtime.pids.worker).SALLYPORT_KEK).toBe('');
  });

  test('the command line finds it and registers an agent as JSON says', async () => {
    const created = JSON.parse(
      await sallyport(one, 'identities', 'create', '--kind', 'agent', '--name', 'a1', '--json'),
    );
    expect(created).toEqual({
      identity: { id: expect.any(String), name: 'a1', kind: 'agent' },
      ingestKey: expect.stringMatching(/^slp_ik_/),
      expiresAt: expect.stringMatching(/Z$/),
    });
    const status = JSON.parse(await sallyport(one, 'status', '--json'));
    expect(status).toMatchObject({ interactions: 0, quarantined: 0, identities: 1 });
    expect(status.lagMs).toBeGreaterThanOrEqual(0);
  }, 30_000);

  test('opens TLS with a certificate of the development authority, which certifies agents', async () => {
    const { GATEWAY_TLS_PORT: port } = one.env;
    expect(one.said()).toContain(`https://localhost:${port} (mutual TLS)`);
    const file = path.join(one.dataDir, 'development-ca.pem');
    expect(one.said()).toContain(file);
    const ca = readFileSync(file, 'utf8');
    expect(await sallyport(one, 'certs', 'ca')).toBe(ca);
    const args = ['certs', 'issue', '--identity', 'a1', '--zone', '--json'];
    const { certificate: cert, key } = JSON.parse(await sallyport(one, ...args));
    const agent = new Agent({ ca, cert, key });
    const sent = request(`https://localhost:${port}/v1/traces`, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    sent.end('{"resourceSpans":[]}');
    const [answer] = await once(sent, 'response');
    expect(answer.statusCode).toBe(200);
    agent.destroy();
  }, 60_000);

  test('a console alone refuses to speak plainly to a network', async () => {
    const env = { ...one.env, HOST: '0.0.0.0', PORT: String(await freePort()) };
    const child = spawn(process.execPath, ['server/sallyport.mjs', 'console'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk;
      });
    expect((await once(child, 'exit'))[0]).toBe(1);
    expect(said).toContain('TRUSTED_PROXIES');
  }, 30_000);

  test('a second start on the same data says so and ends', async () => {
    const again = await start({ DATA_DIR: one.dataDir });
    const [code] = await once(again.child, 'exit');
    expect(code).toBe(1);
    expect(again.said()).toContain(`already runs on ${one.dataDir}`);
    expect(isAlive(runtime.pids.gateway)).toBe(true);
  }, 30_000);

  test('a killed gateway and a killed PostgreSQL come back', async () => {
    process.kill(runtime.pids.gateway, 'SIGKILL');
    process.kill(runtime.pids.database, 'SIGKILL');
    await until(async () => {
      const now = runtimeOf(one).pids;
      const isNew = now.gateway !== runtime.pids.gateway && now.database !== runtime.pids.database;
      return isNew && (await statusOf(`${runtime.gatewayUrl}/readyz`)) === 200;
    }, 30_000);
    runtime = runtimeOf(one);
  }, 60_000);

  test('SIGTERM ends everything within ten seconds and leaves nothing behind', async () => {
    // A start that another one runs beside; it is left alone.
    const beside = await start();
    await isReady(beside);
    const began = Date.now();
    one.child.kill('SIGTERM');
    const [code] = await once(one.child, 'exit');
    expect(code).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    for (const [name, pid] of Object.entries(runtime.pids)) expect(isAlive(pid), name).toBe(false);
    for (const name of ['start.lock', 'runtime.json', 'postgres/postmaster.pid'])
      expect(existsSync(path.join(one.dataDir, name)), name).toBe(false);

    const other = runtimeOf(beside);
    expect(await statusOf(`${other.gatewayUrl}/readyz`)).toBe(200);
    expect(other.gatewayGrpcUrl).not.toBe(runtime.gatewayGrpcUrl);
    expect(await accepts(other.gatewayGrpcUrl)).toBe(true);
    expect(await accepts(runtime.gatewayGrpcUrl)).toBe(false);
    // Not even a chance to clean up: everything it started must go by itself.
    beside.child.kill('SIGKILL');
    await until(async () => !Object.values(other.pids).some(isAlive), 15_000);
  }, 120_000);

  test('SIGTERM while PostgreSQL comes up leaves no PostgreSQL behind', async () => {
    const early = await start();
    const pidFile = path.join(early.dataDir, 'postgres', 'postmaster.pid');
    await until(async () => existsSync(pidFile), 60_000);
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    early.child.kill('SIGTERM');
    expect((await once(early.child, 'exit'))[0]).toBe(0);
    expect(pid > 0 && isAlive(pid)).toBe(false);
    expect(existsSync(path.join(early.dataDir, 'start.lock'))).toBe(false);
  }, 90_000);

  test('starts again on what a killed one left behind', async () => {
    const third = await start({ DATA_DIR: folders[1] ?? '' });
    await isReady(third);
    third.child.kill('SIGINT');
    expect((await once(third.child, 'exit'))[0]).toBe(0);
  }, 120_000);
});

describe('npm start refuses, with a sentence,', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a database without a key', { DATABASE_URL: 'postgres://u@127.0.0.1/x' }, 'SALLYPORT_KEK'],
    ['to speak plainly to a network', { HOST: '0.0.0.0' }, 'TRUSTED_PROXIES'],
    ['a name that only looks local', { HOST: '127.evil.example' }, 'TRUSTED_PROXIES'],
    ['a port that is none', { PORT: '99999' }, '1 to 65535'],
    ['a gRPC port that is none', { GATEWAY_GRPC_PORT: 'x' }, 'GATEWAY_GRPC_PORT is x'],
  ])('%s', async (_what, env, sentence) => {
    const refused = await start(env);
    const [code] = await once(refused.child, 'exit');
    expect(code).toBe(1);
    expect(refused.said()).toContain(sentence);
    expect(refused.said()).not.toContain('    at ');
  });

  test.each(['PORT', 'GATEWAY_GRPC_PORT'])('a %s that is taken', async (name) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const refused = await start({ [name]: port });
    const [code] = await once(refused.child, 'exit');
    server.close();
    expect(code).toBe(1);
    expect(refused.said()).toContain(`Port ${port} is taken by another program: set ${name}`);
  });
});

async function start(env: Record<string, string> = {}): Promise<Started> {
  const dataDir = env.DATA_DIR ?? mkdtempSync(path.join(os.tmpdir(), 'sallyport-start-'));
  if (env.DATA_DIR === undefined) folders.push(dataDir);
  const full: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: process.env.PATH,
    PORT: String(await freePort()),
    GATEWAY_PORT: String(await freePort()),
    GATEWAY_GRPC_PORT: String(await freePort()),
    GATEWAY_TLS_PORT: String(await freePort()),
    GATEWAY_GRPC_TLS_PORT: String(await freePort()),
    DISK_MIN_MB: '0',
    ...env,
    DATA_DIR: dataDir,
  };
  const child = spawn(process.execPath, ['server/start.mjs'], {
    cwd: root,
    env: full,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  return { child, dataDir, env: full, said: () => said };
}

async function isReady({ child, said }: Started): Promise<void> {
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`It ended:\n${said()}`);
    return said().includes('Sallyport is ready');
  }, 100_000);
}

const runtimeOf = ({ dataDir }: Started): Runtime =>
  JSON.parse(readFileSync(path.join(dataDir, 'runtime.json'), 'utf8'));

async function sallyport({ env }: Started, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['server/sallyport.mjs', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  return output;
}

const environmentOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const statusOf = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  );

/** Whether something listens there. */
const accepts = (url: string) =>
  new Promise<boolean>((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not so within ${withinMs} ms.`);
    await sleep(100);
  }
}
