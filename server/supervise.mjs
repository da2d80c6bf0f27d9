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
  const starting = new Map();
  const stopping = new AbortController();
  let isStopping = false;

  function begin(name, start) {
    const begun = (async () => {
      try {
        const up = await start(stopping.signal);
        running.set(name, up);
        return up;
      } finally {
        starting.delete(name);
      }
    })();
    starting.set(name, begun);
    return begun;
  }

  /**
   * Starts what `start(signal)` starts: `{ pid, exited, stop(deadlineMs) }`, and starts it again when it
   * dies. A stop while it starts aborts the signal and waits for it.
   */
  async function keep(name, start) {
    if (isStopping) return;
    const deaths = [];
    let up = await begin(name, start);
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
            up = await begin(name, start);
            break;
          } catch (error) {
            if (isStopping) return;
            log(error.message);
          }
        }
        if (isStopping) return;
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
      stopping.abort();
      await Promise.all(
        names.map(async (name) => {
          // One that could not start has said so to whoever started it.
          await starting.get(name)?.catch(() => {});
          await running.get(name)?.stop(deadlineMs);
        }),
      );
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
