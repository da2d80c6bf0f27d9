import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..', '..');
const outfile = path.join(root, 'dist', 'tests', 'gateway.mjs');
let bundled: Promise<unknown> | undefined;

/** A gateway as a process of its own, that can be killed and started again on the same port. */
export type GatewayProcess = { url: string; child: ChildProcess; stderr: () => string };

export async function startGatewayProcess(
  databaseUrl: string,
  kek: string,
  port: number,
  env: Record<string, string> = {},
): Promise<GatewayProcess> {
  bundled ??= build({
    entryPoints: [path.join(root, 'server/gateway/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  await bundled;
  const child = spawn(process.execPath, [outfile], {
    cwd: root,
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      SALLYPORT_KEK: kek,
      GATEWAY_PORT: String(port),
      GATEWAY_GRPC_PORT: '0',
      INGEST_ITEMS_PER_SECOND: '1000000',
      DISK_MIN_MB: '0',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let written = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    written = (written + chunk.toString()).slice(-100_000);
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${written}`);
    return (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
  });
  return { url, child, stderr: () => written };
}

export async function killed(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** Polls until `condition` holds; throws after 30 s. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error('waited 30 s in vain');
    await sleep(50);
  }
}
