import { BlockList, isIP } from 'node:net';

// IANA's special-purpose registries: what is not one host on the internet that anybody may reach.
const inside4 = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);
/** All that is handed out to hosts; loopback, link-local, unique local and multicast lie outside. */
const global6 = blockList('ipv6', [['2000::', 3]]);
// Teredo and others of its block, benchmarks, documentation, 6to4.
const special6 = blockList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);
const translated = blockList('ipv6', [['64:ff9b::', 96]]);

function blockList(type: 'ipv4' | 'ipv6', networks: [address: string, prefix: number][]) {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, type);
  return list;
}

/**
 * Whether an address is one host on the internet: not private, loopback, link-local, shared, reserved or multicast, and
 * not a form of IPv6 that stands for such an IPv4 address. What is no address is not.
 */
export function isPublicAddress(address: string): boolean {
  const plain = judgedAddress(address);
  if (isIP(plain) === 4) return !inside4.check(plain, 'ipv4');
  if (isIP(plain) !== 6 || plain.includes('%')) return false;
  return global6.check(plain, 'ipv6') && !special6.check(plain, 'ipv6');
}

/** The IPv4 address inside an IPv6 one that a host or a NAT64 gateway (RFC 6052) takes it for, else as it is. */
export function judgedAddress(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address;
  const canonical = canonicalIpv6(address);
  const [high = 0, low = 0] = hextetsOf(canonical).slice(6);
  const embedded = [high >> 8, high & 255, low >> 8, low & 255].join('.');
  if (isMapped(canonical) || translated.check(canonical, 'ipv6')) return embedded;
  return canonical;
}

const isMapped = (address: string): boolean =>
  hextetsOf(address)
    .slice(0, 6)
    .every((part, index) => part === (index === 5 ? 0xffff : 0));

/** Shortest form, without dots. */
const canonicalIpv6 = (address: string): string =>
  new URL(`http://[${address}]`).hostname.slice(1, -1);

function hextetsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const read = (text: string) =>
    text === '' ? [] : text.split(':').map((part) => parseInt(part, 16));
  const [first, last] = [read(head), read(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...new Array<number>(zeros).fill(0), ...last];
}
