import { beforeAll, describe, expect, test } from 'vitest';
import { type Issued, issueAuthority, issueSvid } from '@/tests/support/authority';
import { rfc9440 } from '@/tests/support/rfc9440';
import type { KnownAnchor } from '../state/schema';
import { type ForwardedCertificate, forwardedCertificates } from './forwarded-certificate';
import { isWithinDates, verifyChain } from './x509/verify-chain';

const bytes = (base64: string) => `:${base64}:`;
const read = (given: Partial<ForwardedCertificate>) =>
  forwardedCertificates({
    clientCert: undefined,
    clientCertChain: undefined,
    escapedPem: undefined,
    ...given,
  });
const base64Of = (given: Partial<ForwardedCertificate>) => {
  const result = read(given);
  return result.ok
    ? (result.value?.map((der) => der.toString('base64')) ?? null)
    : `${result.reason}: ${result.message}`;
};

let root: Issued;
let leaf: Issued;
beforeAll(async () => {
  root = await issueAuthority();
  leaf = await issueSvid(root, 'spiffe://example.org/a');
});

describe('Client-Cert and Client-Cert-Chain', () => {
  const { leaf: cert, intermediate, root: top } = rfc9440;

  test('the example of RFC 9440, appendix A, is read, and verified again', () => {
    const given = {
      clientCert: bytes(cert),
      clientCertChain: `${bytes(intermediate)}, ${bytes(top)}`,
    };
    expect(base64Of(given)).toEqual([cert, intermediate, top]);
    const forwarded = read(given);
    const anchor: KnownAnchor = {
      id: 'rfc',
      kind: 'ca',
      name: "Let's Authenticate",
      trustDomain: null,
      certificates: [Buffer.from(top, 'base64')],
      jwtKeys: [],
      isRevoked: false,
      version: '1',
    };
    const judged = verifyChain((forwarded.ok && forwarded.value) || [], [anchor]);
    const [verified] = judged.ok ? judged.value : [];
    expect(verified?.shows.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['san_email:bdc@example.com', 'subject:CN=BC']),
    );
    // It ended in 2021, whatever the proxy says of it.
    const at = (time: string) => verified && isWithinDates(verified, Date.parse(time));
    expect(at('2020-06-01T00:00:00Z')).toMatchObject({ ok: true });
    expect(at('2026-12-01T00:00:00Z')).toMatchObject({ reason: 'expired' });
    expect(at('2019-12-01T00:00:00Z')).toMatchObject({ reason: 'not_yet_valid' });
  });

  test('parameters, an empty chain and the certificate again in its chain do not matter', () => {
    expect(base64Of({ clientCert: `${bytes(cert)};a=1` })).toEqual([cert]);
    expect(base64Of({ clientCert: bytes(cert), clientCertChain: '' })).toEqual([cert]);
    expect(base64Of({ clientCert: bytes(cert), clientCertChain: '::' })).toEqual([cert]);
    expect(
      base64Of({
        clientCert: bytes(cert),
        clientCertChain: `${bytes(cert)}, ${bytes(intermediate)}`,
      }),
    ).toEqual([cert, intermediate]);
  });

  test('authorities one after another in one byte sequence, as HAProxy writes them, are taken apart', () => {
    const both = Buffer.concat([intermediate, top].map((each) => Buffer.from(each, 'base64')));
    expect(
      base64Of({ clientCert: bytes(cert), clientCertChain: bytes(both.toString('base64')) }),
    ).toEqual([cert, intermediate, top]);
  });

  test.each([
    ['without colons', { clientCert: cert }],
    ['two in one field', { clientCert: `${bytes(cert)}, ${bytes(cert)}` }],
    ['a text', { clientCert: '"a"' }],
    ['not base64', { clientCert: ':!!!:' }],
    ['a chain that is none', { clientCert: bytes(cert), clientCertChain: 'a b' }],
    ['a chain of texts', { clientCert: bytes(cert), clientCertChain: '"a", "b"' }],
    ['a chain alone', { clientCertChain: bytes(intermediate) }],
    ['too large', { clientCert: bytes('A'.repeat(200_000)) }],
    ['beside the form of nginx', { clientCert: bytes(cert), escapedPem: 'x' }],
  ])('%s is refused', (_, given) => {
    expect(base64Of(given)).toMatch(/^malformed: /);
  });

  test('none, or empty ones, hold none', () => {
    expect(base64Of({})).toBeNull();
    expect(base64Of({ clientCert: '', escapedPem: ' ' })).toBeNull();
  });
});

describe('X-SSL-Client-Cert', () => {
  test('PEM that nginx has escaped is read, several too', () => {
    const escaped = encodeURIComponent(`${leaf.pem}\n`);
    expect(base64Of({ escapedPem: escaped })).toEqual([leaf.der.toString('base64')]);
    expect(base64Of({ escapedPem: encodeURIComponent(`${leaf.pem}\n${root.pem}\n`) })).toEqual([
      leaf.der.toString('base64'),
      root.der.toString('base64'),
    ]);
  });

  test.each([
    ['not escaped well', () => '%zz'],
    ['no PEM', () => 'hello'],
    ['a key', () => encodeURIComponent(leaf.keyPem)],
    ['something before it', () => encodeURIComponent(`x${leaf.pem}`)],
    ['something after it', () => encodeURIComponent(`${leaf.pem}\nx`)],
    ['never ending', () => encodeURIComponent('-----BEGIN CERTIFICATE-----\n'.repeat(2_000))],
    ['sent twice', () => `${encodeURIComponent(leaf.pem)}, ${encodeURIComponent(leaf.pem)}`],
  ])('%s is refused', (_, escaped) => {
    expect(base64Of({ escapedPem: escaped() })).toMatch(/^malformed: /);
  });
});
