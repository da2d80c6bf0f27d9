import { expect, test } from 'vitest';
import { parseNetworks } from '@/lib/core/network';
import { usedFrom } from './used-from';

const network = (name: string, cidr: string) => ({ id: name, name, blocks: parseNetworks(cidr) });
const networks = [network('Cluster B', '10.1.0.0/16'), network('All of ours', '10.0.0.0/8')];

test.each([
  ['10.2.3.4', 'All of ours'],
  ['10.1.3.4', 'All of ours'],
  ['::ffff:10.1.3.4', 'All of ours'],
  ['192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:12:34::1', '2001:db8:12::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0::/48'],
  ['somewhere', 'unknown'],
])('%s is of %s', (address, name) => {
  expect(usedFrom(address, networks)).toBe(name);
});
