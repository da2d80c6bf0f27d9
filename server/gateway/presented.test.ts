import { X509Certificate } from 'node:crypto';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { parseNetworks } from '@/lib/core/network';
import { rfc9440 } from '@/tests/support/rfc9440';
import { presentedBy } from './presented';

const proxies = parseNetworks('10.0.0.1, 10.0.0.2, fd00::/64');
const from = (address: string): Socket =>
  Object.defineProperty(new Socket(), 'remoteAddress', { value: address });
const clientCert = `:${rfc9440.leaf}:`;

describe('what a proxy says of a certificate', () => {
  test.each(['10.0.0.1', '::ffff:10.0.0.2', 'fd00::5'])(
    'counts from %s, which is listed',
    (peer) => {
      const { certificates } = presentedBy({ 'client-cert': clientCert }, from(peer), proxies);
      expect(certificates).toEqual({ ok: true, value: [Buffer.from(rfc9440.leaf, 'base64')] });
    },
  );

  // Whoever reaches the port could name any workload, if this fails.
  test.each([
    ['client-cert', clientCert],
    ['client-cert-chain', clientCert],
    ['x-ssl-client-cert', 'x'],
    ['client-cert', ''],
  ])('refuses the request from anywhere else: %s', (name, value) => {
    for (const peer of ['10.0.0.3', '127.0.0.1', '', 'fd00:0:0:1::5']) {
      const { certificates } = presentedBy({ [name]: value }, from(peer), proxies);
      expect(certificates).toMatchObject({ ok: false, reason: 'not_a_proxy' });
    }
  });

  test('sent twice is refused', () => {
    const headers = { 'client-cert': [clientCert, clientCert] };
    const { certificates } = presentedBy(headers, from('10.0.0.1'), proxies);
    expect(certificates).toMatchObject({ ok: false, reason: 'malformed' });
  });

  test('nothing, or nothing in it, is no certificate', () => {
    expect(presentedBy({}, from('10.0.0.1'), proxies).certificates).toBeNull();
    expect(presentedBy({ 'client-cert': '' }, from('10.0.0.1'), proxies).certificates).toBeNull();
    expect(presentedBy({}, undefined, proxies)).toMatchObject({ certificates: null, address: '' });
  });
});

// A proxy's own certificate, as it shows it to any upstream, would be everybody's identity, if this fails.
test('the certificate of a connection counts from whoever is no listed proxy', () => {
  const leaf = new X509Certificate(Buffer.from(rfc9440.leaf, 'base64'));
  const over = (address: string): Socket =>
    Object.defineProperties(new TLSSocket(new Socket()), {
      remoteAddress: { value: address },
      getPeerX509Certificate: { value: () => leaf },
    });
  const { certificates } = presentedBy({}, over('10.0.0.3'), proxies);
  expect(certificates).toEqual({ ok: true, value: [leaf.raw] });
  for (const headers of [{}, { 'client-cert': '' }])
    expect(presentedBy(headers, over('10.0.0.1'), proxies).certificates).toBeNull();
});

test.each([
  ['10.0.0.3', '192.0.2.1', '10.0.0.3', false],
  ['10.0.0.1', '192.0.2.1', '192.0.2.1', false],
  ['10.0.0.1', '198.51.100.9, 192.0.2.1, 10.0.0.2', '192.0.2.1', false],
  ['10.0.0.1', undefined, '10.0.0.1', true],
  ['10.0.0.1', 'nonsense', '10.0.0.1', true],
])('from %s for %s, it came from %s', (peer, forwarded, address, isProxy) => {
  const headers = { 'x-forwarded-for': forwarded };
  expect(presentedBy(headers, from(peer), proxies)).toMatchObject({ address, isProxy });
});
