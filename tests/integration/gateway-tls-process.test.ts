import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Issued, issueAuthority, issueCertificate, serverAuth } from '../support/authority';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/free-port';
import { type GatewayProcess, killed, startGatewayProcess } from '../support/gateway-process';

/** This machine too, and not where a listener on 127.0.0.1 is reached. */
const elsewhere = '127.0.0.3';
let database: TestDatabase;
let gateway: GatewayProcess;
let folder: string;
let serverCa: Issued;
let first: Issued;
let ports: [plain: number, grpc: number, tls: number, grpcTls: number];

const issue = () =>
  issueCertificate({ issuer: serverCa, dns: ['localhost'], extendedKeyUsage: [serverAuth] });
const file = (name: string) => path.join(folder, name);
const write = async ({ pem, keyPem }: Issued) => {
  await writeFile(file('cert.pem'), pem);
  await writeFile(file('key.pem'), keyPem);
};
const handshake = async (port: number, protocol: string): Promise<TLSSocket> => {
  const socket = connectTls({
    host: elsewhere,
    port,
    ca: serverCa.pem,
    servername: 'localhost',
    ALPNProtocols: [protocol],
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  return socket;
};
const isReached = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: elsewhere, port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'sallyport-'));
  serverCa = await issueAuthority({ subject: 'CN=Server authority' });
  first = await issue();
  await write(first);
  ports = [await freePort(), await freePort(), await freePort(), await freePort()];
  gateway = await startGatewayProcess(database.gatewayUrl, database.kek, ports[0], {
    HOST: '0.0.0.0',
    GATEWAY_GRPC_PORT: String(ports[1]),
    GATEWAY_TLS_PORT: String(ports[2]),
    GATEWAY_GRPC_TLS_PORT: String(ports[3]),
    GATEWAY_TLS_CERT: file('cert.pem'),
    GATEWAY_TLS_KEY: file('key.pem'),
  });
});
afterAll(async () => {
  if (gateway) await killed(gateway.child, 'SIGTERM');
  await database?.drop();
  await rm(folder, { recursive: true });
});

test('to a network without a proxy in front it serves TLS alone, plain text to this machine', async () => {
  expect((await handshake(ports[2], 'http/1.1')).alpnProtocol).toBe('http/1.1');
  expect((await handshake(ports[3], 'h2')).alpnProtocol).toBe('h2');
  expect(await Promise.all(ports.map(isReached))).toEqual([false, false, true, true]);
});

test('a certificate that is renewed on disk is shown without a restart, on both ports', async () => {
  const renewed = await issue();
  await write(renewed);
  for (const [port, protocol] of [
    [ports[2], 'http/1.1'],
    [ports[3], 'h2'],
  ] as const)
    await vi.waitFor(
      async () => {
        const socket = connectTls({
          host: elsewhere,
          port,
          ca: serverCa.pem,
          servername: 'localhost',
          ALPNProtocols: [protocol],
        });
        await once(socket, 'secureConnect');
        const shown = socket.getPeerX509Certificate()?.raw;
        socket.destroy();
        expect(shown).toEqual(renewed.der);
      },
      { timeout: 15_000, interval: 500 },
    );
});

test('who never shakes hands is cut off', async () => {
  const silent = [ports[2], ports[3]].map(async (port) => {
    const socket = connect({ host: elsewhere, port });
    socket.on('error', () => undefined).resume();
    await once(socket, 'close');
  });
  await Promise.all(silent);
}, 15_000);

test('it stops in order while connections are open', async () => {
  const open = connectTls({
    host: elsewhere,
    port: ports[2],
    ca: serverCa.pem,
    servername: 'localhost',
  });
  open.on('error', () => undefined);
  await once(open, 'secureConnect');
  await killed(gateway.child, 'SIGTERM');
  expect(gateway.child.exitCode).toBe(0);
});
