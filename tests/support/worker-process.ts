import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { contentKeyOf } from '../../server/environment.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = `${root}dist/tests/worker.mjs`;
let bundled: Promise<unknown> | undefined;

export type WorkerProcess = {
  child: ChildProcess;
  /** What it wrote to stderr so far: one JSON event a line. */
  events(): { event: string; [field: string]: unknown }[];
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | string>;
};

/** Starts a real worker process; whoever starts it ends it. */
export async function startWorker(
  databaseUrl: string,
  kek: string,
  ...argv: string[]
): Promise<WorkerProcess> {
  return watch(
    spawn(process.execPath, [await bundledWorker(), ...argv], options(databaseUrl, kek)),
  );
}

/** The same with more in its environment than what it is always given. */
export async function startWorkerWith(
  env: Record<string, string>,
  { workerUrl, kek }: { workerUrl: string; kek: string },
  ...argv: string[]
): Promise<WorkerProcess> {
  const given = options(workerUrl, kek);
  return watch(
    spawn(process.execPath, [await bundledWorker(), ...argv], {
      ...given,
      env: { ...given.env, ...env },
    }),
  );
}

/** Starts a worker below a shell, so that its parent can be killed without it. */
export async function startWorkerBelowShell(
  databaseUrl: string,
  kek: string,
): Promise<WorkerProcess> {
  const command = `"${process.execPath}" "${await bundledWorker()}"; true`;
  return watch(spawn('sh', ['-c', command], options(databaseUrl, kek)));
}

async function bundledWorker(): Promise<string> {
  bundled ??= build({
    entryPoints: [`${root}server/worker/main.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  await bundled;
  return outfile;
}

const options = (databaseUrl: string, kek: string) => ({
  env: {
    NODE_ENV: 'production' as const,
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    SALLYPORT_CONTENT_KEY: contentKeyOf(kek),
  },
  stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'],
});

function watch(child: ChildProcess): WorkerProcess {
  let written = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  return {
    child,
    events: () =>
      written
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line)),
    exited: once(child, 'exit').then(([code, signal]) => code ?? signal),
  };
}
