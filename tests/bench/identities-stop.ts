import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import { suspendIdentity } from '@/lib/identities/lifecycle/mutations';
import { gatewayFlags } from '../../server/programs.mjs';
import { freePort } from '../support/free-port';
import { registerReporter } from '../support/gateway';
import { GrpcClient } from '../support/grpc-client';
import { type LoadBody, makeLoadBody } from './load-body';
import { type Figure, figure, quantileOf } from './report';
import { createReporters, Load, stopChild, untilReady } from './stack';

const suspensions = 120;
/** At each of both gateways, beside those that are stopped. */
const loadPerSecond = 1_000;
const spansPerRequest = 64;
const pauseMs = 4;
const runMs = 120;
const goal = { max: 200 };

type Options = {
  db: Pool;
  console: PrismaClient;
  logins: { gateway: string };
  kek: Buffer;
  dataDir: string;
};
type GatewayPorts = { child: ChildProcess; url: string; grpcUrl: string };
/** When a request was sent that was still accepted, and when its answer came. */
type Accepted = { sentMs: number; answeredMs: number };
/** How long the mutation took, and until when after it requests were still accepted; negative: before it was done. */
type Stopped = { mutationMs: number; loggedMs: number } & Accepted;
/** True when it was accepted, false when its sender was refused, null when it has to come again. */
type Post = () => Promise<boolean | null>;

/**
 * Two gateways under load, each a process; an identity sends to both over HTTP that is kept alive and over gRPC, without
 * pause, and is suspended by the console's own mutation. Told is the last of all its requests that was still accepted,
 * from when the mutation was done.
 */
export async function stopFigures(options: Options): Promise<Figure[]> {
  const gateways = [await startGateway(options), await startGateway(options)];
  const loads: Load[] = [];
  try {
    const keys = await createReporters(options.db, 4);
    for (const [index, { url }] of gateways.entries()) {
      const setup = {
        url: `${url}/v1/traces`,
        keys,
        connections: 2,
        spansPerRequest,
        run: index + 1,
      };
      loads.push((await Load.start(setup)).load);
    }
    const seconds = (suspensions * (runMs + 400)) / 1000;
    const underLoad = loads.map((load) => load.run({ spansPerSecond: loadPerSecond, seconds }));
    await sleep(2_000);
    const stopped: Stopped[] = [];
    for (let round = 0; round < suspensions; round += 1)
      stopped.push(await stopOne(options, gateways, round));
    const acknowledged = (await Promise.all(underLoad)).reduce(
      (sum, each) => sum + each.acknowledged,
      0,
    );
    const of = (name: string, values: readonly number[], bound?: { max: number }) => [
      figure(`${name}, median`, quantileOf(values, 0.5), 'ms'),
      figure(`${name}, p99`, quantileOf(values, 0.99), 'ms', bound),
    ];
    return [
      figure('suspended, two gateways, HTTP and gRPC', suspensions, 'times'),
      figure('beside a load of', acknowledged / seconds, 'spans/s'),
      ...of(
        'suspending',
        stopped.map(({ mutationMs }) => mutationMs),
      ),
      ...of(
        'from suspended to the last accepted request, sent',
        stopped.map(({ sentMs }) => sentMs),
      ),
      ...of(
        'from suspended to the last entry of the log',
        stopped.map(({ loggedMs }) => loggedMs),
        goal,
      ),
      ...of(
        'from suspended to the last accepted request, answered',
        stopped.map(({ answeredMs }) => answeredMs),
      ),
    ];
  } finally {
    for (const load of loads) load.stop();
    await Promise.all(gateways.map(({ child }) => stopChild(child)));
  }
}

async function startGateway({ logins, kek, dataDir }: Options): Promise<GatewayPorts> {
  const [port, grpcPort] = [await freePort(), await freePort()];
  const output = openSync(path.join(dataDir, 'processes.log'), 'a');
  const child = spawn(
    process.execPath,
    [...gatewayFlags, path.join(import.meta.dirname, 'gateway.mjs')],
    {
      stdio: ['ignore', output, output],
      env: {
        NODE_ENV: 'production',
        PATH: process.env.PATH,
        DATABASE_URL: logins.gateway,
        SALLYPORT_KEK: kek.toString('base64'),
        DATA_DIR: dataDir,
        DISK_MIN_MB: '0',
        GATEWAY_PORT: String(port),
        GATEWAY_GRPC_PORT: String(grpcPort),
      },
    },
  );
  closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/readyz`, child);
  return { child, url, grpcUrl: `http://127.0.0.1:${grpcPort}` };
}

async function stopOne(
  { db, console }: Options,
  gateways: readonly GatewayPorts[],
  round: number,
): Promise<Stopped> {
  const { id, key } = await registerReporter(db);
  const agent = new Agent({ keepAlive: true });
  const clients = gateways.map(({ grpcUrl }) => new GrpcClient(grpcUrl));
  const bodies = gateways.flatMap((_, index) => [
    countedBody(1_000 + round * 4 + index * 2),
    countedBody(1_001 + round * 4 + index * 2),
  ]);
  const senders = gateways.flatMap(({ url }, index): Post[] => {
    const next = (at: number) => bodies[index * 2 + at]?.() ?? Buffer.alloc(0);
    const client = clients[index];
    return [
      () => postHttp(agent, url, key, next(0)),
      async () => {
        const { code } = (await client?.export('trace', key, next(1))) ?? { code: 7 };
        return code === 0 ? true : code === 7 || code === 16 ? false : null;
      },
    ];
  });
  const lasts = senders.map(untilRefused);
  await sleep(runMs);
  const startedMs = performance.now();
  await suspendIdentity(
    { db: console, actor: { kind: 'operator', name: 'bench' }, now: new Date() },
    { identityId: id, reason: 'measured by the bench' },
  );
  const committedMs = performance.now();
  const committedAt = new Date();
  const accepted = await Promise.all(lasts);
  agent.destroy();
  for (const client of clients) client.close();
  const since = (of: (each: Accepted) => number) => Math.max(...accepted.map(of)) - committedMs;
  return {
    mutationMs: committedMs - startedMs,
    loggedMs: await lastLoggedMs(db, id, committedAt),
    sentMs: since(({ sentMs }) => sentMs),
    answeredMs: since(({ answeredMs }) => answeredMs),
  };
}

/** By the log itself: the arrival of the last entry that it sent; the clock is this machine's. */
async function lastLoggedMs(db: Pool, reporter: string, since: Date): Promise<number> {
  const { rows } = await db.query<{ at: Date | null }>(
    `SELECT max(received_at) AS at FROM log_entry WHERE reporter = $1 AND received_at > $2::timestamptz - interval '10 seconds'`,
    [reporter, since],
  );
  const at = rows[0]?.at;
  if (at == null) throw new Error('Nothing was accepted before it was suspended.');
  return at.getTime() - since.getTime();
}

/** One span after the other, none like another. */
function countedBody(run: number): () => Buffer {
  const body: LoadBody = makeLoadBody(1, run);
  let count = 0;
  return () => {
    count += 1;
    body.patch(run, count);
    return Buffer.from(body.bytes);
  };
}

async function untilRefused(post: Post): Promise<Accepted> {
  let last: Accepted = { sentMs: 0, answeredMs: 0 };
  for (;;) {
    const sentMs = performance.now();
    const answer = await post();
    if (answer === false) return last;
    if (answer === true) last = { sentMs, answeredMs: performance.now() };
    await sleep(pauseMs);
  }
}

function postHttp(agent: Agent, url: string, key: string, body: Buffer): Promise<boolean | null> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/v1/traces`,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => {
          const { statusCode } = answer;
          resolve(
            statusCode === 200 ? true : statusCode === 401 || statusCode === 403 ? false : null,
          );
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
