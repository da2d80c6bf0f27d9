import fs from 'node:fs';
import path from 'node:path';
import { root } from './build.mjs';
import { runTool } from './tools.mjs';

/** `npm ci` where node_modules is missing or not what package-lock.json says. */
export async function install({ log = () => {} } = {}) {
  if (isInstalled()) return;
  log('Installing the packages of package-lock.json …');
  const npm = process.env.npm_execpath;
  const [program, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  // The tools that build and test are among the development packages.
  const env = { NODE_ENV: 'development', PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
  if (!(await runTool(program, args, env)))
    throw new Error(
      '`npm ci` failed; what went wrong stands above. Is the npm registry reachable?',
    );
}

/** Versions, and not times of change, which a copy or a checkout sets anew. */
function isInstalled() {
  const [wanted, found] = ['package-lock.json', 'node_modules/.package-lock.json'].map(packagesOf);
  return Object.entries(wanted).every(
    ([name, { version, optional }]) =>
      name === '' || found[name]?.version === version || (optional && found[name] === undefined),
  );
}

function packagesOf(name) {
  const file = path.join(root, name);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).packages : {};
}
