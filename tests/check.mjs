// `npm run check`: what must hold before every commit, in under a minute.
import { spawnSync } from 'node:child_process';
import { build, root } from '../server/build.mjs';
import { install } from '../server/install.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const checks = [
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  ['types of routes', 'node_modules/next/dist/bin/next', 'typegen'],
  ['types', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ['unused code', 'node_modules/knip/bin/knip.js'],
  ['unit tests', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'unit'],
];

await install({ log: say });
await build({ log: say, only: ['client'] });
const failed = checks.filter(([name, ...args]) => {
  say(`\n${name}`);
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status !== 0;
});
const names = failed.map(([name]) => name).join(', ');
say(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${names}.`);
process.exit(failed.length === 0 ? 0 : 1);
