import { expect, test } from 'vitest';
import { isAddressIn, networkOf, overlapsOf } from './network-of';

const networks = [
  { name: 'Everything of ours', cidrs: ['10.0.0.0/8', '2001:db8::/32'] },
  { name: 'Berlin', cidrs: ['10.1.0.0/16', '2001:db8:1::/48'] },
  { name: 'Build machines', cidrs: ['10.1.7.0/24', '198.51.100.7/32'] },
  { name: 'Zulu', cidrs: ['10.1.7.0/24'] },
];

test.each([
  ['10.9.0.1', 'Everything of ours'],
  ['10.1.0.1', 'Berlin'],
  ['10.1.7.9', 'Build machines'],
  ['::ffff:10.1.7.9', 'Build machines'],
  ['198.51.100.7', 'Build machines'],
  ['2001:db8:1::9', 'Berlin'],
  ['2001:db8:2::9', 'Everything of ours'],
  ['198.51.100.8', undefined],
  ['unknown', undefined],
  ['', undefined],
  ['10.1.7.0/24', undefined],
])('the most specific network of %s is %s', (address, name) => {
  expect(networkOf(address, networks)?.name).toBe(name);
  expect(networkOf(address, [...networks].reverse())?.name).toBe(name);
});

test('a key that is bound to no block comes from nowhere', () => {
  expect(isAddressIn('10.0.0.1', [])).toBe(false);
  expect(isAddressIn('10.0.0.1', ['10.0.0.0/8'])).toBe(true);
  expect(isAddressIn('unknown', ['0.0.0.0/0', '::/0'])).toBe(false);
});

test('networks that share addresses are told, whichever is the wider', () => {
  const [all, berlin, , zulu] = networks;
  if (all === undefined || berlin === undefined || zulu === undefined) throw new Error('listed');
  expect(overlapsOf(zulu, networks)).toEqual([
    { name: 'Everything of ours', cidr: '10.0.0.0/8', own: '10.1.7.0/24' },
    { name: 'Berlin', cidr: '10.1.0.0/16', own: '10.1.7.0/24' },
    { name: 'Build machines', cidr: '10.1.7.0/24', own: '10.1.7.0/24' },
  ]);
  expect(overlapsOf(all, networks).map(({ name }) => name)).toEqual([
    'Berlin',
    'Berlin',
    'Build machines',
    'Zulu',
  ]);
  expect(overlapsOf({ name: 'Away', cidrs: ['203.0.113.0/24'] }, networks)).toEqual([]);
});
