import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withLock } from './lock.mjs';
import { runTool } from './tools.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const stampFile = path.join(dist, '.stamp');

const common = ['package-lock.json', 'tsconfig.json'];
/** What is made of what, in this order. */
const steps = [
  {
    name: 'client',
    says: 'Generating the database client',
    inputs: ['package-lock.json', 'prisma/schema.prisma', 'prisma.config.ts'],
    outputs: ['lib/db/generated/client.ts'],
    run: () =>
      run(
        // Prisma looks for an engine that only `migrate` would use: any program stands in for it.
        { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
        'node_modules/prisma/build/index.js',
        'generate',
        '--schema',
        'prisma/schema.prisma',
      ),
  },
  {
    name: 'bundles',
    says: 'Bundling the gateway, the worker and the command line',
    inputs: [...common, 'prisma/schema.prisma', 'server', 'lib'],
    outputs: ['dist/gateway.js', 'dist/worker.js', 'dist/cli.js'],
    run: bundle,
  },
  {
    name: 'console',
    says: 'Building the console',
    inputs: [
      ...common,
      'prisma/schema.prisma',
      'app',
      'components',
      'lib',
      'public',
      'proxy.ts',
      'instrumentation.ts',
      'next.config.js',
      'postcss.config.mjs',
    ],
    outputs: ['.next/BUILD_ID'],
    run: () =>
      run(
        { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
        'node_modules/next/dist/bin/next',
        'build',
      ),
  },
];

/**
 * Makes what is missing or older than its sources; a checkout that is up to date costs a hash of them.
 * @param {object} [options]
 * @param {(line: string) => void} [options.log]
 * @param {string[]} [options.only] names of steps
 */
export async function build({ log = () => {}, only = steps.map(({ name }) => name) } = {}) {
  const isDue = (step) => only.includes(step.name) && !isMade(step);
  if (!steps.some(isDue)) return;
  await withLock(path.join(dist, '.lock'), async () => {
    for (const step of steps) {
      if (!isDue(step)) continue;
      log(`${step.says} …`);
      const hash = hashOf(step.inputs);
      await step.run();
      fs.writeFileSync(stampFile, JSON.stringify({ ...stamps(), [step.name]: hash }));
    }
  });
}

const isMade = ({ name, inputs, outputs }) =>
  outputs.every((file) => fs.existsSync(path.join(root, file))) &&
  stamps()[name] === hashOf(inputs);

function stamps() {
  try {
    return JSON.parse(fs.readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function hashOf(inputs) {
  const hash = createHash('sha256').update(process.version);
  for (const input of inputs) hashInto(hash, input);
  return hash.digest('hex');
}

function hashInto(hash, name) {
  const file = path.join(root, name);
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || name === 'lib/db/generated' || /\.test\.tsx?$/.test(name)) return;
  if (stat.isDirectory())
    for (const entry of fs.readdirSync(file).sort()) hashInto(hash, `${name}/${entry}`);
  else hash.update(`${name}\0${stat.size}\0`).update(fs.readFileSync(file));
}

function bundle() {
  const entryPoints = Object.fromEntries(
    ['gateway', 'worker', 'cli'].map((name) => [name, `server/${name}/main.ts`]),
  );
  const options = {
    entryPoints,
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  };
  // In a process of its own, so that this file loads before anything is installed.
  return run(
    {},
    '--input-type=module',
    '--eval',
    `import { buildSync } from 'esbuild'; buildSync(${JSON.stringify(options)})`,
  );
}

async function run(env, ...args) {
  if (!(await runTool(process.execPath, args, env)))
    throw new Error('The build failed; what went wrong stands above.');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await build({ log: (line) => process.stderr.write(`${line}\n`) });
