import { expect, test, vi } from 'vitest';
import { runTool, stopTools } from './tools.mjs';

const run = (program: string) => runTool(process.execPath, ['--eval', program]);

// If this fails, the install script of any package reads the key to everything.
test('a program of others gets none of the keys of Sallyport', async () => {
  vi.stubEnv('SALLYPORT_KEK', 'secret');
  vi.stubEnv('DATABASE_URL', 'postgres://migrator:secret@db/sallyport');
  const has = (name: string) => run(`process.exit(process.env.${name} ? 0 : 1)`);
  expect([await has('SALLYPORT_KEK'), await has('DATABASE_URL'), await has('PATH')]).toEqual([
    false,
    false,
    true,
  ]);
  vi.unstubAllEnvs();
});

test('a stop ends the program that runs, and none starts after', async () => {
  const running = run('setInterval(() => {}, 1000)');
  await stopTools();
  expect(await running).toBe(false);
  expect(await run('')).toBe(false);
});
