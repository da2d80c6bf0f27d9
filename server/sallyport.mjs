// `npm run sallyport -- …`: the command line, and the processes one by one in production.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build, root } from './build.mjs';
import { environmentOf, loadEnvironment, setting } from './environment.mjs';
import { install } from './install.mjs';
import { dataFolder, keyEncryptionKey, readRuntime } from './instance.mjs';
import { programOf } from './programs.mjs';
import { startNode } from './supervise.mjs';
import { stopTools } from './tools.mjs';

const [command, ...args] = process.argv.slice(2);
const log = (line) => process.stderr.write(`${line}\n`);
const needsKey = ['migrate', 'keys', 'certs'];
const processes = ['console', 'gateway', 'worker'];
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const graceMs = 10_000;

async function main() {
  loadEnvironment();
  const isProcess = processes.includes(command);
  const interrupt = () => void stopTools().then(() => process.exit(1));
  for (const signal of signals) process.on(signal, interrupt);
  await install({ log });
  await build({ log, only: ['client', 'bundles', ...(command === 'console' ? ['console'] : [])] });
  for (const signal of signals) process.off(signal, interrupt);

  const { dataDir } = dataFolder();
  process.env.DATA_DIR = dataDir;
  const isOwn = setting('DATABASE_URL') !== undefined;
  const runtime = readRuntime(dataDir);
  const databaseUrl = setting('DATABASE_URL') ?? runtime?.databaseUrl;
  if (databaseUrl === undefined && command !== undefined && !args.includes('--help'))
    throw new Error(
      `Nothing runs on ${dataDir}. Start Sallyport with \`npm start\`, or set DATABASE_URL (or the DATA_DIR of the one that runs).`,
    );
  if (isOwn && command === 'keys' && setting('SALLYPORT_KEK_NEW') === undefined)
    throw new Error(
      'Set SALLYPORT_KEK_NEW to the new key: 32 bytes in base64 (`openssl rand -base64 32`).',
    );
  const kek = isProcess || needsKey.includes(command) ? keyEncryptionKey(dataDir) : undefined;
  if (kek !== undefined) process.env.SALLYPORT_KEK = kek;
  process.env.DATABASE_URL = databaseUrl ?? '';
  // As the instance that runs was told.
  if (!isOwn) process.env.DEV_CA ||= runtime?.developmentCa ?? '';
  // Of that very instance, wherever it listens.
  if (!isOwn && runtime) process.env.GATEWAY_URL = runtime.gatewayUrl;

  if (isProcess) return runProcess({ dataDir, kek });
  const { status, signal } = runCommand([command, ...fromHere(args)].filter(Boolean), 'inherit');
  process.exit(signal ? 1 : status);
}

/** Folders mean what they mean to whoever typed them; the program runs where it lies. */
function fromHere(words) {
  const here = process.env.INIT_CWD || process.cwd();
  const isFolder = (index) => words[index - 1] === '--out';
  return words.map((word, index) => {
    if (isFolder(index)) return path.resolve(here, word);
    return word.startsWith('--out=') ? `--out=${path.resolve(here, word.slice(6))}` : word;
  });
}

function runCommand(words, stdout) {
  return spawnSync(process.execPath, ['dist/cli.js', ...words], {
    cwd: root,
    stdio: ['inherit', stdout, 'inherit'],
    encoding: 'utf8',
  });
}

async function runProcess({ dataDir, kek }) {
  const { status, stdout: databaseUrl } = runCommand(['login', command], 'pipe');
  if (status !== 0) process.exit(status ?? 1);
  const started = startNode([...programOf(command), ...args], {
    cwd: root,
    env: environmentOf(command, { databaseUrl, kek, dataDir }),
  });
  for (const signal of signals) process.on(signal, () => void started.stop(graceMs));
  const end = await started.exited;
  process.exit(end === 'exit code 0' || end === 'SIGTERM' ? 0 : 1);
}

main().catch((error) => {
  log(error.message);
  process.exit(1);
});
