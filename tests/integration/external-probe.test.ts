import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { parseNetworks } from '@/lib/core/network';
import { revokeAnchor } from '@/lib/identities/anchors/mutations';
import { pinOf } from '@/lib/identities/external/keys';
import { askProbe } from '@/lib/identities/external/mutations';
import { lookAt } from '@/lib/identities/external/probe/look';
import { claimProbes } from '@/lib/identities/external/probe/queries';
import type { SetExternalApi } from '@/lib/identities/external/schema';
import { probe } from '@/server/worker/probing';
import { type Issued, issueAuthority, issueCertificate, serverAuth } from '../support/authority';
import { type Externals, openExternals } from '../support/external';
import { listControl } from '../support/organisation';

let at: Externals;
let id = '';
beforeAll(async () => {
  at = await openExternals();
});
beforeEach(async () => {
  id = await at.add();
});
afterAll(() => at.close());
const found = () => at.found(id);
const set = (change: Partial<SetExternalApi> = {}) => at.set(id, change);

const loopback = parseNetworks('127.0.0.0/8');

describe('asking a host', () => {
  let ours: Issued;
  let theirs: Issued;
  let good: Issued;
  let other: Issued;
  let ended: Issued;
  let stranger: Issued;
  let pins: { good: string; ours: string; theirs: string };
  const servers: Server[] = [];

  beforeAll(async () => {
    ours = await issueAuthority({ subject: 'CN=ours' });
    theirs = await issueAuthority({ subject: 'CN=theirs' });
    const leaf = (name: string, host: string, issuer: Issued, notAfter?: Date) =>
      issueCertificate({
        subject: `CN=${name}`,
        issuer,
        dns: [host],
        extendedKeyUsage: [serverAuth],
        ...(notAfter === undefined ? {} : { notAfter }),
      });
    good = await leaf('good', 'api.example.com', ours);
    other = await leaf('other', 'other.example.com', ours);
    ended = await leaf('ended', 'api.example.com', ours, new Date(Date.now() - 60_000));
    stranger = await leaf('stranger', 'api.example.com', theirs);
    const pin = ({ pem }: Issued) => pinOf(new X509Certificate(pem));
    pins = { good: pin(good), ours: pin(ours), theirs: pin(theirs) };
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  async function serve(made: Issued, change: TlsOptions = {}): Promise<number> {
    const server = createServer({ cert: made.pem, key: made.keyPem, ...change }, (socket) =>
      socket.end(),
    );
    server.on('tlsClientError', () => undefined);
    servers.push(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return (server.address() as AddressInfo).port; // Listening on TCP, so it has a port.
  }
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const looking = (port: number) => ({ networks: loopback, resolve, port, timeoutMs: 2_000 });
  const look = async (
    made: Issued,
    expected: { authority?: string | null; pins?: string[] } = {},
    change: TlsOptions = {},
  ) =>
    lookAt(
      'api.example.com',
      {
        authority: expected.authority === undefined ? ours.pem : expected.authority,
        pins: expected.pins ?? [],
      },
      looking(await serve(made, change)),
    );

  test('that shows a sound chain, its name and a pinned key verifies it', async () => {
    const looked = await look(good, { pins: [pins.good, pins.theirs] });
    expect(looked).toMatchObject({
      outcome: 'verified',
      subject: 'CN=good',
      issuer: 'CN=ours',
      pin: pins.good,
    });
    expect(looked.endsAt?.getTime()).toBeGreaterThan(Date.now());
    expect(await look(good)).toMatchObject({ outcome: 'verified' });
  });

  test('verifies one whose authority is pinned, sent along in its chain', async () => {
    expect(
      await look(good, { pins: [pins.ours] }, { cert: `${good.pem}\n${ours.pem}` }),
    ).toMatchObject({ outcome: 'verified' });
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['of an authority that is not registered', () => look(stranger), 'registered authority'],
    [
      'of no authority of the system',
      () => look(good, { authority: null }),
      'authority of the system',
    ],
    ['of another host', () => look(other), 'not of api.example.com'],
    ['that has expired', () => look(ended), 'has expired'],
    [
      'whose key is not pinned',
      () => look(good, { pins: [pins.theirs] }),
      'none of its keys is pinned',
    ],
    // Whoever has a certificate of the same authority sends the pinned one along.
    [
      'that sends a pinned certificate along which did not sign it',
      () => look(good, { pins: [pins.theirs] }, { cert: `${good.pem}\n${theirs.pem}` }),
      'none of its keys is pinned',
    ],
  ])('finds one unverified %s', async (_what, ask, sentence) => {
    expect(await ask()).toMatchObject({
      outcome: 'unverified',
      reason: expect.stringContaining(sentence),
      pin: expect.any(String),
    });
  });

  test.each([
    ['127.0.0.1', 4],
    ['10.1.2.3', 4],
    ['169.254.169.254', 4],
    ['::1', 6],
    ['::ffff:127.0.0.1', 6],
    ['fd00::1', 6],
    ['fe80::1', 6],
  ])('never asks %s, which is inside', async (address, family) => {
    const port = await serve(good);
    const looked = await lookAt(
      'api.example.com',
      { authority: ours.pem, pins: [] },
      { networks: parseNetworks(''), resolve: async () => [{ address, family }], port },
    );
    expect(looked).toMatchObject({
      outcome: 'unreachable',
      reason: expect.stringContaining('leads inside'),
      subject: null,
    });
  });

  test('asks nobody where one of several addresses is inside', async () => {
    const looked = await lookAt(
      'api.example.com',
      { authority: null, pins: [] },
      {
        networks: parseNetworks(''),
        resolve: async () => [
          { address: '203.0.113.1', family: 4 },
          { address: '10.0.0.1', family: 4 },
        ],
      },
    );
    expect(looked).toMatchObject({ outcome: 'unreachable' });
  });

  test('waits for nobody who does not answer, and says where nobody listens', async () => {
    const silent = (await import('node:net')).createServer(() => undefined);
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const { port } = silent.address() as AddressInfo; // Listening on TCP, so it has a port.
    const expected = { authority: null, pins: [] };
    const late = await lookAt('api.example.com', expected, { ...looking(port), timeoutMs: 200 });
    expect(late).toMatchObject({ outcome: 'unreachable', reason: 'It did not answer in time.' });
    silent.close();
    expect(await lookAt('api.example.com', expected, looking(1_025))).toMatchObject({
      outcome: 'unreachable',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('is done when it is due, once an hour, and when somebody asks', async () => {
    await set({
      hosts: ['api.example.com', '*.example.com'],
      authority: ours.pem,
      pins: [pins.good],
    });
    const now = new Date();
    const [due] = (await claimProbes(at.worker, 10, now)).filter((each) => each.id === id);
    expect(due).toMatchObject({ hosts: ['api.example.com'], pins: [pins.good] });
    if (due === undefined) throw new Error('it was not due');
    await probe(at.worker, due, looking(await serve(good)));
    expect((await found())?.probes).toMatchObject([
      { host: 'api.example.com', outcome: 'verified' },
    ]);
    const mine = async (when: Date) =>
      (await claimProbes(at.worker, 100, when)).some((each) => each.id === id);
    expect(await mine(new Date(now.getTime() + 59 * 60_000))).toBe(false);
    await askProbe(at.ctx(), id);
    expect(await mine(new Date())).toBe(true);
    await expect(askProbe(at.ctx(), id)).rejects.toThrow('within the last minute');
    expect((await listControl(at.owner, ['external_probe_asked'])).at(-1)?.facts).toMatchObject({
      identity: id,
    });
    // A host that is registered no more is forgotten.
    await set({ hosts: ['new.example.com'] });
    const [again] = (await claimProbes(at.worker, 100, new Date())).filter(
      (each) => each.id === id,
    );
    if (again === undefined) throw new Error('it was not due');
    await probe(at.worker, again, { ...looking(1_025) });
    expect((await found())?.probes.map(({ host }) => host)).toEqual(['new.example.com']);
  });

  test('goes by the certificates of an authority that is believed', async () => {
    const anchor = newId();
    await at.owner.query(
      `INSERT INTO trust_anchor (id, kind, name, certificates, created_at, changed_at) VALUES ($1, 'ca', $2, $3, now(), now())`,
      [anchor, `CA ${anchor}`, [ours.der]],
    );
    await set({ anchorId: anchor });
    const [due] = (await claimProbes(at.worker, 100, new Date())).filter((each) => each.id === id);
    if (due === undefined) throw new Error('it was not due');
    await probe(at.worker, due, looking(await serve(good)));
    expect(await found()).toMatchObject({
      authority: { id: anchor, name: `CA ${anchor}` },
      probes: [{ outcome: 'verified' }],
    });
    await revokeAnchor(at.ctx(), { anchorId: anchor, reason: 'It was robbed' });
    // At once, and by nobody else's authority.
    const [again] = (await claimProbes(at.worker, 100, new Date())).filter(
      (each) => each.id === id,
    );
    if (again === undefined) throw new Error('it was not due');
    await probe(at.worker, again, looking(await serve(good)));
    expect((await found())?.probes).toMatchObject([
      { outcome: 'unverified', reason: 'Its authority is believed no more.' },
    ]);
  });
});
