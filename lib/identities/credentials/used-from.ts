import { isIP } from 'node:net';
import { isListed, plainAddress, sourceOf } from '@/lib/core/network';
import type { KnownNetwork } from '../state/schema';

/** Of a credential so many networks are told apart; what comes from further ones is told under one name. */
export const networksNotedMax = 50;
export const furtherNetworks = 'further networks';

/** From which network an address is: a named one, else its own /24 or /48, which is what others like it share. */
export function usedFrom(address: string, networks: readonly KnownNetwork[]): string {
  const plain = plainAddress(address);
  const named = networks.filter(({ blocks }) => isListed(plain, blocks));
  const [first] = named.map(({ name }) => name).sort();
  if (first !== undefined) return first;
  if (isIP(plain) === 4) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(plain) !== 6) return 'unknown';
  // `sourceOf` gives the first four groups of eight.
  return `${sourceOf(plain).split(':').slice(0, 3).join(':')}::/48`;
}
