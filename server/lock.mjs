import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Takes a lock that dies with its holder: a file that names a process. Another process that happens to
 * have got the number of a dead holder is told apart by when it started.
 * @param {string} file
 * @returns {{ release: () => void, holder?: undefined } | { release?: undefined, holder: number }}
 */
export function takeLock(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (;;) {
    const mine = `${process.pid} ${startOf(process.pid)}`;
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, mine, { mode: 0o600 });
    try {
      // A link, and not a write: nobody ever reads a lock that is not yet filled in.
      fs.linkSync(draft, file);
      return { release: () => fs.rmSync(file, { force: true }) };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      fs.rmSync(draft, { force: true });
    }
    const holder = lockHolder(file);
    if (holder !== undefined) return { holder };
    // INVARIANT: only who holds this second lock removes a stale one; nobody removes a live one by mistake.
    const takeover = takeLock(`${file}.takeover`);
    if (takeover.holder !== undefined) return { holder: takeover.holder };
    try {
      if (isStale(file)) fs.rmSync(file);
    } finally {
      takeover.release();
    }
  }
}

/** The living process that holds a lock, if one does. */
export function lockHolder(file) {
  const text = read(file);
  return text === undefined ? undefined : livingProcess(text);
}

function isStale(file) {
  const text = read(file);
  return text !== undefined && livingProcess(text) === undefined;
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function livingProcess(text) {
  const [pid, ...start] = text.split(' ');
  const number = Number(pid);
  return number > 0 && startOf(number) === start.join(' ') ? number : undefined;
}

/** Runs `work` when nobody else does; waits for whoever is at it. */
export async function withLock(file, work) {
  let lock = takeLock(file);
  for (; lock.release === undefined; lock = takeLock(file)) await sleep(100);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** When a process started, in whatever words the system has for it; empty when it is gone. */
function startOf(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? '' : fields[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
