import { BlockList } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import type { CredentialKind } from '../credentials/schema';
import { RegistryState } from '../state/registry-state';
import { IssuerKeys } from './issuer-keys';
import { readVerificationKey } from './key-set';
import { TokenProver } from './token';

const audience = 'http://localhost:4318';
const identity = '019a0000-0000-7000-8000-000000000001';
const other = '019a0000-0000-7000-8000-000000000002';
const minuteMs = 60_000;
const startMs = Date.parse('2026-11-30T09:00:00Z');
const seconds = (ms: number) => Math.floor((startMs + ms) / 1000);
const rule = { audience, claims: [{ name: 'sub', values: ['a'] }] };

let privateKey: CryptoKey;
let jwk: Record<string, unknown>;
let thumbprint: string;
beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = pair.privateKey;
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'a' };
  thumbprint = readVerificationKey(jwk)?.thumbprint ?? '';
});

const sign = (claims: JWTPayload, kid = 'a') =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);

type Row = { id: string; kind: CredentialKind; of?: string; untilMs?: number; isRevoked?: boolean };
const nothing = { seen: '1', identities: [], zones: [], credentials: [], anchors: [], issuers: [] };
const credentialOf = ({ id, kind, of = identity, untilMs = 1e9, isRevoked = false }: Row) => ({
  id,
  identity: of,
  kind,
  hash: null,
  subject: kind === 'public_key' ? thumbprint : id,
  anchor: null,
  issuer: kind === 'federated' ? 'i' : null,
  network: null,
  rule: kind === 'public_key' ? { jwk } : rule,
  expiresAtMs: startMs + untilMs,
  isRevoked,
});

function world(rows: Row[]) {
  const state = new RegistryState();
  const published = { keys: [jwk] };
  const add = (...more: Row[]) => state.apply({ ...nothing, credentials: more.map(credentialOf) });
  state.apply({
    ...nothing,
    issuers: [
      {
        id: 'i',
        name: 'Example',
        issuer: 'https://issuer.example.com',
        jwksUrl: 'https://issuer.example.com/keys',
        jwks: null,
        isRevoked: false,
        version: '1',
      },
    ],
  });
  add(...rows);
  const keys = new IssuerKeys({
    networks: new BlockList(),
    fetch: async () => ({
      status: 200,
      headers: {},
      body: Buffer.from(JSON.stringify(published)),
      isCut: false,
    }),
  });
  const prover = new TokenProver({ keys, audience });
  const prove = async (token: string, afterMs: number) => {
    const proved = await prover.prove(state, token, startMs + afterMs);
    return proved.ok ? proved.value.id : proved.reason;
  };
  return { add, prove, published };
}

const federated = (over: JWTPayload = {}) =>
  sign({ iss: 'https://issuer.example.com', sub: 'a', aud: audience, exp: seconds(1e8), ...over });
const assertion = () =>
  sign(
    {
      iss: identity,
      sub: identity,
      aud: audience,
      iat: seconds(0),
      exp: seconds(minuteMs),
      jti: 'j',
    },
    thumbprint,
  );

test('a token that was taken before is refused once it has expired, a minute of skew aside', async () => {
  const { prove } = world([{ id: 'key', kind: 'public_key' }]);
  const token = await assertion();
  expect(await prove(token, 0)).toBe('key');
  expect(await prove(token, 2 * minuteMs - 1)).toBe('key');
  expect(await prove(token, 2 * minuteMs)).toBe('expired');
});

test('a key that was given to another identity proves neither by what it signed before', async () => {
  const { add, prove } = world([{ id: 'key', kind: 'public_key' }]);
  const token = await assertion();
  expect(await prove(token, 0)).toBe('key');
  add(
    { id: 'key', kind: 'public_key', isRevoked: true },
    { id: 'new', kind: 'public_key', of: other },
  );
  expect(await prove(token, 1)).toBe('invalid');
});

test('of two credentials that match, the one that has ended hides no successor', async () => {
  const { add, prove } = world([{ id: 'old', kind: 'federated', untilMs: 2 * minuteMs }]);
  const token = await federated();
  expect(await prove(token, 0)).toBe('old');
  add({ id: 'new', kind: 'federated', untilMs: minuteMs });
  expect(await prove(token, 1)).toBe('old');
  add({ id: 'newer', kind: 'federated' });
  expect(await prove(token, 3 * minuteMs)).toBe('newer');
});

test('a rule that another identity gets makes a token that was taken mean nobody', async () => {
  const { add, prove } = world([{ id: 'one', kind: 'federated' }]);
  const token = await federated();
  expect(await prove(token, 0)).toBe('one');
  add({ id: 'two', kind: 'federated', of: other });
  expect(await prove(token, 1)).toBe('disagree');
});

test('a key that its issuer withdrew proves nothing ten minutes later, whatever it proved before', async () => {
  const { prove, published } = world([{ id: 'one', kind: 'federated' }]);
  const token = await federated();
  expect(await prove(token, 0)).toBe('one');
  published.keys = [{ ...jwk, kid: 'b' }];
  expect(await prove(token, 10 * minuteMs - 1)).toBe('one');
  expect(await prove(token, 10 * minuteMs + 1)).toBe('invalid');
});
