import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import {
  type Issued,
  issueAuthority,
  issueCertificate,
  issueSvid,
  serverAuth,
} from '../support/authority';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/free-port';
import { postTraces, registerReporter } from '../support/gateway';
import { type GatewayProcess, killed, startGatewayProcess } from '../support/gateway-process';
import { GrpcClient } from '../support/grpc-client';
import { grpcChannel, keptAgent, postOverTls } from '../support/tls-client';
import {
  PROXY_ADDRESS,
  type ProxyName,
  programOf,
  startTlsProxy,
  type TlsProxy,
} from '../support/tls-proxy';
import { addAnchor, addCertificate } from '../support/trust';

const nothing = '{"resourceSpans":[]}';
let database: TestDatabase;
let migrator: Pool;
let gateway: GatewayProcess;
let serverCa: Issued;
let server: Issued;
let gatewayPort: number;
let grpcPort: number;

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  serverCa = await issueAuthority({ subject: 'CN=Server authority' });
  server = await issueCertificate({
    issuer: serverCa,
    dns: ['localhost'],
    extendedKeyUsage: [serverAuth],
  });
  [gatewayPort, grpcPort] = [await freePort(), await freePort()];
  gateway = await startGatewayProcess(database.gatewayUrl, database.kek, gatewayPort, {
    GATEWAY_GRPC_PORT: String(grpcPort),
    TRUSTED_PROXIES: PROXY_ADDRESS,
  });
});
afterAll(async () => {
  if (gateway) await killed(gateway.child, 'SIGTERM');
  await migrator?.end();
  await database?.drop();
});

// nginx tells of the sender's own certificate alone, so its bundle holds who issued it.
describe.each<[ProxyName, boolean]>([
  ['nginx', false],
  ['haproxy', true],
])('mutual TLS that %s ends', (name, tellsChain) => {
  const domain = `${name}.example`;
  const id = `spiffe://${domain}/agent`;
  let proxy: TlsProxy;
  let root: Issued;
  let between: Issued;
  let leaf: Issued;
  let reporter: { id: string; key: string };
  const shown = (...chain: Issued[]) => ({ chain, serverCa: serverCa.pem });
  const post = async (chain: Issued[], headers: Record<string, string> = {}) => {
    const agent = keptAgent(shown(...chain));
    try {
      return await postOverTls(proxy.port, agent, nothing, headers);
    } finally {
      agent.destroy();
    }
  };
  const call = async (
    chain: Issued[],
    key: string | null,
    headers: Record<string, string> = {},
  ) => {
    const client = new GrpcClient(`https://localhost:${proxy.port}`, {
      channel: grpcChannel(shown(...chain)),
    });
    try {
      return await client.export('trace', key, Buffer.alloc(0), headers);
    } finally {
      client.close();
    }
  };

  describe.skipIf(programOf(name) === undefined)('with what the README says', () => {
    beforeAll(async () => {
      root = await issueAuthority({ subject: `CN=Root of ${name}` });
      between = await issueAuthority({ issuer: root, subject: `CN=Signer of ${name}` });
      leaf = await issueSvid(between, id);
      reporter = await registerReporter(migrator, { name: `agent-${name}` });
      const believed = tellsChain ? [root] : [between];
      const anchor = await addAnchor(migrator, 'spiffe', believed, domain);
      await addCertificate(migrator, reporter.id, anchor, id);
      proxy = await startTlsProxy(name, { server, authorities: [root], gatewayPort, grpcPort });
    });
    afterAll(() => proxy?.stop());

    test('an SVID is taken, over HTTP and gRPC, on a connection that is resumed too', async () => {
      const agent = keptAgent(shown(leaf, between), { keepAlive: false });
      for (let at = 0; at < 3; at += 1)
        expect(await postOverTls(proxy.port, agent)).toMatchObject({ status: 200 });
      agent.destroy();
      expect(await call([leaf, between], null)).toMatchObject({ code: 0 });
    });

    test('without one a key is enough, and the address is that of the sender', async () => {
      const bearer = { authorization: `Bearer ${reporter.key}` };
      expect((await post([], bearer)).status).toBe(200);
      expect((await call([], reporter.key)).code).toBe(0);
      expect((await post([])).status).toBe(401);
      await vi.waitFor(async () => {
        const { rows } = await migrator.query(
          `SELECT facts::jsonb ->> 'address' AS address FROM control_event
           WHERE facts::jsonb ->> 'reason' = 'missing'`,
        );
        expect(rows).toEqual([{ address: '127.0.0.1' }]);
      });
    });

    // Whoever reaches the proxy could be anybody, if this fails.
    test('headers that the sender makes up do not reach the gateway', async () => {
      const forged = forgedBy(leaf, between);
      for (const headers of forged) {
        expect(await post([], headers)).toMatchObject({ status: 401 });
        expect(await call([], null, headers)).toMatchObject({ code: 16 });
        const other = await issueCertificate();
        expect(await post([other], headers)).toMatchObject({ status: 401 });
      }
    });

    test('what the proxy lets through the gateway verifies: an expired one is refused', async () => {
      const expired = await issueSvid(between, id, {
        notBefore: new Date(Date.now() - 7_200_000),
        notAfter: new Date(Date.now() - 3_600_000),
      });
      const answer = await post([expired, between]);
      // nginx looks at the dates itself.
      expect(answer.status).toBe(name === 'nginx' ? 400 : 401);
      expect(answer.body).toMatch(/The certificate expired at|The SSL certificate error/);
      const stranger = await issueSvid(await issueAuthority(), id);
      expect((await post([stranger])).body).toContain('no authority that is believed here');
    });

    test('who is suspended is refused at the next request of an open connection', async () => {
      const agent = keptAgent(shown(leaf, between));
      expect((await postOverTls(proxy.port, agent)).status).toBe(200);
      await migrator.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [reporter.id]);
      await sleep(250);
      const answer = await postOverTls(proxy.port, agent);
      agent.destroy();
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('is suspended');
    });
  });
});

test('a direct connection with a forged header is refused', async () => {
  const root = await issueAuthority();
  const reporter = await registerReporter(migrator);
  const anchor = await addAnchor(migrator, 'spiffe', [root], 'direct.example');
  await addCertificate(migrator, reporter.id, anchor, 'spiffe://direct.example/agent');
  const victim = await issueSvid(root, 'spiffe://direct.example/agent');
  for (const headers of forgedBy(victim, root)) {
    const { status, json } = await postTraces(gateway.url, reporter.key, nothing, headers);
    expect(status).toBe(401);
    expect(JSON.stringify(json)).toContain('from the proxies in TRUSTED_PROXIES only');
    const client = new GrpcClient(`http://127.0.0.1:${grpcPort}`);
    const called = await client.export('trace', reporter.key, Buffer.alloc(0), headers);
    client.close();
    expect(called).toMatchObject({ code: 16, details: expect.stringContaining('TRUSTED_PROXIES') });
  }
  expect((await postTraces(gateway.url, reporter.key, nothing)).status).toBe(200);
});

const forgedBy = (leaf: Issued, between: Issued): Record<string, string>[] => [
  { 'client-cert': `:${leaf.der.toString('base64')}:` },
  {
    'client-cert': `:${leaf.der.toString('base64')}:`,
    'client-cert-chain': `:${between.der.toString('base64')}:`,
  },
  { 'x-ssl-client-cert': encodeURIComponent(leaf.pem) },
];
