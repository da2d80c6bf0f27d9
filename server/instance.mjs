import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setting } from './environment.mjs';
import { lockHolder } from './lock.mjs';
import { resolveDataDir } from './postgres.mjs';

/** DATA_DIR as it is used, with a sentence when that is not where it was asked for. */
export function dataFolder() {
  const requested = setting('DATA_DIR') ?? 'data';
  // With a database of one's own, nothing there has to be reached by another user.
  if (setting('DATABASE_URL')) return { dataDir: path.resolve(requested), note: undefined };
  return resolveDataDir(requested);
}

export const lockFile = (dataDir) => path.join(dataDir, 'start.lock');
const runtimeFile = (dataDir) => path.join(dataDir, 'runtime.json');

/** Tells the command line where everything is. Only its owner may read it: it holds the migrator's login. */
export function writeRuntime(dataDir, runtime) {
  const draft = `${runtimeFile(dataDir)}.${process.pid}`;
  fs.writeFileSync(draft, `${JSON.stringify(runtime, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(draft, runtimeFile(dataDir));
}

export const removeRuntime = (dataDir) => fs.rmSync(runtimeFile(dataDir), { force: true });

/** What the instance that runs on `dataDir` wrote there, if one does. */
export function readRuntime(dataDir) {
  if (lockHolder(lockFile(dataDir)) === undefined) return undefined;
  try {
    return JSON.parse(fs.readFileSync(runtimeFile(dataDir), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The key-encryption key, base64: as given, or, for the embedded database only, kept beside it. */
export function keyEncryptionKey(dataDir) {
  const given = setting('SALLYPORT_KEK');
  if (given) return given;
  if (setting('DATABASE_URL'))
    throw new Error(
      'DATABASE_URL is set and SALLYPORT_KEK is not. Set it to 32 bytes in base64 (`openssl rand -base64 32` makes them), the same for every process, and keep it apart from the database.',
    );
  const file = path.join(dataDir, 'secrets', 'kek');
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8').trim();
  if (fs.existsSync(path.join(dataDir, 'postgres')))
    throw new Error(
      `${file} is gone, and what the database beside it holds encrypted cannot be read without it. Put it back, or move ${dataDir} away to start anew.`,
    );
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const kek = randomBytes(32).toString('base64');
  fs.writeFileSync(file, `${kek}\n`, { mode: 0o600, flag: 'wx', flush: true });
  return kek;
}
