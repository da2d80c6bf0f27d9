import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { parseNetworks } from '@/lib/core/network';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { askProbe, type ExternalCtx, setExternalApi } from '@/lib/identities/external/mutations';
import { lookAt } from '@/lib/identities/external/probe/look';
import { claimProbes } from '@/lib/identities/external/probe/queries';
import { findExternalApi } from '@/lib/identities/external/queries';
import { type SetExternalApi, SignedMessage } from '@/lib/identities/external/schema';
import { verifySigned } from '@/lib/identities/external/verify';
import { probe } from '@/server/worker/probing';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let asGateway: PrismaClient;
let owner: Pool;
let worker: Pool;
let ctx: ExternalCtx;
let id = '';
let seq = 0;
const reason = 'A test';
const loopback = parseNetworks('127.0.0.0/8');
const kekOf = () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  asGateway = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
});
beforeEach(async () => {
  seq += 1;
  id = newId();
  ctx = { db, actor: actorOf(), scope: scopeOf(), now: new Date(), kek: kekOf() };
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'external_api', $2, '{}', 'active', now())`,
    [id, `api-${seq}`],
  );
});
afterAll(async () => {
  await Promise.all([db.$disconnect(), asGateway.$disconnect(), owner.end(), worker.end()]);
  await database.drop();
});

const found = () => findExternalApi(scopeOf(), id, owner);
const set = async (change: Partial<SetExternalApi> = {}) =>
  setExternalApi(ctx, {
    identityId: id,
    hosts: ['api.example.com'],
    seenAt: (await found())?.changedAt.toISOString() ?? null,
    reason,
    ...change,
  });

/** Authorities and certificates, made for this run. */
type Made = { cert: string; key: string };
function makeCertificates(dir: string) {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] });
  const read = (name: string): Made => ({
    cert: readFileSync(path.join(dir, `${name}.pem`), 'utf8'),
    key: readFileSync(path.join(dir, `${name}.key`), 'utf8'),
  });
  const authority = (name: string): Made => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
    return read(name);
  };
  const leaf = (name: string, host: string, by: string, days = '1'): Made => {
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    writeFileSync(
      path.join(dir, `${name}.ext`),
      `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${by}.pem`,
      '-CAkey',
      `${by}.key`,
      '-CAcreateserial',
      '-days',
      days,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
    return read(name);
  };
  const pin = (name: string) =>
    execFileSync(
      'sh',
      [
        '-c',
        `openssl x509 -in ${name}.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`,
      ],
      { cwd: dir, encoding: 'utf8' },
    ).trim();
  return { authority, leaf, pin };
}

describe('asking a host', () => {
  let dir = '';
  let ours: Made;
  let theirs: Made;
  let good: Made;
  let other: Made;
  let ended: Made;
  let stranger: Made;
  let pins: { good: string; ours: string; theirs: string };
  const servers: Server[] = [];

  beforeAll(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-external-'));
    const make = makeCertificates(dir);
    ours = make.authority('ours');
    theirs = make.authority('theirs');
    good = make.leaf('good', 'api.example.com', 'ours');
    other = make.leaf('other', 'other.example.com', 'ours');
    ended = make.leaf('ended', 'api.example.com', 'ours', '0');
    stranger = make.leaf('stranger', 'api.example.com', 'theirs');
    pins = { good: make.pin('good'), ours: make.pin('ours'), theirs: make.pin('theirs') };
  });
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(dir, { recursive: true });
  });

  async function serve(made: Made, change: TlsOptions = {}): Promise<number> {
    const server = createServer({ cert: made.cert, key: made.key, ...change }, (socket) =>
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
    made: Made,
    expected: { authority?: string | null; pins?: string[] } = {},
    change: TlsOptions = {},
  ) =>
    lookAt(
      'api.example.com',
      {
        authority: expected.authority === undefined ? ours.cert : expected.authority,
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
      await look(good, { pins: [pins.ours] }, { cert: `${good.cert}${ours.cert}` }),
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
      () => look(good, { pins: [pins.theirs] }, { cert: `${good.cert}${theirs.cert}` }),
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
      { authority: ours.cert, pins: [] },
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
      authority: ours.cert,
      pins: [pins.good],
    });
    const now = new Date();
    const [due] = (await claimProbes(worker, 10, now)).filter((each) => each.id === id);
    expect(due).toMatchObject({ hosts: ['api.example.com'], pins: [pins.good] });
    if (due === undefined) throw new Error('it was not due');
    await probe(worker, due, looking(await serve(good)));
    expect((await found())?.probes).toMatchObject([
      { host: 'api.example.com', outcome: 'verified' },
    ]);
    const mine = async (at: Date) =>
      (await claimProbes(worker, 100, at)).some((each) => each.id === id);
    expect(await mine(new Date(now.getTime() + 59 * 60_000))).toBe(false);
    await askProbe(ctx, id);
    expect(await mine(new Date())).toBe(true);
    await expect(askProbe(ctx, id)).rejects.toThrow('within the last minute');
    expect((await listControl(owner, ['external_probe_asked'])).at(-1)?.facts).toMatchObject({
      identity: id,
    });
    // A host that is registered no more is forgotten.
    await set({ hosts: ['new.example.com'] });
    const [again] = (await claimProbes(worker, 100, new Date())).filter((each) => each.id === id);
    if (again === undefined) throw new Error('it was not due');
    await probe(worker, again, { ...looking(1_025) });
    expect((await found())?.probes.map(({ host }) => host)).toEqual(['new.example.com']);
  });

  test('goes by the certificates of an authority that is believed', async () => {
    const anchor = newId();
    const der = Buffer.from(ours.cert.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    await owner.query(
      `INSERT INTO trust_anchor (id, kind, name, certificates, created_at, changed_at) VALUES ($1, 'ca', $2, $3, now(), now())`,
      [anchor, `CA ${seq}`, [der]],
    );
    await set({ anchorId: anchor });
    const [due] = (await claimProbes(worker, 100, new Date())).filter((each) => each.id === id);
    if (due === undefined) throw new Error('it was not due');
    await probe(worker, due, looking(await serve(good)));
    expect(await found()).toMatchObject({
      authority: { id: anchor, name: `CA ${seq}` },
      probes: [{ outcome: 'verified' }],
    });
  });
});

describe('registering an external API', () => {
  const pin = Buffer.alloc(32, 7).toString('base64');
  test('keeps hosts folded, and tells of it without a secret', async () => {
    await set({
      hosts: ['API.Example.com.', '*.CDN.example.com', 'api.example.com'],
      pins: [`sha256/${pin}`, pin],
      verifier: { kind: 'standard_webhooks' },
      secrets: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`],
    });
    expect(await found()).toMatchObject({
      hosts: ['*.cdn.example.com', 'api.example.com'],
      pins: [pin],
      hasSecrets: true,
    });
    const [entry] = (await listControl(owner, ['external_api_set'])).slice(-1);
    expect(entry?.facts).toMatchObject({
      identity: id,
      before: null,
      after: { hosts: ['*.cdn.example.com', 'api.example.com'], verifier: 'standard_webhooks' },
      is_secret_new: true,
      reason,
    });
    expect(JSON.stringify(entry)).not.toContain('whsec_');
    const { rows } = await owner.query<{ text: string }>(
      'SELECT a::text AS text FROM external_api a WHERE identity_id = $1',
      [id],
    );
    expect(rows[0]?.text).not.toContain(Buffer.alloc(24, 1).toString('base64').slice(0, 20));
  });

  test.each<[string, Partial<SetExternalApi>, string]>([
    ['no host', { hosts: [] }, 'one host at least'],
    ['an address', { hosts: ['10.0.0.1'] }, 'is no host name'],
    ['a network', { hosts: ['10.0.0.0/8'] }, 'is no host name'],
    ['two wildcards', { hosts: ['*.*.example.com'] }, 'is no host name'],
    ['all there is', { hosts: ['*.com'] }, 'is no host name'],
    [
      '51 hosts',
      { hosts: Array.from({ length: 51 }, (_, at) => `h${at}.example.com`) },
      '50 hosts',
    ],
    ['a pin of another length', { pins: ['AAAA'] }, 'A pin is the SHA-256'],
    ['a private key as authority', { authority: '-----BEGIN PRIVATE KEY-----' }, 'private key'],
    ['nothing as authority', { authority: 'CA' }, 'in PEM'],
    [
      'an authority that is not there',
      { anchorId: '01890000-0000-7000-8000-000000000000' },
      'no such authority',
    ],
    ['webhooks without secret or key', { verifier: { kind: 'standard_webhooks' } }, 'give one'],
    [
      'a short secret',
      { verifier: { kind: 'standard_webhooks' }, secrets: ['whsec_AAAA'] },
      'begins with whsec_',
    ],
    [
      'a key of another kind than its algorithm',
      {
        verifier: {
          kind: 'message_signatures',
          keys: [
            {
              keyid: 'k',
              algorithm: 'ed25519',
              publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' })
                .publicKey.export({ type: 'spki', format: 'pem' })
                .toString(),
            },
          ],
          components: ['@method'],
        },
      },
      'needs an Ed25519 key',
    ],
    [
      'an RSA key of 1,024 bits',
      {
        verifier: {
          kind: 'message_signatures',
          keys: [
            {
              keyid: 'k',
              algorithm: 'rsa-pss-sha512',
              publicKey: generateKeyPairSync('rsa', { modulusLength: 1024 })
                .publicKey.export({ type: 'spki', format: 'pem' })
                .toString(),
            },
          ],
          components: ['@method'],
        },
      },
      '2048 bits',
    ],
    [
      'a private key to verify with',
      {
        verifier: {
          kind: 'message_signatures',
          keys: [
            {
              keyid: 'k',
              algorithm: 'ed25519',
              publicKey: generateKeyPairSync('ed25519')
                .privateKey.export({ type: 'pkcs8', format: 'pem' })
                .toString(),
            },
          ],
          components: ['@method'],
        },
      },
      'that is a private key',
    ],
    [
      'nothing that must be signed',
      { verifier: { kind: 'message_signatures', keys: [], components: [] } },
      'one component at least',
    ],
  ])('refuses %s', async (_what, change, sentence) => {
    await expect(set(change)).rejects.toThrow(sentence);
    expect(await found()).toBeNull();
  });

  test('refuses what is no external API, what somebody else changed, and whoever may not', async () => {
    await owner.query(`UPDATE identity SET kind = 'agent' WHERE id = $1`, [id]);
    await expect(set()).rejects.toThrow('no such external API');
    await owner.query(`UPDATE identity SET kind = 'external_api' WHERE id = $1`, [id]);
    await set();
    await expect(set({ seenAt: null })).rejects.toThrow('Somebody else');
    await expect(set({ seenAt: new Date(0).toISOString() })).rejects.toThrow('Somebody else');
    const input = { identityId: id, hosts: ['a.example'], seenAt: null, reason };
    for (const actor of [actorOf({ roles: ['analyst'] }), actorOf({}, { isFresh: false })])
      await expect(setExternalApi({ ...ctx, actor }, input)).rejects.toMatchObject({
        code: expect.stringMatching(/forbidden|factor_needed/),
      });
    await expect(
      setExternalApi(
        { ...ctx, actor: actorOf({ reach: 'teams' }), scope: scopeOf({ reach: 'teams' }) },
        input,
      ),
    ).rejects.toThrow('no such external API');
  });
});

describe('verifying what it signed', () => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const body = '{"type": "invoice.paid"}';
  const message = (msg: string, at: Date, text = body, by = secret) =>
    SignedMessage.parse({
      method: 'POST',
      url: 'https://us.example/hooks',
      headers: {
        'Webhook-Id': msg,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(by).sign(msg, at, text),
      },
      body: Buffer.from(text).toString('base64'),
    });
  const verify = (given: SignedMessage, now = new Date()) =>
    verifySigned({ db: asGateway, kek: kekOf(), now }, id, given);
  const webhooks = { verifier: { kind: 'standard_webhooks' } as const, secrets: [secret] };

  test('says so, and refuses the very same a second time', async () => {
    await set(webhooks);
    const at = new Date();
    expect(await verify(message('msg_1', at))).toEqual({
      origin: 'verified',
      reason: 'signed',
      says: 'Signed by a registered key.',
      keyid: 'secret-1',
      isRepeat: false,
    });
    expect(await verify(message('msg_1', at))).toMatchObject({
      origin: 'unverified',
      reason: 'replayed',
    });
    // Sent again, since nobody answered: signed anew, and said to be a repeat.
    expect(await verify(message('msg_1', new Date(at.getTime() + 2_000)))).toMatchObject({
      origin: 'verified',
      isRepeat: true,
    });
    expect(
      await verify(message('msg_2', at, body, `whsec_${Buffer.alloc(32, 9).toString('base64')}`)),
    ).toMatchObject({ reason: 'invalid' });
  });

  test('of two that ask at once, one is told that it was verified', async () => {
    await set(webhooks);
    const at = new Date();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => verify(message('msg_1', at))),
    );
    expect(answers.filter(({ origin }) => origin === 'verified')).toHaveLength(1);
  });

  test('goes by when it was received, within ten minutes', async () => {
    await set(webhooks);
    const at = new Date(Date.now() - 9 * 60_000);
    expect(await verify(message('msg_1', at))).toMatchObject({ reason: 'too_old' });
    const given = { ...message('msg_1', at), receivedAt: at.toISOString() };
    expect(await verify(given)).toMatchObject({ origin: 'verified' });
    await expect(
      verify({ ...given, receivedAt: new Date(Date.now() - 11 * 60_000).toISOString() }),
    ).rejects.toThrow('ten minutes ago');
    await expect(
      verify({ ...given, receivedAt: new Date(Date.now() + 2 * 60_000).toISOString() }),
    ).rejects.toThrow('not ahead');
  });

  test('forgets what could not be verified any more', async () => {
    await set(webhooks);
    const at = new Date();
    await verify(message('msg_1', at));
    const later = new Date(at.getTime() + 3_600_000);
    await verify(message('msg_2', later), later);
    expect(await asGateway.externalMessage.count({ where: { identityId: id } })).toBe(1);
  });

  test('takes nothing without a verifier, of one that is stopped, or by a secret that was replaced', async () => {
    await set();
    expect(await verify(message('m', new Date()))).toMatchObject({ reason: 'no_verifier' });
    await set(webhooks);
    await set({ verifier: { kind: 'standard_webhooks' } });
    expect(await verify(message('m', new Date()))).toMatchObject({ origin: 'verified' });
    await set({ ...webhooks, secrets: [`whsec_${Buffer.alloc(32, 2).toString('base64')}`] });
    expect(await verify(message('n', new Date()))).toMatchObject({ reason: 'invalid' });
    await owner.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [id]);
    expect(await verify(message('o', new Date()))).toMatchObject({ reason: 'stopped' });
    await expect(
      verifySigned(
        { db: asGateway, kek: kekOf(), now: new Date() },
        newId(),
        message('p', new Date()),
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});
