import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockOfAddress, contains, formatBlock, parseBlock } from './cidr';

const normal = (text: string) => {
  const block = parseBlock(text);
  return block === null ? null : formatBlock(block);
};

test.each([
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['192.0.2.77', '192.0.2.77/32'],
  [' 192.0.2.0/24 ', '192.0.2.0/24'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0:0:0:0:0:1/32', '2001:db8::/32'],
  ['2001:db8::1', '2001:db8::1/128'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1/128'],
  ['::/0', '::/0'],
  ['::1', '::1/128'],
  ['fe80::/10', 'fe80::/10'],
  ['2001:db8:1::', '2001:db8:1::/128'],
  // IPv4 inside IPv6 is IPv4, or a network would miss whom it names behind a dual-stack socket.
  ['::ffff:10.2.3.4', '10.2.3.4/32'],
  ['::ffff:a02:304/104', '10.0.0.0/8'],
])('%s is kept as %s', (text, kept) => {
  expect(normal(text)).toBe(kept);
  expect(normal(kept)).toBe(kept);
});

test.each([
  '',
  'office',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '10.0.0/8',
  '010.0.0.1',
  '2001:db8::/129',
  'fe80::1%eth0',
  '::ffff:10.0.0.0/95',
  '10.0.0.0/255.0.0.0',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '::1:2:3:4:5:6:7:8',
  '12345::',
  '::256.1.1.1',
  '1.2.3.4::',
  '1:2:3:4:5:6:7:1.2.3.4',
  '256.0.0.1',
])('“%s” is neither an address nor a block', (text) => {
  expect(parseBlock(text)).toBeNull();
});

test.each([
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.0.0.0/31', '10.0.0.1', true],
  ['10.0.0.0/31', '10.0.0.2', false],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '10.0.0.1', false],
  ['2001:db8::/33', '2001:db8:7fff:ffff::', true],
  ['2001:db8::/33', '2001:db8:8000::', false],
  ['10.0.0.0/8', '::ffff:10.0.0.1', true],
])('whether %s holds %s is %s', (outer, address, expected) => {
  const [block, inner] = [parseBlock(outer), blockOfAddress(address)];
  if (block === null || inner === null) throw new Error('the table holds blocks');
  expect(contains(block, inner)).toBe(expected);
});

test('what is an address is what Node takes for one', () => {
  const piece = fc.constantFrom(
    '::',
    ':',
    '.',
    '0',
    '1',
    'f',
    'ffff',
    '255',
    '256',
    '10',
    '01',
    'g',
  );
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(piece, { maxLength: 14 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(blockOfAddress(text) !== null, text).toBe(isIP(text) !== 0);
    }),
    { numRuns: 2000 },
  );
});
