// `npm test`: unit, integration, conformance, end to end. `--long` runs the full counts.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build, root } from '../server/build.mjs';
import { install } from '../server/install.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const projects = ['unit', 'integration', 'conformance'];
const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const isLong = process.argv.includes('--long');

async function main() {
  await install({ log: say });
  await build({ log: say });
  const reports = fs.mkdtempSync(path.join(os.tmpdir(), 'sallyport-tests-'));
  const env = { ...process.env, ...(isLong ? { SALLYPORT_TEST_LONG: '1' } : {}) };
  const results = [];
  for (const name of projects) results.push(await runVitest(name, reports, env));
  results.push(await runPlaywright(reports, env));
  fs.rmSync(reports, { recursive: true, force: true });

  say('');
  for (const { name, passed, failed, skipped, seconds, note } of results)
    say(
      `${name.padEnd(12)} ${passed} passed, ${failed} failed${skipped ? `, ${skipped} left out` : ''} in ${seconds} s${note ? `. ${note}` : ''}`,
    );
  if (!datasets()) say('Suites on data written by others were left out: set SALLYPORT_DATASETS.');
  const absent = ['nginx', 'haproxy'].filter((name) => !isInstalled(name));
  if (absent.length > 0)
    say(`Tests behind ${absent.join(' and ')} were left out: not installed here.`);
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
}

async function runVitest(name, reports, env) {
  const file = path.join(reports, `${name}.json`);
  const args = ['run', '--project', name];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { code, seconds } = await run(
    'node_modules/vitest/vitest.mjs',
    [...args, ...reporters],
    env,
  );
  const report = readReport(file);
  const counted = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: report?.numPendingTests ?? 0,
  };
  return judged({ name, seconds, ...counted }, code);
}

async function runPlaywright(reports, env) {
  const name = 'end to end';
  const browser = findBrowser() ?? installBrowser();
  if (browser === undefined) {
    const note =
      'There is no Chromium: install one (on Debian `apt-get install chromium`) or set CHROMIUM to its path.';
    return { name, ...none, failed: 1, seconds: 0, note };
  }
  const file = path.join(reports, 'e2e.json');
  const { code, seconds } = await run(
    'node_modules/@playwright/test/cli.js',
    ['test', '--reporter=list,json'],
    {
      ...env,
      CHROMIUM: browser,
      PLAYWRIGHT_JSON_OUTPUT_FILE: file,
    },
  );
  const stats = readReport(file)?.stats;
  const counted = {
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  };
  return judged({ name, seconds, ...counted }, code);
}

const none = { passed: 0, failed: 0, skipped: 0 };

/** A runner that fails without a failed test (a broken set-up, an unhandled error) is a failure, and so is one that finds no test. */
function judged(result, code) {
  if (result.failed > 0) return result;
  if (code !== 0) return { ...result, failed: 1, note: 'The runner itself failed; see above.' };
  if (result.passed === 0) return { ...result, failed: 1, note: 'No test ran.' };
  return result;
}

function run(program, args, env) {
  const began = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: root, env, stdio: 'inherit' });
    child.once('close', (code) =>
      resolve({ code: code ?? 1, seconds: Math.round((Date.now() - began) / 1000) }),
    );
  });
}

function readReport(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function findBrowser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const places = browsers.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return places.find((file) => fs.existsSync(file));
}

function installBrowser() {
  if (process.getuid?.() !== 0 || !fs.existsSync('/etc/debian_version')) return undefined;
  say('Installing Chromium from the packages of Debian …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-q'],
    ['install', '-qy', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
  ])
    spawnSync('apt-get', args, { stdio: 'inherit', env });
  return findBrowser();
}

const datasets = () =>
  [process.env.SALLYPORT_DATASETS, path.join(root, '../shared/data')].some(
    (folder) => folder && fs.existsSync(folder),
  );

/** Debian puts these where a user's PATH does not look. */
const isInstalled = (name) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'].some((folder) =>
    fs.existsSync(path.join(folder, name)),
  );

await main();
