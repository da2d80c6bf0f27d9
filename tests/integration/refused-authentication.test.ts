import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import {
  type CertificateOptions,
  type Issued,
  issueAuthority,
  issueCertificate,
  issueSvid,
  newKeys,
  serverAuth,
  usage,
} from '../support/authority';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { GrpcClient } from '../support/grpc-client';
import { constraint } from '../support/name-constraint';
import { grpcChannel, keptAgent, postOverTls } from '../support/tls-client';
import { addAnchor, addCertificate } from '../support/trust';

type Facts = Record<string, unknown>;
const id = 'spiffe://example.org/agent';
const nothing = '{"resourceSpans":[]}';

let database: TestDatabase;
let migrator: Pool;
let gateway: TestGateway;
let serverCa: Issued;
let root: Issued;
let good: Issued;
let reporter: { id: string; key: string };

const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000);
const post = async (...chain: Issued[]) => {
  const agent = keptAgent({ chain, serverCa: serverCa.pem });
  try {
    return await postOverTls(gateway.tls?.port ?? 0, agent);
  } finally {
    agent.destroy();
  }
};
const call = async (...chain: Issued[]) => {
  const client = new GrpcClient(`https://localhost:${gateway.tls?.grpcPort}`, {
    channel: grpcChannel({ chain, serverCa: serverCa.pem }),
  });
  try {
    return await client.export('trace', null, Buffer.alloc(0));
  } finally {
    client.close();
  }
};
const refusals = async (): Promise<Facts[]> => {
  const { rows } = await migrator.query(
    `SELECT c.facts FROM control_event c JOIN log_entry l USING (received_at, shard, position)
     WHERE l.kind = 'authentication_refused' ORDER BY position`,
  );
  return rows.map(({ facts }) => JSON.parse(facts));
};
/** The entry that tells of it, once it is there. */
const entryOf = (matches: Facts) =>
  vi.waitFor(async () => {
    const found = (await refusals()).filter((facts) =>
      Object.entries(matches).every(([name, value]) => facts[name] === value),
    );
    expect(found).toHaveLength(1);
    return found[0] ?? {};
  });
const thumbprintOf = ({ der }: Issued) => createHash('sha256').update(der).digest('base64url');

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  serverCa = await issueAuthority({ subject: 'CN=Server authority' });
  const server = await issueCertificate({
    issuer: serverCa,
    dns: ['localhost'],
    extendedKeyUsage: [serverAuth],
  });
  root = await issueAuthority({ subject: 'CN=SPIFFE root' });
  const anchor = await addAnchor(migrator, 'spiffe', [root]);
  reporter = await registerReporter(migrator, { name: 'agent' });
  await addCertificate(migrator, reporter.id, anchor, id);
  good = await issueSvid(root, id);
  gateway = await startGateway(database, {}, { cert: server.pem, key: server.keyPem });
});
afterAll(async () => {
  await gateway?.close();
  await migrator?.end();
  await database?.drop();
});

describe('a certificate is refused by HTTP and by gRPC with what is wrong, is in the log, and the gateway lives', () => {
  const svid = (change: CertificateOptions) => async () => [await issueSvid(root, id, change)];
  const through = (change: CertificateOptions) => async () => {
    const between = await issueAuthority({ issuer: root, subject: 'CN=between', ...change });
    return [await issueSvid(between, id), between];
  };
  const cases: [string, string, RegExp, () => Promise<Issued[]>][] = [
    [
      'expired',
      'expired',
      /expired at/,
      svid({ notBefore: hoursFromNow(-9), notAfter: hoursFromNow(-1) }),
    ],
    [
      'not yet valid',
      'not_yet_valid',
      /not valid before/,
      svid({ notBefore: hoursFromNow(1), notAfter: hoursFromNow(2) }),
    ],
    [
      'wrong extended key usage',
      'invalid',
      /lacks clientAuth/,
      svid({ extendedKeyUsage: [serverAuth] }),
    ],
    [
      'of an authority',
      'invalid',
      /CA=true/,
      svid({ isCa: true, keyUsage: usage.digitalSignature }),
    ],
    ['two URI names', 'invalid', /2 URI names/, svid({ uris: [id, `${id}/2`] })],
    [
      'percent-encoded',
      'invalid',
      /percent-encoding/,
      svid({ uris: ['spiffe://example.org/%61gent'] }),
    ],
    [
      'wrong trust domain',
      'invalid',
      /example.org alone/,
      svid({ uris: ['spiffe://evil.org/agent'] }),
    ],
    ['nobody registered', 'unknown', /no identity has a credential/, svid({ uris: [`${id}-2`] })],
    ['through no authority', 'invalid', /lack CA=true/, through({ isCa: false })],
    [
      'against name constraints',
      'invalid',
      /name constraints/,
      through({ extensions: [constraint([], [{ uniformResourceIdentifier: 'example.org' }])] }),
    ],
    [
      'signed by itself',
      'unknown',
      /signed by itself/,
      async () => [await issueCertificate({ uris: [id] })],
    ],
    [
      'of nobody known',
      'unknown',
      /no authority that is believed/,
      async () => [await issueSvid(await issueAuthority(), id)],
    ],
    [
      'a chain of 50',
      'invalid',
      /50 certificates/,
      async () => {
        const keys = await newKeys();
        const chain = [root];
        for (let at = 1; at < 49; at += 1)
          chain.unshift(
            await issueAuthority({ issuer: chain[0] ?? root, subject: `CN=${at}`, keys }),
          );
        return [await issueSvid(chain[0] ?? root, id), ...chain];
      },
    ],
  ];
  test.each(cases)('%s', async (_, reason, says, make) => {
    const chain = await make();
    const answer = await post(...chain);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatch(says);
    const called = await call(...chain);
    expect(called.code).toBe(16);
    expect(called.details).toMatch(says);
    const [leaf = good] = chain;
    const entry = await entryOf({ thumbprint: thumbprintOf(leaf) });
    expect(entry).toMatchObject({ reason, address: '127.0.0.1', presented: 'certificate' });
    expect(entry.detail).toMatch(says);
    expect(Object.keys(entry).toSorted()).toEqual(
      ['address', 'detail', 'presented', 'reason', 'thumbprint'].toSorted(),
    );
    expect((await post(good)).status).toBe(200);
  });
});

test('who is stopped is named in the log, with the credential that showed it', async () => {
  const stopped = await registerReporter(migrator, { state: 'suspended' });
  const { status } = await postTraces(gateway.url, stopped.key, nothing);
  expect(status).toBe(403);
  const entry = await entryOf({ reason: 'stopped' });
  const { rows } = await migrator.query('SELECT id FROM credential WHERE identity_id = $1', [
    stopped.id,
  ]);
  expect(entry).toMatchObject({
    identity: stopped.id,
    credential: rows[0].id,
    presented: 'bearer',
  });
});

// Whoever reads the log could act as whoever was refused by mistake, if this fails.
test('nothing of a secret that was presented is in the log', async () => {
  const secret = `slp_ik_${'x'.repeat(43)}`;
  expect((await postTraces(gateway.url, secret, nothing)).status).toBe(401);
  await entryOf({ reason: 'unknown', presented: 'bearer' });
  const basic = {
    authorization: `Basic ${Buffer.from(`${reporter.id}:slp_cs_secret`).toString('base64')}`,
  };
  await postTraces(gateway.url, null, nothing, basic);
  await entryOf({ presented: 'basic' });
  const told = JSON.stringify(await refusals());
  for (const part of ['xxxx', 'slp_cs_secret', basic.authorization.slice(6)])
    expect(told).not.toContain(part);
});

test('headers of a proxy that is none are refused on every route, and in the log', async () => {
  const header = { 'client-cert': `:${good.der.toString('base64')}:` };
  for (const path of ['/v1/traces', '/v1/logs', '/v1/metrics', '/api/v1/self']) {
    const method = path.startsWith('/v1') ? 'POST' : 'GET';
    const answer = await fetch(`${gateway.url}${path}`, { method, headers: header });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('TRUSTED_PROXIES');
  }
  const client = new GrpcClient(gateway.grpcUrl);
  const called = await client.export('trace', reporter.key, Buffer.alloc(0), header);
  client.close();
  expect([called.code, called.details]).toEqual([16, expect.stringContaining('TRUSTED_PROXIES')]);
  await entryOf({ reason: 'not_a_proxy', presented: 'certificate' });
});

test('a flood is one entry now, and a figure', async () => {
  const attempt = () =>
    postTraces(gateway.url, 'slp_ik_flood', nothing, { 'x-forwarded-for': '::1' });
  await Promise.all(Array.from({ length: 50 }, attempt));
  await entryOf({ reason: 'unknown', presented: 'bearer' });
  const figures = await (await fetch(`${gateway.url}/metrics`)).text();
  const [, count] = /refused_total\{reason="unknown"\} (\d+)/.exec(figures) ?? [];
  expect(Number(count)).toBeGreaterThanOrEqual(51);
});

test('where the log cannot be written the answer is the same', async () => {
  await migrator.query(
    'REVOKE EXECUTE ON FUNCTION append_control(text, text) FROM sallyport_gateway',
  );
  const answer = await postTraces(gateway.url, null, nothing);
  expect(answer.status).toBe(401);
  expect(JSON.stringify(answer.json)).toContain('This needs a proof');
  await migrator.query('GRANT EXECUTE ON FUNCTION append_control(text, text) TO sallyport_gateway');
});
