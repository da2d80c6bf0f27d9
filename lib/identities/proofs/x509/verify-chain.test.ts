import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CertificateOptions,
  Extension,
  type Issued,
  issueAuthority,
  issueCertificate,
  issueSvid,
  newKeys,
  serverAuth,
  usage,
} from '@/tests/support/authority';
import { md5Certificate } from '@/tests/support/md5-certificate';
import { anchorOf, verdictOf } from '@/tests/support/verdict';
import { thumbprintOf } from './verify-chain';

const nowMs = Date.now();
const past = (hours: number) => new Date(nowMs - hours * 3_600_000);
const later = (hours: number) => new Date(nowMs + hours * 3_600_000);
const id = 'spiffe://example.org/agents/returns';

let root: Issued;
let other: Issued;
beforeAll(async () => {
  root = await issueAuthority({ subject: 'CN=Root,O=Example' });
  other = await issueAuthority({ subject: 'CN=Other root' });
});

const bySpiffe = (...chain: Issued[]) => verdictOf(chain, [anchorOf('spiffe', [root])]);
const byCa = (...chain: Issued[]) => verdictOf(chain, [anchorOf('ca', [root])]);
const svid = (change: CertificateOptions = {}) => issueSvid(root, id, change);

describe('an X.509-SVID', () => {
  test('shows its SPIFFE id', async () => {
    expect(bySpiffe(await svid())).toBe(id);
    expect(bySpiffe(await svid({ extendedKeyUsage: null }))).toBe(id);
    expect(bySpiffe(await svid({ dns: ['agent.example.org'] }))).toBe(id);
  });

  const bad: [string, CertificateOptions, string][] = [
    ['has expired', { notBefore: past(48), notAfter: past(1) }, 'expired: The certificate expired'],
    [
      'is not yet valid',
      { notBefore: later(1), notAfter: later(2) },
      'not_yet_valid: The certificate is not valid before',
    ],
    ['is for servers only', { extendedKeyUsage: [serverAuth] }, 'lacks clientAuth'],
    ['is one of an authority', { isCa: true, keyUsage: usage.digitalSignature }, 'CA=true'],
    ['has two URI names', { uris: [id, `${id}2`] }, '2 URI names'],
    ['has no URI name', { uris: [], dns: ['agent.example.org'] }, 'no SPIFFE id'],
    ['has percent-encoding', { uris: ['spiffe://example.org/%61'] }, 'percent-encoding'],
    ['has a port', { uris: ['spiffe://example.org:1/a'] }, 'port'],
    ['has a query', { uris: ['spiffe://example.org/a?b'] }, 'query'],
    ['has an upper-case trust domain', { uris: ['spiffe://Example.org/a'] }, 'lower-case'],
    ['has an empty segment', { uris: ['spiffe://example.org//a'] }, 'empty segment'],
    ['climbs', { uris: ['spiffe://example.org/a/../b'] }, '".."'],
    ['means its trust domain', { uris: ['spiffe://example.org'] }, 'no path'],
    ['is too long', { uris: [`spiffe://example.org/${'a'.repeat(2048)}`] }, 'longer than 2048'],
    ['is of another trust domain', { uris: ['spiffe://evil.org/a'] }, 'example.org alone'],
    ['has no key usage', { keyUsage: null }, 'no critical key usage'],
    ['has key usage that is not critical', { isKeyUsageCritical: false }, 'no critical key usage'],
    ['may not sign', { keyUsage: usage.keyEncipherment }, 'lacks digitalSignature'],
    [
      'may sign certificates',
      { keyUsage: usage.digitalSignature | usage.keyCertSign },
      'may sign certificates',
    ],
    [
      'may sign revocation lists',
      { keyUsage: usage.digitalSignature | usage.cRLSign },
      'revocation lists',
    ],
    [
      'has a critical extension that nobody knows',
      { extensions: [new Extension('1.2.3.4', true, Buffer.from([5, 0]))] },
      '1.2.3.4',
    ],
    [
      'has an extension twice',
      { extensions: [1, 2].map(() => new Extension('1.2.3.4', false, Buffer.from([5, 0]))) },
      'twice',
    ],
    [
      'has names that cannot be read',
      { uris: [], extensions: [new Extension('2.5.29.17', false, Buffer.from([4, 1]))] },
      'cannot be read',
    ],
    [
      'has a weak key',
      {
        algorithm: {
          name: 'RSASSA-PKCS1-v1_5',
          modulusLength: 1024,
          publicExponent: new Uint8Array([1, 0, 1]),
          hash: 'SHA-256',
        },
      },
      '1024 bits',
    ],
    ['is signed with SHA-1', { hash: 'SHA-1' }, 'SHA-256 or better'],
  ];
  test.each(bad)('that %s is refused', async (_, change, says) => {
    expect(bySpiffe(await svid(change))).toContain(says);
  });

  test('non-critical extensions that nobody knows do not matter', async () => {
    const extensions = [new Extension('1.2.3.4', false, Buffer.from([5, 0]))];
    expect(bySpiffe(await svid({ extensions }))).toBe(id);
  });
});

describe('a certificate of a registered authority', () => {
  test('shows each name that can mean its holder, the narrowest first', async () => {
    const leaf = await issueCertificate({
      issuer: root,
      subject: 'CN=agent,O=Acme\\, Inc',
      uris: ['urn:agent:1'],
      dns: ['Agent.Example.org'],
      emails: ['agent@example.org'],
    });
    const shown = byCa(leaf);
    expect(shown).toMatch(/^thumbprint:[\w-]{43} san_uri:urn:agent:1 san_dns:agent.example.org /);
    expect(shown).toContain(`thumbprint:${thumbprintOf(leaf.der)}`);
    expect(shown).toContain('san_email:agent@example.org subject:');
  });

  // As `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb` prints it. What is in a value is never taken for another
  // part: whoever chooses a common name would choose who it means.
  test.each([
    [[{ C: ['DE'] }, { O: ['Acme, Inc'] }, { CN: ['agent'] }], 'CN=agent,O=Acme\\, Inc,C=DE'],
    [[{ O: ['x'] }, { CN: ['a\nO=Evil'] }], 'CN=a\\0AO=Evil,O=x'],
    [[{ CN: ['a + O=Evil'] }], 'CN=a \\+ O=Evil'],
    [[{ CN: [' #x '] }], 'CN=\\ #x\\ '],
    [[{ CN: ['Grüße'] }], 'CN=Grüße'],
    [[{ O: ['x'] }, { CN: ['agent'], OU: ['7'] }], 'OU=7+CN=agent,O=x'],
  ])('its subject is written as RFC 4514 has it: %j', async (name, subject) => {
    const leaf = await issueCertificate({ issuer: root, subject: name });
    expect(byCa(leaf).split(' subject:')[1]).toBe(subject);
  });

  test('the dates of every authority above it count', async () => {
    const old = await issueAuthority({ subject: 'CN=Old', notBefore: past(9), notAfter: past(1) });
    const leaf = await issueCertificate({ issuer: old });
    expect(verdictOf([leaf], [anchorOf('ca', [old])])).toMatch(/^expired: The authority "CN=Old"/);
    const early = await issueAuthority({
      notBefore: later(1),
      notAfter: later(9),
      keys: old.keys,
      subject: 'CN=Old',
    });
    expect(verdictOf([leaf], [anchorOf('ca', [early])])).toMatch(/^not_yet_valid: The authority/);
  });

  test.each([
    ['SHA-256', /^thumbprint:/],
    ['SHA-1', /SHA-256 or better/],
  ] as const)('of RSA-PSS with %s', async (hash, says) => {
    const publicExponent = new Uint8Array([1, 0, 1]);
    const algorithm = { name: 'RSA-PSS', modulusLength: 2048, publicExponent, hash };
    const authority = await issueAuthority({ algorithm, hash });
    const leaf = await issueCertificate({ issuer: authority, hash });
    expect(verdictOf([leaf], [anchorOf('ca', [authority])])).toMatch(says);
  });

  test('signed with MD5 it is refused', () => {
    const leaf = { ...root, der: Buffer.from(md5Certificate, 'base64') };
    expect(verdictOf([leaf], [anchorOf('ca', [leaf])])).toContain('SHA-256 or better');
  });
});

describe('a chain', () => {
  const authority = (issuer: Issued, name: string, change: CertificateOptions = {}) =>
    issueAuthority({ issuer, subject: `CN=${name}`, ...change });

  test('leads to its root through authorities in any order, the root itself in it or not', async () => {
    const first = await authority(root, 'first');
    const second = await authority(first, 'second');
    const leaf = await issueSvid(second, id);
    expect(bySpiffe(leaf, second, first)).toBe(id);
    expect(bySpiffe(leaf, first, second, root)).toBe(id);
    expect(bySpiffe(leaf, other, first, second)).toBe(id);
    expect(verdictOf([leaf], [anchorOf('spiffe', [second])])).toBe(id);
    expect(bySpiffe(leaf, first)).toMatch(/^unknown: .*Send the authorities between/);
  });

  test('to nobody who is believed is unknown, and signed by itself too', async () => {
    expect(bySpiffe(await issueSvid(other, id), other)).toMatch(/^unknown:/);
    expect(bySpiffe(await issueCertificate({ uris: [id] }))).toMatch(/^unknown: .*by itself/);
    expect(verdictOf([await svid()], [])).toMatch(/^unknown:/);
  });

  test('by a name alone, under another key, leads nowhere', async () => {
    const forged = await issueAuthority({ subject: root.subject });
    expect(bySpiffe(await issueSvid(forged, id), forged)).toMatch(/^unknown:/);
  });

  test('to an authority that is believed no more is revoked, but not where another is', async () => {
    const revoked = anchorOf('spiffe', [root], { isRevoked: true });
    expect(verdictOf([await svid()], [revoked])).toMatch(/^revoked: The authority The anchor/);
    expect(verdictOf([await svid()], [revoked, anchorOf('spiffe', [root])])).toBe(id);
    // Whoever's root was renewed many times would be kept out by its former ones.
    const many = Array.from({ length: 30 }, () => revoked);
    expect(verdictOf([await svid()], [...many, anchorOf('spiffe', [root])])).toBe(id);
  });

  const badAuthorities: [string, CertificateOptions, string][] = [
    ['is none', { isCa: false }, 'lack CA=true'],
    ['may not sign certificates', { keyUsage: usage.digitalSignature }, 'lacks keyCertSign'],
    ['does not say that it may', { keyUsage: null }, 'lacks keyCertSign'],
    ['is for servers only', { extendedKeyUsage: [serverAuth] }, 'lacks clientAuth'],
    ['is weak', { hash: 'SHA-1' }, 'SHA-256 or better'],
    [
      'has a critical extension that nobody knows',
      { extensions: [new Extension('1.2.3.4', true, Buffer.from([5, 0]))] },
      '1.2.3.4',
    ],
  ];
  test.each(badAuthorities)('through an authority that %s is refused', async (_, change, says) => {
    const between = await authority(root, 'between', change);
    expect(bySpiffe(await issueSvid(between, id), between)).toMatch(/^invalid:/);
    expect(bySpiffe(await issueSvid(between, id), between)).toContain(says);
  });

  test('longer than an authority allows is refused', async () => {
    const narrow = await authority(root, 'narrow', { pathLen: 0 });
    expect(bySpiffe(await issueSvid(narrow, id), narrow)).toBe(id);
    const below = await authority(narrow, 'below');
    expect(bySpiffe(await issueSvid(below, id), below, narrow)).toContain('allows 0 authorities');
  });

  test('of 50 is refused with a sentence, one of 11 is not', async () => {
    const keys = await newKeys();
    const chain = [root];
    for (let at = 1; at <= 49; at += 1)
      chain.push(await authority(chain.at(-1) ?? root, `step ${at}`, { keys }));
    const [ten = root] = chain.slice(10, 11);
    const short = [await issueSvid(ten, id), ...chain.slice(1, 11)];
    expect(bySpiffe(...short)).toBe(id);
    const long = [await issueSvid(chain.at(-1) ?? root, id), ...chain.slice(1)];
    expect(long).toHaveLength(50);
    expect(bySpiffe(...long)).toBe(
      "invalid: The chain has 50 certificates: the sender's own and 10 authorities at most are taken.",
    );
  });

  test('made to be searched in circles costs a bounded time', async () => {
    const keys = await newKeys();
    const same = { subject: 'CN=circle', keys };
    const circle = await issueAuthority(same);
    const others = await Promise.all(
      Array.from({ length: 10 }, () => issueAuthority({ ...same, issuer: circle })),
    );
    const startedMs = performance.now();
    expect(bySpiffe(await issueSvid(circle, id), ...others)).toMatch(/^unknown:/);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  // One chain would hold up everybody for as long as whoever sends it likes, if this fails.
  test('through a key that is costly to use is not followed', async () => {
    const between = await issueAuthority({ issuer: root, keys: await costlyKeys() });
    expect(bySpiffe(await issueSvid(between, id), between)).toMatch(/^unknown:/);
  });

  test.each([
    ['nothing', Buffer.alloc(0), 'malformed'],
    ['noise', Buffer.alloc(500, 7), 'malformed'],
    ['what is too large', Buffer.alloc(8193, 0x30), 'larger than 8192'],
  ])('with %s in it is refused', async (_, der, says) => {
    const leaf = await svid();
    expect(bySpiffe(leaf, { ...leaf, der })).toContain(says);
    expect(bySpiffe({ ...leaf, der })).toContain(says);
  });

  test('bytes after a certificate, or PEM in its place, are refused: its digest would be another', async () => {
    const leaf = await svid();
    expect(bySpiffe({ ...leaf, der: Buffer.concat([leaf.der, Buffer.from([0])]) })).toMatch(
      /^malf/,
    );
    expect(bySpiffe({ ...leaf, der: Buffer.from(leaf.pem) })).toMatch(/^malformed/);
  });

  test('any byte of a certificate that is changed makes it refused, and throws nothing', async () => {
    const { der, ...leaf } = await svid();
    for (let at = 0; at < der.length; at += 3) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x15;
      expect(bySpiffe({ ...leaf, der: changed })).toMatch(/^(malformed|unknown|invalid):/);
    }
  });
});

/** RSA with both exponents exchanged: the public one is as long as the modulus. */
async function costlyKeys(): Promise<CryptoKeyPair> {
  const made = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n, e, d, p, q, qi } = made.privateKey.export({ format: 'jwk' });
  const publicKey = { kty: 'RSA', n, e: d } as webcrypto.JsonWebKey; // `as`: Node's other type of it says `undefined`
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const { subtle } = webcrypto;
  const privateKey = { ...publicKey, d: e, p, q, dp: e, dq: e, qi } as webcrypto.JsonWebKey; // `as`: likewise
  return {
    publicKey: await subtle.importKey('jwk', publicKey, algorithm, true, ['verify']),
    privateKey: await subtle.importKey('jwk', privateKey, algorithm, true, ['sign']),
  };
}
