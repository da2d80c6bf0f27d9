import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const forwardingHeaders = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
];

/** An IPv4 address that arrived on an IPv6 socket, as plain IPv4; anything else as it is. */
export function plainAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && isIP(address.slice(7)) === 4
    ? address.slice(7)
    : address;
}

/** Whoever has one IPv6 address has all of its network (RFC 4291 §2.5.4). */
const IPV6_PREFIX_GROUPS = 4;

/** What asks are counted by, where they are counted by whence they come: an IPv4 address, or an IPv6 /64. */
export function sourceOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  const network = groups
    .slice(0, IPV6_PREFIX_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = plainAddress(address);
  const family = isIP(plain);
  return family !== 0 && loopback.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a `Host` header names this machine itself. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return name === 'localhost' || isLoopbackAddress(name);
}

/**
 * Whether a request comes from this machine, straight: peer and `Host` are loopback and nothing
 * forwarded it. A page in a browser can reach 127.0.0.1 by DNS rebinding, but not with this Host.
 */
export function isLocalRequest(
  peer: string | undefined,
  headers: Record<string, string | string[] | undefined>,
): boolean {
  const host = headers.host;
  return (
    isLoopbackAddress(peer) &&
    typeof host === 'string' &&
    isLoopbackHost(host) &&
    forwardingHeaders.every((name) => headers[name] === undefined)
  );
}

/** Addresses and networks (`10.0.0.0/8`), comma separated. Throws on what is neither. */
export function parseNetworks(text: string | undefined): BlockList {
  const list = new BlockList();
  for (const entry of (text ?? '').split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', prefix] = entry.split(/\/(.*)/s);
    const family = isIP(address);
    if (family === 0) throw new Error(`"${entry}" is neither an address nor a network.`);
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, type);
    else list.addSubnet(address, prefixOf(entry, prefix, family), type);
  }
  return list;
}

// `10.0.0.0/` read as a number would be /0: every address there is.
function prefixOf(entry: string, prefix: string, family: number): number {
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (bits <= (family === 4 ? 32 : 128)) return bits;
  throw new Error(`"${entry}" is neither an address nor a network.`);
}

/**
 * Where a request came from: the peer, or, when that is a listed proxy, the last address of
 * X-Forwarded-For that is not one itself. What stands further left anybody could have written.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  proxies: BlockList,
): string {
  let address = plainAddress(peer);
  for (const hop of (forwardedFor ?? '').split(',').reverse()) {
    const next = plainAddress(hop.trim());
    if (!isListed(address, proxies) || isIP(next) === 0) return address;
    address = next;
  }
  return address;
}

export function isListed(address: string, networks: BlockList): boolean {
  const family = isIP(address);
  return (
    family !== 0 &&
    !address.includes('%') &&
    networks.check(address, family === 4 ? 'ipv4' : 'ipv6')
  );
}
