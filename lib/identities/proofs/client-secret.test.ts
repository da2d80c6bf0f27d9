import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { secretHash } from '@/lib/core/secrets';
import { RegistryState } from '../state/registry-state';
import { provedByAuthorization } from './authorization';
import { IssuerKeys } from './issuer-keys';
import { TokenProver } from './token';

const identity = '019a0000-0000-7000-8000-000000000001';
const secret = 'slp_cs_a-secret';
const key = 'slp_ik_a-key';

const credential = (kind: 'client_secret' | 'ingest_key', text: string) => ({
  id: kind,
  identity,
  kind,
  hash: secretHash(text).toString('hex'),
  subject: null,
  anchor: null,
  issuer: null,
  network: null,
  rule: null,
  expiresAtMs: 1,
  isRevoked: false,
});
const state = new RegistryState();
state.apply({
  seen: '1',
  identities: [],
  zones: [],
  credentials: [credential('client_secret', secret), credential('ingest_key', key)],
  anchors: [],
  issuers: [],
});

const tokens = new TokenProver({
  keys: new IssuerKeys({ networks: new BlockList() }),
  audience: 'http://localhost:4318',
});
const proved = async (authorization: string) => {
  const result = await provedByAuthorization({ state, tokens }, authorization, 0);
  return result.ok ? result.value.id : result.reason;
};
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a client secret', () => {
  test.each([
    ['by Basic', basic(`${identity}:${secret}`), 'client_secret'],
    [
      'form-encoded',
      basic(`${identity.replaceAll('-', '%2D')}:slp%5Fcs_a-secret`),
      'client_secret',
    ],
    ['an id in capitals', basic(`${identity.toUpperCase()}:${secret}`), 'client_secret'],
    ['as a bearer token', `Bearer ${secret}`, 'malformed'],
    ['another', basic(`${identity}:${secret}x`), 'unknown'],
    ['of another identity', basic(`${identity.replace('1', '2')}:${secret}`), 'unknown'],
    ['without an id', basic(`:${secret}`), 'unknown'],
    ['without a colon', basic(secret), 'malformed'],
    ['an ingest key in its place', basic(`${identity}:${key}`), 'malformed'],
    ['a percent sign alone', basic(`${identity}:slp_cs_%zz`), 'malformed'],
    ['not base64', 'Basic %%%', 'malformed'],
    ['base64 without padding', basic(`${identity}:${secret}x`).replace(/=+$/, ''), 'malformed'],
    ['too long', basic(`${identity}:slp_cs_${'a'.repeat(2000)}`), 'malformed'],
    ['an ingest key as a bearer token', `Bearer ${key}`, 'ingest_key'],
    ['another scheme', 'Digest x', 'malformed'],
  ])('%s', async (_, authorization, expected) => {
    expect(await proved(authorization)).toBe(expected);
  });
});
