import { isIP } from 'node:net';
import { plainAddress } from '@/lib/core/network';

/** The first address of a block, and how many leading bits all of its addresses share. */
export type Block = { readonly family: 4 | 6; readonly first: bigint; readonly prefix: number };

const bitsOf = { 4: 32, 6: 128 } as const;
const mappedFirst = 0xffffn << 32n;
const mappedPrefix = 96;

/** Null unless it is an address, without a zone. IPv4 that is written inside IPv6 is IPv4. */
function parseAddress(text: string): { family: 4 | 6; value: bigint } | null {
  const family = isIP(text);
  if (family === 4) return { family, value: wholeOf(text.split('.'), 10, 8n) };
  // An address with a zone means something on one host only.
  if (family !== 6 || text.includes('%')) return null;
  const value = wholeOf(groupsOf(text), 16, 16n);
  return value >> 32n === mappedFirst >> 32n
    ? { family: 4, value: value & 0xffff_ffffn }
    : { family: 6, value };
}

const wholeOf = (parts: readonly string[], radix: number, bits: bigint): bigint =>
  parts.reduce((value, part) => (value << bits) | BigInt(Number.parseInt(part, radix)), 0n);

/** The eight groups of what `isIP` has accepted as IPv6. */
function groupsOf(text: string): string[] {
  const hex = text.replace(/\d+\.\d+\.\d+\.\d+$/, (quad) => {
    const whole = wholeOf(quad.split('.'), 10, 8n);
    return `${(whole >> 16n).toString(16)}:${(whole & 0xffffn).toString(16)}`;
  });
  const [left = '', right] = hex.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  if (right === undefined) return groups(left);
  const missing = 8 - groups(left).length - groups(right).length;
  return [...groups(left), ...Array<string>(missing).fill('0'), ...groups(right)];
}

/** An address, which is a block of one, or `address/prefix`. Bits behind the prefix do not count. Null for all else. */
export function parseBlock(text: string): Block | null {
  const [address = '', written] = text.trim().split(/\/(.*)/s);
  const parsed = parseAddress(address);
  if (parsed === null) return null;
  const { family, value } = parsed;
  if (written === undefined) return { family, first: value, prefix: bitsOf[family] };
  // `10.0.0.0/` read as a number would be every address there is.
  if (!/^(0|[1-9]\d{0,2})$/.test(written)) return null;
  const isMapped = family === 4 && address.includes(':');
  const prefix = Number(written) - (isMapped ? mappedPrefix : 0);
  if (prefix < 0 || prefix > bitsOf[family]) return null;
  return { family, first: firstOf(value, prefix, family), prefix };
}

const firstOf = (value: bigint, prefix: number, family: 4 | 6): bigint => {
  const behind = BigInt(bitsOf[family] - prefix);
  return (value >> behind) << behind;
};

/** As it is stored and shown: always with its prefix, IPv6 as RFC 5952 §4 writes it. */
export function formatBlock({ family, first, prefix }: Block): string {
  const groupBits = family === 4 ? 8n : 16n;
  const count = family === 4 ? 4 : 8;
  const parts = Array.from({ length: count }, (_, index) =>
    Number((first >> (groupBits * BigInt(count - 1 - index))) & ((1n << groupBits) - 1n)),
  );
  return `${family === 4 ? parts.join('.') : shortened(parts)}/${prefix}`;
}

/** The longest run of two or more zero groups, the first of equally long ones, becomes `::`. */
function shortened(groups: readonly number[]): string {
  let best = { from: 0, length: 1 };
  for (let from = 0; from < groups.length; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  const left = hex.slice(0, best.from).join(':');
  return `${left}::${hex.slice(best.from + best.length).join(':')}`;
}

/** Whether every address of `inner` is in `outer`. */
export const contains = (outer: Block, inner: Block): boolean =>
  outer.family === inner.family &&
  outer.prefix <= inner.prefix &&
  firstOf(inner.first, outer.prefix, outer.family) === outer.first;

/** The block of one address; null for what is none, such as `unknown`. */
export const blockOfAddress = (address: string): Block | null => {
  const parsed = parseAddress(plainAddress(address));
  return parsed === null
    ? null
    : { family: parsed.family, first: parsed.value, prefix: bitsOf[parsed.family] };
};
