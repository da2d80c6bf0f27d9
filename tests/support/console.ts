import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePort } from './free-port';

export type RunningConsole = {
  /** `http://localhost:PORT`. */
  url: string;
  port: number;
  stop(): Promise<void>;
};

/** Starts the built console on a free port of loopback. `env` is added to what it needs. */
export async function startConsole(
  database: { consoleUrl: string; kek: string },
  env: Record<string, string> = {},
): Promise<RunningConsole> {
  const port = await freePort();
  const root = path.resolve(import.meta.dirname, '../..');
  const child = spawn(
    process.execPath,
    ['node_modules/next/dist/bin/next', 'start', '-p', String(port), '-H', '127.0.0.1'],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        PORT: String(port),
        DATABASE_URL: database.consoleUrl,
        SALLYPORT_KEK: database.kek,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => said.push(String(chunk)));
  await untilAnswering(`http://127.0.0.1:${port}/sign-in`, child, said);
  return { url: `http://localhost:${port}`, port, stop: () => stop(child) };
}

async function untilAnswering(url: string, child: ChildProcess, said: readonly string[]) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The console ended:\n${said.join('')}`);
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop(child);
  throw new Error(`The console did not answer within 30 s:\n${said.join('')}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}
