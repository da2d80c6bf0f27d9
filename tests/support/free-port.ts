import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the system hands out by itself, so that no other test's connection takes it meanwhile. */
const range = { from: 15_000, to: 32_000 } as const;
const given = new Set<number>();

/** A port of this machine that nothing listens on, for a process that is told its port. Each is given once. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(range.from, range.to);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('No port is free.');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const outcome = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]).catch(() => false);
  if (outcome) {
    server.close();
    await once(server, 'close');
  }
  return outcome;
}
