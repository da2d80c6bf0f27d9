// `npm start`: from a fresh clone to a running Sallyport, and everything stopped again at the end.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, isIP } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { build, root } from './build.mjs';
import { environmentOf, loadEnvironment, setting } from './environment.mjs';
import { install } from './install.mjs';
import {
  dataFolder,
  keyEncryptionKey,
  lockFile,
  readRuntime,
  removeRuntime,
  writeRuntime,
} from './instance.mjs';
import { takeLock } from './lock.mjs';
import { startPostgres } from './postgres.mjs';
import { programOf } from './programs.mjs';
import { createSupervisor, startNode } from './supervise.mjs';
import { stopTools } from './tools.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
// With what PostgreSQL gets after its own grace, all of it stays below ten seconds.
const graceMs = 5000;
const postgresGraceMs = 2500;
const readyWithinMs = 120_000;
const notReadyForMs = 10_000;
const demoGraceMs = 2000;

const stopping = new AbortController();
let stopped;
let stopAll = stopTools;

/** Ends this process once everything else has ended; the first call decides how. */
function stop(code, reason) {
  stopped ??= (async () => {
    if (reason) say(`Stopping: ${reason}.`);
    stopping.abort();
    await stopAll();
    process.exit(code);
  })();
  return stopped;
}

async function start() {
  loadEnvironment();
  const { values: wanted } = parseArgs({
    options: {
      demo: { type: 'boolean', default: false },
      ...{ days: { type: 'string' }, scale: { type: 'string' }, seed: { type: 'string' } },
    },
  });
  const host = setting('HOST') ?? '127.0.0.1';
  const ports = {
    console: portOf('PORT', 3000),
    gateway: portOf('GATEWAY_PORT', 4318),
    grpc: portOf('GATEWAY_GRPC_PORT', 4317),
    tls: portOf('GATEWAY_TLS_PORT', 4443),
    grpcTls: portOf('GATEWAY_GRPC_TLS_PORT', 4444),
  };
  const servesTls = setting('GATEWAY_TLS_CERT') !== undefined;
  // The embedded database is for trying things out: what is found set below, nobody chose.
  if (setting('DATABASE_URL') === undefined) process.env.DEV_CA ||= 'on';
  if (!isLoopback(host) && !setting('TRUSTED_PROXIES'))
    throw new Error(
      `HOST is ${host}, which others can reach, and passwords and keys would travel in the clear. Put a proxy with TLS in front and name it in TRUSTED_PROXIES, or leave HOST unset.`,
    );
  await install({ log: say });
  await build({ log: say });
  if (stopped) return;

  const { dataDir, note } = dataFolder();
  if (note) say(note);
  const lock = takeLock(lockFile(dataDir));
  if (lock.release === undefined) {
    const where = readRuntime(dataDir)?.consoleUrl;
    throw new Error(
      `Sallyport already runs on ${dataDir}${where ? ` at ${where}` : ''} (process ${lock.holder}). Stop that one, or set another DATA_DIR, PORT, GATEWAY_PORT, GATEWAY_GRPC_PORT, GATEWAY_TLS_PORT and GATEWAY_GRPC_TLS_PORT.`,
    );
  }
  stopAll = async () => lock.release();
  await Promise.all([
    refuseTakenPort(host, ports.console, 'PORT'),
    refuseTakenPort(host, ports.gateway, 'GATEWAY_PORT'),
    refuseTakenPort(host, ports.grpc, 'GATEWAY_GRPC_PORT'),
    ...(servesTls
      ? [
          refuseTakenPort(host, ports.tls, 'GATEWAY_TLS_PORT'),
          refuseTakenPort(host, ports.grpcTls, 'GATEWAY_GRPC_TLS_PORT'),
        ]
      : []),
  ]);
  const developmentTls = !servesTls && setting('DEV_CA') === 'on' && isLoopback(host);
  const freeTls = developmentTls && (await areFree(host, [ports.tls, ports.grpcTls]));

  const kek = keyEncryptionKey(dataDir);
  const runtime = {
    gatewayUrl: setting('GATEWAY_URL') ?? `http://localhost:${ports.gateway}`,
    gatewayGrpcUrl: `http://localhost:${ports.grpc}`,
    consoleUrl: setting('CONSOLE_URL') ?? `http://localhost:${ports.console}`,
    databaseUrl: setting('DATABASE_URL'),
    developmentCa: setting('DEV_CA'),
    pids: {},
  };
  const noteProcesses = () => {
    runtime.pids = { start: process.pid, ...supervisor.pids() };
    writeRuntime(dataDir, runtime);
  };
  const supervisor = createSupervisor({
    log: say,
    giveUp: (name) => stop(1, `the ${name} does not stay up`),
    changed: noteProcesses,
  });
  let demo;
  stopAll = async () => {
    await Promise.all([
      demo?.stop(demoGraceMs),
      supervisor.stop(['console', 'gateway', 'worker'], graceMs),
    ]);
    await supervisor.stop(['database'], postgresGraceMs);
    removeRuntime(dataDir);
    lock.release();
  };

  if (runtime.databaseUrl === undefined) {
    let port;
    await supervisor.keep('database', async (signal) => {
      const database = await startPostgres({ dataDir, log: say, port, signal });
      // The others know it by this address: a new one after a crash must have the same.
      port = database.port;
      runtime.databaseUrl = database.url;
      return database;
    });
  }
  if (stopped) return;
  const prepared = await prepare({ databaseUrl: runtime.databaseUrl, kek, dataDir });
  if (prepared.applied.length > 0) say(`Migrated the database: ${prepared.applied.length} steps.`);

  const caFile = path.join(dataDir, 'development-ca.pem');
  if (prepared.developmentCa !== undefined) writeFileSync(caFile, prepared.developmentCa);

  const options = (name) => ({
    cwd: root,
    // Next greets with an address that passkeys do not work on.
    isQuiet: name === 'console',
    env: environmentOf(name, { databaseUrl: prepared.logins[name], kek, dataDir }),
  });
  for (const name of ['gateway', 'worker', 'console'])
    await supervisor.keep(name, () => startNode(programOf(name), options(name)));
  noteProcesses();

  const address = urlHost(host);
  await Promise.all([
    answers(`http://${address}:${ports.gateway}/readyz`, 'gateway'),
    answers(`http://${address}:${ports.console}/sign-in`, 'console'),
  ]);
  if (stopped) return;
  noteProcesses();
  say('');
  say(`  Console   ${runtime.consoleUrl}`);
  say(`  Gateway   ${runtime.gatewayUrl} (OTLP over HTTP)`);
  say(`            ${runtime.gatewayGrpcUrl} (OTLP over gRPC)`);
  if (servesTls || freeTls) {
    say(
      `            ${setting('GATEWAY_TLS_URL') ?? `https://localhost:${ports.tls}`} (mutual TLS)`,
    );
    say(`            https://localhost:${ports.grpcTls} (OTLP over gRPC, mutual TLS)`);
  }
  if (developmentTls && !freeTls)
    say(
      `            no TLS: port ${ports.tls} or ${ports.grpcTls} is taken (GATEWAY_TLS_PORT, GATEWAY_GRPC_TLS_PORT)`,
    );
  if (freeTls) {
    say(`  Certificates of the development authority, ${caFile}:`);
    say('            npm run sallyport -- certs issue --identity NAME --zone --out FOLDER');
  }
  say(`  Data      ${dataDir}`);
  if (prepared.setupCode !== undefined) {
    say('');
    say('  No administrator exists yet. Within 30 minutes, open');
    say(`    ${runtime.consoleUrl}/set-up`);
    say(`  and enter the code ${prepared.setupCode}`);
  }
  say('');
  say(`Sallyport is ready after ${(performance.now() / 1000).toFixed(1)} s. Ctrl-C stops it.`);
  if (!wanted.demo) return;
  say('Filling it with a simulated organisation, in the background.');
  demo = startDemo(wanted, {
    DATABASE_URL: runtime.databaseUrl,
    GATEWAY_URL: `http://${address}:${ports.gateway}`,
    DATA_DIR: dataDir,
  });
}

/** `sallyport simulate`, if nothing is there yet. It ends when this process does, however that ends. */
function startDemo({ days, scale, seed }, where) {
  const given = Object.entries({ days, scale, seed }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  const watch = new URL('watch-parent.mjs', import.meta.url).href;
  const program = ['--import', watch, 'dist/cli.js', 'simulate', '--if-empty', ...given];
  const env = { ...process.env, NODE_ENV: 'production', ...where };
  const filling = startNode(program, { cwd: root, env });
  filling.exited.then((end) => {
    if (end !== 'exit code 0' && !stopped) say(`The demo was not filled to its end: ${end}.`);
  });
  return filling;
}

/** Migrates, makes the processes' logins and the first administrator or a set-up code. */
async function prepare({ databaseUrl, kek, dataDir }) {
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    SALLYPORT_KEK: kek,
    DATA_DIR: dataDir,
  };
  const child = spawn(process.execPath, ['dist/cli.js', 'prepare', '--json'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: stopping.signal,
  });
  child.once('error', () => {});
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error('The database could not be prepared; the reason stands above.');
  return JSON.parse(output);
}

/** Waits until a process serves; one that answers but is not ready says why, and is waited for less long. */
async function answers(url, name) {
  const until = Date.now() + readyWithinMs;
  let notReadySince;
  while (Date.now() < until && !stopped) {
    try {
      const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
      if (answer.status < 500) return;
      notReadySince ??= Date.now();
      if (Date.now() - notReadySince > notReadyForMs)
        return say(`The ${name} runs and is not ready: ${(await answer.text()).slice(0, 300)}`);
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  if (!stopped) throw new Error(`The ${name} does not answer after ${readyWithinMs / 1000} s.`);
}

function portOf(name, first) {
  const port = Number(setting(name) ?? first);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Error(`${name} is ${setting(name)}: it must be a port, 1 to 65535.`);
}

function refuseTakenPort(host, port, name) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) =>
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `Port ${port} is taken by another program: set ${name} to a free one.`
            : `Cannot listen on ${host}, port ${port}: ${error.message}.`,
        ),
      ),
    );
    server.listen({ host, port }, () => server.close(resolve));
  });
}

const areFree = (host, ports) =>
  Promise.all(ports.map((port) => refuseTakenPort(host, port, ''))).then(
    () => true,
    () => false,
  );

const isLoopback = (host) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function urlHost(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIP(host) === 6 ? `[${host}]` : host;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => void stop(0, `${signal} received`));

start().catch((error) => {
  if (stopped) return;
  process.stderr.write(`${error.message}\n`);
  void stop(1);
});
