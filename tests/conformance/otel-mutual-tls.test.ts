import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import {
  type Issued,
  issueAuthority,
  issueCertificate,
  issueSvid,
  serverAuth,
} from '../support/authority';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { pemOf } from '../support/tls-client';
import { addAnchor, addCertificate } from '../support/trust';

const id = 'spiffe://example.org/ns/shop/sa/returns';
let database: TestDatabase;
let migrator: Pool;
let gateway: TestGateway;
let folder: string;
let reporter: { id: string; key: string };
let signer: Issued;

/** The environment that the README tells of, with this workload's files in it. */
async function showInEnvironment(endpoint: string, chain: readonly Issued[]): Promise<void> {
  const [leaf] = chain;
  const files = {
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: pemOf(chain),
    OTEL_EXPORTER_OTLP_CLIENT_KEY: leaf?.keyPem ?? '',
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(path.join(folder, name), text);
    vi.stubEnv(name, path.join(folder, name));
  }
  vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', path.join(folder, 'gateway-ca.pem'));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
}

async function send(exporter: SpanExporter, name: string): Promise<void> {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'returns' }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  provider
    .getTracer('returns')
    .startSpan(name, {
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.agent.name': 'returns' },
    })
    .end();
  await provider.forceFlush();
  await provider.shutdown();
}

const attributed = async (name: string) =>
  (await migrator.query('SELECT identity, reporter FROM interaction WHERE name = $1', [name])).rows;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sallyport-'));
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  const serverCa = await issueAuthority({ subject: 'CN=Server authority' });
  const server = await issueCertificate({
    issuer: serverCa,
    dns: ['localhost'],
    extendedKeyUsage: [serverAuth],
  });
  await writeFile(path.join(folder, 'gateway-ca.pem'), serverCa.pem);
  const root = await issueAuthority({ subject: 'CN=SPIFFE root' });
  signer = await issueAuthority({ issuer: root, subject: 'CN=SPIFFE signer' });
  reporter = await registerReporter(migrator, { name: 'returns' });
  const anchor = await addAnchor(migrator, 'spiffe', [root]);
  await addCertificate(migrator, reporter.id, anchor, id);
  gateway = await startGateway(database, {}, { cert: server.pem, key: server.keyPem });
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await gateway?.close();
  await migrator?.end();
  await database?.drop();
  await rm(folder, { recursive: true });
});

const ways: [string, () => string, () => SpanExporter][] = [
  [
    'protobuf over HTTPS',
    () => `https://localhost:${gateway.tls?.port}`,
    () => new ProtoExporter(),
  ],
  ['gRPC over TLS', () => `https://localhost:${gateway.tls?.grpcPort}`, () => new GrpcExporter()],
];
test.each(ways)('the SDK sends by %s with an SVID and no key', async (name, endpoint, exporter) => {
  await showInEnvironment(endpoint(), [await issueSvid(signer, id), signer]);
  await send(exporter(), `by ${name}`);
  expect(await attributed(`by ${name}`)).toEqual([
    { identity: reporter.id, reporter: reporter.id },
  ]);
});

test.each(ways)(
  'by %s with an SVID of nobody registered nothing is taken',
  async (name, endpoint, exporter) => {
    await showInEnvironment(endpoint(), [await issueSvid(signer, `${id}-2`), signer]);
    await send(exporter(), `not by ${name}`).catch(() => undefined);
    expect(await attributed(`not by ${name}`)).toEqual([]);
    await vi.waitFor(async () => {
      const { rows } = await migrator.query(
        `SELECT count(*)::int AS n FROM control_event WHERE facts::jsonb ->> 'reason' = 'unknown'`,
      );
      expect(rows[0].n).toBeGreaterThan(0);
    });
  },
);
