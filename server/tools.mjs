import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withoutKeys } from './environment.mjs';

const killAfterMs = 2000;
const running = new Set();
let isStopping = false;

/**
 * Runs a program of others to its end, from the root of the checkout: npm, a compiler, a generator. It gets
 * none of Sallyport's keys, so that no package's script can read them.
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [extra] environment
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function runTool(program, args, extra = {}) {
  if (isStopping) return false;
  const child = spawn(program, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...withoutKeys(), ...extra },
    stdio: ['ignore', 2, 2],
  });
  const ended = new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  const tool = { child, ended };
  running.add(tool);
  try {
    return await ended;
  } finally {
    running.delete(tool);
  }
}

/** Ends what `runTool` runs, by force if need be, and lets nothing new start. */
export async function stopTools() {
  isStopping = true;
  await Promise.all(
    [...running].map(async ({ child, ended }) => {
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(killAfterMs, undefined, { ref: false })]);
      child.kill('SIGKILL');
      await ended;
    }),
  );
}
