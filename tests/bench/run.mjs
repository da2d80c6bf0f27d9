// npm run bench -- NAME [--json] [--seconds N] [--profile FOLDER]: bundles tests/bench/NAME.ts and runs its bench function.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = ['decode', 'identities', 'ingest', 'inventory', 'people'];
const outdir = path.join(root, 'dist', 'bench');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, seconds: { type: 'string' }, profile: { type: 'string' } },
});
const name = positionals[0];
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
if (
  positionals.length !== 1 ||
  !names.includes(name) ||
  (seconds !== undefined && !(seconds > 0))
) {
  process.stderr.write(
    `Usage: npm run bench -- NAME [--json] [--seconds N] [--profile FOLDER], with NAME one of ${names.join(', ')}.\n`,
  );
  process.exit(2);
}

const source = (file) => path.join(root, file);
const processes = {
  gateway: source('server/gateway/main.ts'),
  worker: source('server/worker/main.ts'),
  load: source('tests/bench/load.ts'),
};
mkdirSync(outdir, { recursive: true });
await build({
  entryPoints: {
    [name]: source(`tests/bench/${name}.ts`),
    report: source('tests/bench/report.ts'),
    ...(name === 'ingest' || name === 'identities'
      ? Object.fromEntries(Object.entries(processes).filter(([, file]) => existsSync(file)))
      : {}),
  },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  external: [source('server/postgres.mjs'), source('server/environment.mjs')],
  sourcemap: 'linked',
  logLevel: 'warning',
});

const load = (file) => import(pathToFileURL(path.join(outdir, `${file}.mjs`)).href);
const bench = (await load(name))[`bench${name[0].toUpperCase()}${name.slice(1)}`];
const { tableOf } = await load('report');
const result = await bench({
  ...(seconds === undefined ? {} : { seconds }),
  ...(values.profile === undefined ? {} : { profile: path.resolve(values.profile) }),
});
if (!values.json) process.stdout.write(`${tableOf(result)}\n\n`);
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
