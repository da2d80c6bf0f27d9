import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, takeLock } from './lock.mjs';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sallyport-lock-'));
  file = path.join(folder, 'start.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a lock is held until it is released', () => {
  const lock = takeLock(file);
  expect(takeLock(file)).toEqual({ holder: process.pid });
  lock.release?.();
  expect(lockHolder(file)).toBeUndefined();
});

test('the lock of a dead process is taken over, also one that died while it took over', () => {
  writeFileSync(file, '999999999 1');
  writeFileSync(`${file}.takeover`, '999999999 1');
  expect(takeLock(file).release).toBeDefined();
  expect(lockHolder(file)).toBe(process.pid);
  expect(existsSync(`${file}.takeover`)).toBe(false);
});

// If this fails, two starts run on the same data.
test('of many that meet a dead lock at once, one gets it', async () => {
  writeFileSync(file, '999999999 1');
  const program = `const { takeLock } = await import(${JSON.stringify(path.resolve('server/lock.mjs'))});
    const lock = takeLock(${JSON.stringify(file)});
    process.stdout.write(lock.release ? 'held' : 'refused');
    process.stdin.resume();`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const said = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((resolve) => child.stdout.once('data', (text) => resolve(`${text}`))),
    ),
  );
  for (const child of children) child.kill('SIGKILL');
  expect(said.filter((word) => word === 'held')).toHaveLength(1);
}, 20_000);
