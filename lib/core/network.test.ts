import { expect, test } from 'vitest';
import { clientAddress, isLocalRequest, parseNetworks, sourceOf } from './network';

test('a request is local only straight from this machine to a loopback Host', () => {
  const host = 'localhost:3000';
  expect(isLocalRequest('127.0.0.1', { host })).toBe(true);
  expect(isLocalRequest('::1', { host: '[::1]:3000' })).toBe(true);
  expect(isLocalRequest('::ffff:127.0.0.1', { host: '127.0.0.1' })).toBe(true);
  expect(isLocalRequest('192.0.2.7', { host })).toBe(false);
  expect(isLocalRequest(undefined, { host })).toBe(false);
  expect(isLocalRequest('127.0.0.1', { host: 'rebound.example:3000' })).toBe(false);
  expect(isLocalRequest('127.0.0.1', {})).toBe(false);
  for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'])
    expect(isLocalRequest('127.0.0.1', { host, [name]: '127.0.0.1' })).toBe(false);
});

test('X-Forwarded-For is believed only from a listed proxy, and only its last unlisted hop', () => {
  const proxies = parseNetworks('10.0.0.0/8, ::1');
  const cases = [
    ['192.0.2.1', '198.51.100.9', '192.0.2.1'],
    ['10.0.0.1', '198.51.100.9', '198.51.100.9'],
    ['10.0.0.1', '203.0.113.5, 198.51.100.9', '198.51.100.9'],
    ['10.0.0.1', '198.51.100.9, 10.0.0.2', '198.51.100.9'],
    ['10.0.0.1', 'not an address', '10.0.0.1'],
    ['::ffff:10.0.0.1', '198.51.100.9', '198.51.100.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
  ] as const;
  for (const [peer, forwardedFor, expected] of cases)
    expect(clientAddress(peer, forwardedFor, proxies)).toBe(expected);
});

test('refuses a list of proxies that holds something else', () => {
  const wrong = ['proxy.example', '10.0.0.0/', '10.0.0.0/99', '10.0.0.0/33', '10.0.0.0/8/8'];
  for (const text of [...wrong, '10.0.0.0/1e1', '10.0.0.0/-1', '10.0.0.0/0x8', '::/129', '::1/'])
    expect(() => parseNetworks(text), text).toThrow('neither an address nor a network');
  expect(parseNetworks('::/128, 10.0.0.0/32').rules).toHaveLength(2);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('asks from %s are counted by %s', (address, source) => {
  expect(sourceOf(address)).toBe(source);
});
