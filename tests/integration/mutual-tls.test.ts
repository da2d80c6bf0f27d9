import { once } from 'node:events';
import { connect as connectPlainly } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import type { RegistryState } from '@/lib/identities/state/registry-state';
import {
  type Issued,
  issueAuthority,
  issueCertificate,
  issueSvid,
  newKeys,
  serverAuth,
} from '../support/authority';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { GrpcClient } from '../support/grpc-client';
import { isRevoked, isSuspended, untilKnown } from '../support/registry-known';
import { exportRequest, genaiChatSpan } from '../support/spans';
import { grpcChannel, keptAgent, postOverTls, tlsOf } from '../support/tls-client';
import { addAnchor, addCertificate, addPlacement } from '../support/trust';

let database: TestDatabase;
let migrator: Pool;
let gateway: TestGateway;
let serverCa: Issued;
let server: Issued;
let root: Issued;
let between: Issued;
let anchor: string;
let reporter: { id: string; key: string };
let leaf: Issued;
let made = 0;

const serverCertificate = () =>
  issueCertificate({
    issuer: serverCa,
    subject: 'CN=gateway',
    dns: ['localhost'],
    extendedKeyUsage: [serverAuth],
  });
const shown = (...chain: Issued[]) => ({ chain, serverCa: serverCa.pem });
const httpPort = () => gateway.tls?.port ?? 0;
const grpcUrl = () => `https://localhost:${gateway.tls?.grpcPort}`;
const post = async (chain: Issued[], headers: Record<string, string> = {}) => {
  const agent = keptAgent(shown(...chain));
  try {
    return await postOverTls(httpPort(), agent, undefined, headers);
  } finally {
    agent.destroy();
  }
};
const callOnce = async (chain: Issued[], key: string | null = null) => {
  const client = new GrpcClient(grpcUrl(), { channel: grpcChannel(shown(...chain)) });
  try {
    return await client.export('trace', key, Buffer.alloc(0));
  } finally {
    client.close();
  }
};

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  serverCa = await issueAuthority({ subject: 'CN=Server authority' });
  server = await serverCertificate();
  root = await issueAuthority({ subject: 'CN=SPIFFE root' });
  between = await issueAuthority({ issuer: root, subject: 'CN=SPIFFE signer' });
  anchor = await addAnchor(migrator, 'spiffe', [root]);
  gateway = await startGateway(database, {}, { cert: server.pem, key: server.keyPem });
});
beforeEach(async () => {
  made += 1;
  const id = `spiffe://example.org/agents/${made}`;
  reporter = await registerReporter(migrator, { name: `agent-${made}` });
  await addCertificate(migrator, reporter.id, anchor, id);
  leaf = await issueSvid(between, id);
});
afterAll(async () => {
  await gateway?.close();
  await migrator?.end();
  await database?.drop();
});

describe('over mutual TLS', () => {
  test('what an SVID sends is taken in and attributed, over HTTP and gRPC', async () => {
    const agent = keptAgent(shown(leaf, between));
    const { status } = await postOverTls(
      httpPort(),
      agent,
      JSON.stringify(
        exportRequest([genaiChatSpan({ attributes: { 'gen_ai.agent.name': `agent-${made}` } })]),
      ),
    );
    agent.destroy();
    expect(status).toBe(200);
    const { rows } = await migrator.query(
      'SELECT identity, reporter FROM interaction WHERE reporter = $1',
      [reporter.id],
    );
    expect(rows).toEqual([{ identity: reporter.id, reporter: reporter.id }]);
    expect((await callOnce([leaf, between])).code).toBe(0);
  });

  test('a certificate of a registered authority is taken too', async () => {
    const authority = await issueAuthority({ subject: 'CN=House authority' });
    const ca = await addAnchor(migrator, 'ca', [authority]);
    await addCertificate(migrator, reporter.id, ca, 'san_dns:returns.example.org');
    const own = await issueCertificate({ issuer: authority, dns: ['returns.example.org'] });
    expect((await post([own])).status).toBe(200);
    expect((await callOnce([own])).code).toBe(0);
  });

  test('without one a key is enough, and with neither it says what to show', async () => {
    expect((await post([], { authorization: `Bearer ${reporter.key}` })).status).toBe(200);
    expect((await callOnce([], reporter.key)).code).toBe(0);
    const refused = await post([]);
    expect(refused.status).toBe(401);
    expect(refused.body).toContain('Show a certificate on the TLS port');
  });

  test('a certificate that does not hold is refused, not ignored, whatever else is shown', async () => {
    const stranger = await issueSvid(await issueAuthority(), 'spiffe://example.org/x');
    const answer = await post([stranger], { authorization: `Bearer ${reporter.key}` });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('no authority that is believed here');
    expect((await callOnce([stranger], reporter.key)).code).toBe(16);
  });

  test('a certificate and a key of two identities disagree; of one they are two proofs', async () => {
    const other = await registerReporter(migrator);
    const answer = await post([leaf, between], { authorization: `Bearer ${other.key}` });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('different identities');
    const both = { authorization: `Bearer ${reporter.key}` };
    expect((await post([leaf, between], both)).status).toBe(200);
  });

  test('from the network that its identity runs in it is placed as well', async () => {
    const now = new Date();
    const presented = (address: string, isProxy = false) => ({
      authorization: undefined,
      certificates: { ok: true as const, value: [leaf.der, between.der] },
      address,
      isProxy,
    });
    await addPlacement(migrator, reporter.id, ['10.1.0.0/16']);
    await sleep(1_300);
    const kinds = async (address: string, isProxy = false) => {
      const caller = await gateway.gateway.authenticator.authenticate(
        presented(address, isProxy),
        now,
      );
      return caller.proofs.map(({ kind }) => kind);
    };
    expect(await kinds('10.1.2.3')).toEqual(['x509_svid', 'placement']);
    expect(await kinds('10.2.0.1')).toEqual(['x509_svid']);
    // Whence it came to a proxy is not known.
    expect(await kinds('10.1.2.3', true)).toEqual(['x509_svid']);
  });
});

// Who was stopped would go on for as long as a connection lives, if one of these fails.
describe('on a connection that is open already', () => {
  const nextOnBoth = async (
    change: () => Promise<unknown>,
    isKnown: (state: RegistryState) => boolean = () => true,
  ) => {
    const agent = keptAgent(shown(leaf, between));
    const client = new GrpcClient(grpcUrl(), { channel: grpcChannel(shown(leaf, between)) });
    expect((await postOverTls(httpPort(), agent)).status).toBe(200);
    expect((await client.export('trace', null, Buffer.alloc(0))).code).toBe(0);
    await change();
    await untilKnown(gateway, isKnown);
    const http = await postOverTls(httpPort(), agent);
    const grpc = await client.export('trace', null, Buffer.alloc(0));
    agent.destroy();
    client.close();
    return [http.status, grpc.code, `${http.body} ${grpc.details}`] as const;
  };

  test('who is suspended is refused at the next request', async () => {
    const [http, grpc, says] = await nextOnBoth(
      () => migrator.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [reporter.id]),
      isSuspended(reporter.id),
    );
    expect([http, grpc]).toEqual([403, 7]);
    expect(says).toContain(`agent-${made} is suspended`);
  });

  test('a credential that is revoked is refused at the next request', async () => {
    const [http, grpc, says] = await nextOnBoth(
      () =>
        migrator.query('UPDATE credential SET revoked_at = now() WHERE identity_id = $1', [
          reporter.id,
        ]),
      isRevoked(reporter.id),
    );
    expect([http, grpc]).toEqual([401, 16]);
    expect(says).toContain('This SVID was revoked');
  });

  test('an authority that is believed no more takes all it issued with it', async () => {
    const [http, grpc, says] = await nextOnBoth(
      () => migrator.query('UPDATE trust_anchor SET revoked_at = now() WHERE id = $1', [anchor]),
      (state) => state.anchor(anchor)?.isRevoked === true,
    );
    expect([http, grpc]).toEqual([401, 16]);
    expect(says).toContain('is believed no more');
    await migrator.query('UPDATE trust_anchor SET revoked_at = NULL WHERE id = $1', [anchor]);
  });

  test('a certificate that ends meanwhile is refused', async () => {
    leaf = await issueSvid(between, `spiffe://example.org/agents/${made}`, {
      notAfter: new Date(Date.now() + 2_500),
    });
    const [http, grpc, says] = await nextOnBoth(() => sleep(3_200));
    expect([http, grpc]).toEqual([401, 16]);
    expect(says).toContain('The certificate expired at');
  });
});

describe('the handshake', () => {
  const open = async (options: Parameters<typeof connect>[1]): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port: httpPort(), ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  const ask = async (socket: TLSSocket): Promise<string> => {
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"resourceSpans":[]}',
    );
    const [chunk] = await once(socket, 'data');
    return String(chunk);
  };

  // The authorities between are not kept in a session: resumed, the chain would not lead anywhere.
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is done anew each time, over %s', async (version) => {
    const options = { ...tlsOf(shown(leaf, between)), minVersion: version, maxVersion: version };
    const first = await open(options);
    expect(await ask(first)).toContain('200 OK');
    const session = first.getSession();
    first.destroy();
    const second = await open({ ...options, ...(session === undefined ? {} : { session }) });
    expect(second.isSessionReused()).toBe(false);
    expect(await ask(second)).toContain('200 OK');
    second.destroy();
  });

  test('is refused below TLS 1.2', async () => {
    const old = open({
      ...tlsOf(shown(leaf, between)),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    });
    await expect(old).rejects.toThrow(/alert|protocol|version/i);
  });

  test('with a chain of 50 is answered with a sentence', async () => {
    const keys = await newKeys();
    const chain = [root];
    for (let at = 1; at < 50; at += 1)
      chain.unshift(await issueAuthority({ issuer: chain[0] ?? root, subject: `CN=${at}`, keys }));
    const long = await issueSvid(chain[0] ?? root, 'spiffe://example.org/long');
    const answer = await post([long, ...chain.slice(0, 49)]);
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('The chain has 50 certificates');
    const called = await callOnce([long, ...chain.slice(0, 49)]);
    expect([called.code, called.details]).toEqual([16, expect.stringContaining('50 certificates')]);
  });

  test('that is none at all leaves a gateway that lives', async () => {
    for (const port of [httpPort(), gateway.tls?.grpcPort ?? 0]) {
      const socket = connectPlainly({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\n\r\n');
      await once(socket, 'close');
    }
    expect((await post([leaf, between])).status).toBe(200);
  });

  test('shows a renewed certificate to whoever connects next, and goes on with those that are there', async () => {
    const kept = keptAgent(shown(leaf, between));
    expect((await postOverTls(httpPort(), kept)).status).toBe(200);
    const renewed = await serverCertificate();
    gateway.tls?.renew({ cert: renewed.pem, key: renewed.keyPem });
    const socket = await open(tlsOf(shown(leaf, between)));
    expect(socket.getPeerX509Certificate()?.raw).toEqual(renewed.der);
    expect(await ask(socket)).toContain('200 OK');
    socket.destroy();
    expect((await postOverTls(httpPort(), kept)).status).toBe(200);
    kept.destroy();
    expect((await callOnce([leaf, between])).code).toBe(0);
  });
});
