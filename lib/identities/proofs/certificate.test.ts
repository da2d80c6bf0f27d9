import { beforeEach, describe, expect, test } from 'vitest';
import { ok, refused } from '@/lib/core/result';
import {
  type Issued,
  issueAuthority,
  issueCertificate,
  issueSvid,
} from '@/tests/support/authority';
import type { RegistryChanges } from '../state/queries';
import { RegistryState } from '../state/registry-state';
import { provedByCertificate } from './certificate';
import { placementsOf } from './placement';
import { VerifiedChains } from './x509/verified-chains';
import { thumbprintOf } from './x509/verify-chain';

type Row<Name extends 'identities' | 'credentials' | 'anchors'> = RegistryChanges[Name][number];
const id = 'spiffe://example.org/returns';
const nothing: RegistryChanges = {
  seen: '1',
  identities: [],
  zones: [],
  credentials: [],
  anchors: [],
  issuers: [],
};
const identity = (name: string, zone: string | null = null): Row<'identities'> => ({
  id: name,
  kind: 'agent',
  name,
  names: null,
  state: 'active',
  stateReason: null,
  trust: 'observed',
  team: null,
  zone,
  revision: 1,
  reportsForAll: false,
  reportsFor: [],
});
const credential = (change: Partial<Row<'credentials'>>): Row<'credentials'> => ({
  id: 'credential',
  identity: 'returns',
  kind: 'x509_svid',
  hash: null,
  subject: id,
  anchor: 'anchor',
  issuer: null,
  network: null,
  rule: null,
  expiresAtMs: Date.now() + 60_000,
  isRevoked: false,
  ...change,
});
const anchor = (by: Issued, change: Partial<Row<'anchors'>> = {}): Row<'anchors'> => ({
  id: 'anchor',
  kind: 'spiffe',
  name: 'Example',
  trustDomain: 'example.org',
  certificates: [by.der.toString('hex')],
  jwtKeys: [],
  isRevoked: false,
  version: '1',
  ...change,
});

let root: Issued;
let leaf: Issued;
let state: RegistryState;
let chains: VerifiedChains;
const apply = (changes: Partial<RegistryChanges>) => state.apply({ ...nothing, ...changes });
const prove = (chain: Issued[] = [leaf], nowMs = Date.now()) => {
  const proved = provedByCertificate(state, chains, ok(chain.map(({ der }) => der)), nowMs);
  return proved.ok ? proved.value.id : `${proved.reason}: ${proved.message}`;
};

beforeEach(async () => {
  root = await issueAuthority();
  leaf = await issueSvid(root, id);
  state = new RegistryState();
  chains = new VerifiedChains();
  apply({
    zones: [
      { id: 'dev', name: 'dev', environment: 'development' },
      { id: 'prod', name: 'prod', environment: 'production' },
    ],
    identities: [identity('returns'), identity('other')],
    anchors: [anchor(root)],
    credentials: [credential({})],
  });
});

describe('a certificate that was verified before', () => {
  test('is asked for its dates each time', () => {
    expect(prove()).toBe('credential');
    expect(prove([leaf], Date.now() + 2 * 86_400_000)).toMatch(/^expired: The certificate/);
    expect(prove([leaf], Date.now() - 2 * 86_400_000)).toMatch(/^not_yet_valid:/);
  });

  test('is refused once its authority is believed no more, and once that has other certificates', async () => {
    expect(prove()).toBe('credential');
    apply({ anchors: [anchor(root, { isRevoked: true, version: '2' })] });
    expect(prove()).toMatch(/^revoked: The authority Example/);
    apply({ anchors: [anchor(root, { version: '3' })] });
    expect(prove()).toBe('credential');
    apply({ anchors: [anchor(await issueAuthority(), { version: '4' })] });
    expect(prove()).toMatch(/^unknown:/);
  });

  test('shows its newest credential that holds, or one where none does', () => {
    apply({ credentials: [credential({ id: 'newer' })] });
    expect(prove()).toBe('newer');
    apply({ credentials: [credential({ id: 'newer', isRevoked: true })] });
    expect(prove()).toBe('credential');
    apply({ credentials: [credential({ isRevoked: true })] });
    expect(prove()).toMatch(/^(newer|credential)$/);
  });
});

test('one that nobody registered says what to register', async () => {
  expect(prove([await issueSvid(root, `${id}2`)])).toBe(
    `unknown: The certificate holds, and no identity has a credential for it: register one that shows ${id}2.`,
  );
});

test('what is not to be believed is refused, whatever it holds', () => {
  const given = refused('not_a_proxy', 'No proxy.');
  expect(provedByCertificate(state, chains, given, 0)).toBe(given);
});

test('the development authority is believed for zones of development only', () => {
  apply({ anchors: [anchor(root, { kind: 'development', version: '2' })] });
  expect(prove()).toMatch(/^invalid: The development authority/);
  apply({ identities: [identity('returns', 'prod')] });
  expect(prove()).toMatch(/^invalid: The development authority/);
  apply({ identities: [identity('returns', 'dev')] });
  expect(prove()).toBe('credential');
});

describe('of a registered authority', () => {
  const certificate = (change: Partial<Row<'credentials'>>) =>
    credential({ kind: 'certificate', anchor: 'ca', ...change });
  beforeEach(async () => {
    leaf = await issueCertificate({ issuer: root, subject: 'CN=a', dns: ['a.example.org'] });
    apply({ anchors: [anchor(root, { id: 'ca', kind: 'ca', trustDomain: null })] });
  });

  test.each([
    ['san_dns:a.example.org', true],
    ['subject:CN=a', true],
    ['san_dns:b.example.org', false],
    ['san_uri:a.example.org', false],
  ])('a credential of %s is found: %s', (subject, isFound) => {
    apply({ credentials: [certificate({ id: 'found', subject })] });
    expect(prove()).toMatch(isFound ? /^found$/ : /^unknown:/);
  });

  test('the thumbprint comes before what others share', () => {
    apply({
      credentials: [
        certificate({ id: 'dns', subject: 'san_dns:a.example.org' }),
        certificate({ id: 'print', subject: `thumbprint:${thumbprintOf(leaf.der)}` }),
      ],
    });
    expect(prove()).toBe('print');
  });

  test('names of two identities disagree, until one of them holds no more', () => {
    const others = { id: 'others', identity: 'other', subject: 'subject:CN=a' };
    apply({
      credentials: [
        certificate({ id: 'dns', subject: 'san_dns:a.example.org' }),
        certificate(others),
      ],
    });
    expect(prove()).toMatch(/^disagree:/);
    apply({ credentials: [certificate({ ...others, isRevoked: true })] });
    expect(prove()).toBe('dns');
  });

  test('a credential of another authority is not found', () => {
    apply({ credentials: [certificate({ anchor: 'anchor', subject: 'subject:CN=a' })] });
    expect(prove()).toMatch(/^unknown:/);
  });
});

describe('placement', () => {
  const placement = credential({
    id: 'placed',
    kind: 'placement',
    subject: 'cluster',
    anchor: null,
    network: 'cluster',
  });
  const placed = (address: string, nowMs = Date.now(), kind = 'x509_svid') => {
    const proof = state.credential('credential');
    const proofs = proof === undefined ? [] : [{ ...proof, kind: kind as 'x509_svid' }]; // `as`: the test's own kinds
    return placementsOf(state, proofs, address, nowMs).map((each) => each.id);
  };
  beforeEach(() => {
    state.applyNetworks([{ id: 'cluster', name: 'cluster', cidrs: ['10.1.0.0/16', 'fd00::/8'] }]);
    apply({ credentials: [placement] });
  });

  test.each([
    ['10.1.2.3', ['placed']],
    ['fd00::1', ['placed']],
    ['10.2.0.1', []],
    ['', []],
  ])('from %j: %j', (address, expected) => {
    expect(placed(address)).toEqual(expected);
  });

  test('counts beside a certificate only, of the same identity, and while it holds', () => {
    expect(placed('10.1.2.3', Date.now(), 'ingest_key')).toEqual([]);
    expect(placed('10.1.2.3', Date.now() + 120_000)).toEqual([]);
    apply({ credentials: [{ ...placement, isRevoked: true }] });
    expect(placed('10.1.2.3')).toEqual([]);
    apply({ credentials: [{ ...placement, id: 'of another', identity: 'other' }] });
    expect(placed('10.1.2.3')).toEqual([]);
  });
});
