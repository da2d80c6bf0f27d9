import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './build.mjs';

/** `npm ci` where node_modules is missing or not what package-lock.json says. */
export function install({ log = () => {} } = {}) {
  const made = modified('node_modules/.package-lock.json');
  if (made !== undefined && made >= (modified('package-lock.json') ?? 0)) return;
  log('Installing the packages of package-lock.json …');
  const npm = process.env.npm_execpath;
  const [program, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  // The tools that build and test are among the development packages.
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  };
  const { status, error } = spawnSync(program, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (error || status !== 0)
    throw new Error(
      '`npm ci` failed; what went wrong stands above. Is the npm registry reachable?',
    );
}

const modified = (name) => fs.statSync(path.join(root, name), { throwIfNoEntry: false })?.mtimeMs;
