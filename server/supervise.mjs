import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const deathsMax = 5;
const deathsWindowMs = 60_000;
const backOffMaxMs = 5000;

/**
 * Keeps a set of processes alive: one that dies is started again, a little later each time; five
 * deaths of one within a minute give up on everything.
 * @param {object} options
 * @param {(line: string) => void} options.log
 * @param {(name: string) => void} options.giveUp called once
 * @param {() => void} [options.changed] called when a process got another id
 */
export function createSupervisor({ log, giveUp, changed = () => {} }) {
  const running = new Map();
  let isStopping = false;

  /** Starts what `start` starts: `{ pid, exited, stop(deadlineMs) }`, and starts it again when it dies. */
  async function keep(name, start) {
    if (isStopping) return;
    const deaths = [];
    let up = await start();
    running.set(name, up);
    const watch = async () => {
      for (;;) {
        const reason = await up.exited;
        if (isStopping) return;
        running.delete(name);
        for (;;) {
          const now = Date.now();
          deaths.push(now);
          while (deaths[0] < now - deathsWindowMs) deaths.shift();
          if (deaths.length >= deathsMax) {
            log(
              `The ${name} died ${deathsMax} times within a minute (last: ${reason}): giving up.`,
            );
            return giveUp(name);
          }
          const pauseMs = Math.min(backOffMaxMs, 125 * 2 ** deaths.length);
          log(`The ${name} died (${reason}): starting it again in ${pauseMs} ms.`);
          await sleep(pauseMs);
          if (isStopping) return;
          try {
            up = await start();
            break;
          } catch (error) {
            log(error.message);
          }
        }
        // A stop that came while it was starting did not know of it.
        if (isStopping) return void (await up.stop(1000));
        running.set(name, up);
        changed();
      }
    };
    watch().catch((error) => {
      log(error.message);
      giveUp(name);
    });
  }

  return {
    keep,
    pids: () => Object.fromEntries([...running].map(([name, { pid }]) => [name, pid])),
    /** Stops the named ones at once, each by itself if it can, by force after the deadline. */
    async stop(names, deadlineMs) {
      isStopping = true;
      await Promise.all(names.map((name) => running.get(name)?.stop(deadlineMs)));
    },
  };
}

/**
 * A Node program as something to supervise.
 * @param {string[]} args
 * @param {{ cwd: string, env: Record<string, string>, isQuiet?: boolean }} options
 */
export function startNode(args, { isQuiet = false, ...options }) {
  const child = spawn(process.execPath, args, {
    ...options,
    stdio: ['ignore', isQuiet ? 'ignore' : 'inherit', 'inherit'],
    // A group of its own: Ctrl-C reaches us alone, and we stop them in order.
    detached: true,
  });
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return {
    pid: child.pid,
    exited,
    async stop(deadlineMs) {
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(deadlineMs, undefined, { ref: false })]);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}
