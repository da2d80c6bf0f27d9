import { randomBytes, X509Certificate } from 'node:crypto';
import { BlockList } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compactVerify } from 'jose';
import { ok } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import { createConnection, type Pool } from '@/lib/db/pool';
import { IssuerKeys } from '@/lib/identities/proofs/issuer-keys';
import type { Presented } from '@/lib/identities/proofs/schema';
import { TokenProver } from '@/lib/identities/proofs/token';
import { Authenticator } from '../../server/gateway/authenticate';
import { Refusals } from '../../server/gateway/refusals';
import { RegistryWatch } from '../../server/gateway/registry-watch';
import { issueAuthority, issueSvid } from '../support/authority';
import {
  addBundle,
  addCredential,
  addFederated,
  addIssuer,
  addPublicKey,
  assertionOf,
  gatewayName,
  newKey,
  secondsNow,
} from '../support/proofs';
import { type Figure, figure, medianOf, quantileOf } from './report';

const senders = 200;
const tokensOfEach = 4;
const repeats = 20;
const warming = 100;
const goal = { max: 0.1 };
const trustDomain = 'bench.example.org';

/** What a request shows, and what its signature costs to check and nothing else; null where it has none. */
type Shown = { presented: Presented; check: (() => unknown) | null };

/**
 * Authentication as the gateway's own code does it, with all that is registered known: of proofs that come for the first
 * time, beside their bare cryptography in turns, and of the same when they come again.
 */
export async function proofFigures(
  db: Pool,
  url: string,
  active: readonly string[],
): Promise<Figure[]> {
  const shown = await show(db, active.slice(0, senders));
  const watch = new RegistryWatch({
    db,
    connect: async () => {
      const connection = createConnection(url, { applicationName: 'bench' });
      await connection.connect();
      return connection;
    },
  });
  await watch.start();
  const keys = new IssuerKeys({ networks: new BlockList() });
  const tokens = new TokenProver({ keys, audience: gatewayName });
  // Nothing is refused here.
  const refusals = new Refusals({ append: async () => undefined, count: () => undefined });
  const authenticator = new Authenticator({ db, watch, tokens, refusals });
  try {
    const figures: Figure[] = [];
    for (const [name, all] of shown) {
      const { first, bare } = await takenFirst(authenticator, all);
      if (bare.length > 0)
        figures.push(
          figure(`${name}, for the first time, median`, medianOf(first), 'ms'),
          figure(`${name}, its bare signature, median`, medianOf(bare), 'ms'),
          figure(
            `${name}, beyond its signature, median`,
            medianOf(first) - medianOf(bare),
            'ms',
            // A token comes anew every few minutes; a chain is read once for as long as the authorities stay the same.
            name === 'certificate' ? undefined : goal,
          ),
        );
      const again = await takenAgain(authenticator, all);
      figures.push(
        figure(`${name}, known, median`, medianOf(again), 'ms', goal),
        figure(`${name}, known, p99`, quantileOf(again, 0.99), 'ms'),
      );
    }
    return figures;
  } finally {
    await watch.stop();
  }
}

async function takenFirst(authenticator: Authenticator, all: readonly Shown[]) {
  const first: number[] = [];
  const bare: number[] = [];
  for (const [index, { presented, check }] of all.entries()) {
    // As between requests: what keeps the registry new is read meanwhile.
    await nextTurn();
    const prove = async () => {
      const startedMs = performance.now();
      await authenticator.authenticate(presented, new Date());
      if (index >= warming) first.push(performance.now() - startedMs);
    };
    const verify = async () => {
      if (check === null) return;
      const startedMs = performance.now();
      await check();
      if (index >= warming) bare.push(performance.now() - startedMs);
    };
    // In turns, so that neither always comes after the other.
    if (index % 2 === 0) await verify();
    await prove();
    if (index % 2 === 1) await verify();
  }
  return { first, bare };
}

async function takenAgain(authenticator: Authenticator, all: readonly Shown[]): Promise<number[]> {
  const taken: number[] = [];
  for (let round = 0; round < repeats; round += 1)
    for (const { presented } of all) {
      await nextTurn();
      const startedMs = performance.now();
      await authenticator.authenticate(presented, new Date());
      taken.push(performance.now() - startedMs);
    }
  return taken;
}

const bearer = (token: string): Presented => ({
  authorization: `Bearer ${token}`,
  certificates: null,
  address: '192.0.2.1',
  isProxy: false,
});

async function show(db: Pool, of: readonly string[]): Promise<[name: string, shown: Shown[]][]> {
  return [
    ['ingest key', await ingestKeys(db, of)],
    ['certificate', await certificates(db, of)],
    ['registered key', await registeredKeys(db, of)],
    ['JWT-SVID', await svids(db, of)],
    ['federated token', await federated(db, of)],
  ];
}

const ingestKeys = (db: Pool, of: readonly string[]): Promise<Shown[]> =>
  Promise.all(
    of.map(async (identity) => {
      const key = `slp_ik_${randomBytes(32).toString('base64url')}`;
      await addCredential(db, { identity, kind: 'ingest_key', hash: secretHash(key) });
      return { presented: bearer(key), check: null };
    }),
  );

async function certificates(db: Pool, of: readonly string[]): Promise<Shown[]> {
  const authority = await issueAuthority();
  const anchor = await addBundle(db, trustDomain, [], [authority.der]);
  const authorityKey = new X509Certificate(authority.der).publicKey;
  const shown: Shown[] = [];
  for (const [index, identity] of of.entries()) {
    const uri = `spiffe://${trustDomain}/certificates/${index}`;
    await addCredential(db, { identity, kind: 'x509_svid', subject: uri, anchor });
    const { der } = await issueSvid(authority, uri);
    const certificate = new X509Certificate(der);
    shown.push({
      presented: {
        authorization: undefined,
        certificates: ok([der]),
        address: '192.0.2.1',
        isProxy: false,
      },
      check: () => certificate.verify(authorityKey),
    });
  }
  return shown;
}

async function registeredKeys(db: Pool, of: readonly string[]): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const identity of of) {
    const key = await newKey('ES256');
    await addPublicKey(db, identity, key);
    for (let n = 0; n < tokensOfEach; n += 1)
      shown.push(tokenOf(await key.sign(assertionOf(identity)), key.publicKey));
  }
  return shown;
}

async function svids(db: Pool, of: readonly string[]): Promise<Shown[]> {
  const key = await newKey('ES256');
  const domain = `tokens.${trustDomain}`;
  const anchor = await addBundle(db, domain, [{ ...key.jwk, kid: 'a', use: 'jwt-svid' }]);
  const shown: Shown[] = [];
  for (const [index, identity] of of.entries()) {
    const sub = `spiffe://${domain}/${index}`;
    await addCredential(db, { identity, kind: 'jwt_svid', subject: sub, anchor });
    for (let n = 0; n < tokensOfEach; n += 1) {
      const claims = { sub, aud: [gatewayName], exp: secondsNow() + 3600 + n };
      shown.push(tokenOf(await key.sign(claims, { kid: 'a' }), key.publicKey));
    }
  }
  return shown;
}

/** Each token is held against as many rules as there are senders. */
async function federated(db: Pool, of: readonly string[]): Promise<Shown[]> {
  const key = await newKey('RS256');
  const issuer = `https://${trustDomain}`;
  const id = await addIssuer(db, { issuer, jwks: { keys: [{ ...key.jwk, kid: 'a' }] } });
  const shown: Shown[] = [];
  for (const [index, identity] of of.entries()) {
    const sub = `workload-${index}`;
    await addFederated(db, { identity, issuer: id, claims: { sub } });
    for (let n = 0; n < tokensOfEach; n += 1) {
      const claims = { iss: issuer, sub, aud: gatewayName, exp: secondsNow() + 3600 + n };
      shown.push(tokenOf(await key.sign(claims, { kid: 'a' }), key.publicKey));
    }
  }
  return shown;
}

const tokenOf = (token: string, key: CryptoKey): Shown => ({
  presented: bearer(token),
  check: () => compactVerify(token, key),
});
