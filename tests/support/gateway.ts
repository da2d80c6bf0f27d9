import { createHash, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import type { Queryable } from '@/lib/db/pool';
import type { Signal } from '@/lib/telemetry/schema';
import { createApp } from '@/server/gateway/app';
import { type Gateway, openGateway } from '@/server/gateway/gateway';
import { startOtlpGrpc } from '@/server/gateway/otlp-grpc';
import { startReplaying } from '@/server/gateway/replay';
import { startTls, type TlsPorts } from '@/server/gateway/tls';
import type { TlsMaterial } from '@/server/gateway/tls-material';
import type { TestDatabase } from './database';

export type TestGateway = {
  url: string;
  grpcUrl: string;
  gateway: Gateway;
  /** The two TLS ports, where it was given what to show. */
  tls: TlsPorts | null;
  close(): Promise<void>;
};

/** The gateway's own program in this process, on a free port of this machine unless it is told one. */
export async function startGateway(
  database: TestDatabase,
  env: Record<string, string> = {},
  material: TlsMaterial | null = null,
): Promise<TestGateway> {
  const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const config = parseConfig({
    DATA_DIR: tmpdir(),
    DISK_MIN_MB: '0',
    INGEST_ITEMS_PER_SECOND: '1000000',
    GATEWAY_TLS_PORT: '0',
    GATEWAY_GRPC_TLS_PORT: '0',
    ...env,
  });
  const gateway = await openGateway(config, database.gatewayUrl, kek);
  const grpc = await startOtlpGrpc(gateway, { host: '127.0.0.1', port: 0 });
  const app = await createApp(gateway);
  const tls = material === null ? null : await startTls(gateway, app, material);
  await app.listen({ host: '127.0.0.1', port: Number(env.GATEWAY_PORT ?? 0) });
  const replaying = startReplaying(gateway, kek);
  // Listening on TCP, so there is an address and a port.
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    grpcUrl: `http://127.0.0.1:${grpc.port}`,
    gateway,
    tls,
    async close() {
      await Promise.all([app.close(), grpc.close(), tls?.close()]);
      await replaying.stop();
      await gateway.close();
    },
  };
}

export type TestReporter = { id: string; key: string };

/** An active identity with an ingest key, written as the migrator. */
export async function registerReporter(
  db: Queryable,
  change: {
    name?: string;
    kind?: string;
    reportsForAll?: boolean;
    expiresAt?: Date;
    state?: string;
  } = {},
): Promise<TestReporter> {
  const id = newId();
  const key = `slp_ik_${randomBytes(32).toString('base64url')}`;
  const created = new Date(
    Math.min(Date.now(), (change.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - 1000),
  );
  await db.query(
    `INSERT INTO identity (id, kind, name, names, state, reports_for_all, created_at) VALUES ($1, $2, $3, '{}', $4, $5, $6)`,
    [
      id,
      change.kind ?? 'agent',
      change.name ?? `agent-${id}`,
      change.state ?? 'active',
      change.reportsForAll ?? false,
      created,
    ],
  );
  await db.query(
    `INSERT INTO credential (id, identity_id, kind, hash, hint, created_at, expires_at) VALUES ($1, $2, 'ingest_key', $3, 'test', $4, $5)`,
    [
      newId(),
      id,
      createHash('sha256').update(key).digest(),
      created,
      change.expiresAt ?? new Date(Date.now() + 86_400_000),
    ],
  );
  return { id, key };
}

type Answer = { status: number; headers: Headers; bytes: Buffer; json: unknown };

/** Posts a body to /v1/traces; the answer is parsed when it is JSON. */
export const postTraces = (
  url: string,
  key: string | null,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> => postSignal('trace', url, key, body, headers);

const paths: Record<Signal, string> = {
  trace: '/v1/traces',
  log: '/v1/logs',
  metric: '/v1/metrics',
};

/** The same to the path of any signal. */
export async function postSignal(
  signal: Signal,
  url: string,
  key: string | null,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${paths[signal]}`, {
    method: 'POST',
    headers: {
      'content-type': typeof body === 'string' ? 'application/json' : 'application/x-protobuf',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : Buffer.from(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    json: isJson ? JSON.parse(bytes.toString()) : null,
  };
}
