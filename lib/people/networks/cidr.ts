/** The first address of a block, and how many leading bits all of its addresses share. */
export type Block = { readonly family: 4 | 6; readonly first: bigint; readonly prefix: number };

const bitsOf = { 4: 32, 6: 128 } as const;
const mappedFirst = 0xffffn << 32n;
const mappedPrefix = 96;

/** Null unless it is an address, without a zone. IPv4 that is written inside IPv6 is IPv4. */
function parseAddress(text: string): { family: 4 | 6; value: bigint } | null {
  const quad = parseQuad(text);
  if (quad !== null) return { family: 4, value: quad };
  const groups = groupsOf(text);
  if (groups === null) return null;
  const value = wholeOf(groups, 16n);
  return value >> 32n === mappedFirst >> 32n
    ? { family: 4, value: value & 0xffff_ffffn }
    : { family: 6, value };
}

const wholeOf = (parts: readonly number[], bits: bigint): bigint =>
  parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);

function parseQuad(text: string): bigint | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  // A leading zero is octal to some, and decimal to others.
  if (parts === undefined || parts.some((part) => /^0\d/.test(part) || Number(part) > 255))
    return null;
  return wholeOf(parts.map(Number), 8n);
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2); null for what is none. */
function groupsOf(text: string): number[] | null {
  const tail = /[\d.]+$/.exec(text)?.[0] ?? '';
  const quad = tail.includes('.') ? parseQuad(tail) : null;
  const hex =
    quad === null
      ? text
      : `${text.slice(0, -tail.length)}${(quad >> 16n).toString(16)}:${(quad & 0xffffn).toString(16)}`;
  const [left = '', right, ...more] = hex.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const written = [...groups(left), ...groups(right ?? '')];
  if (more.length > 0 || !written.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  // `::` stands for one group at least.
  if (right === undefined ? written.length !== 8 : written.length > 7) return null;
  const missing = Array<string>(8 - written.length).fill('0');
  return [...groups(left), ...missing, ...groups(right ?? '')].map((group) =>
    Number.parseInt(group, 16),
  );
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
  const parsed = parseAddress(address);
  return parsed === null
    ? null
    : { family: parsed.family, first: parsed.value, prefix: bitsOf[parsed.family] };
};
