import { type Block, blockOfAddress, contains, parseBlock } from './cidr';

/** What telling networks apart takes of them. */
export type NamedBlocks = { readonly name: string; readonly cidrs: readonly string[] };

/**
 * The network that an address is in: the one with the longest prefix that contains it, and of equal ones the first by
 * name. Null for an address in none of them and for what is no address.
 */
export function networkOf<Network extends NamedBlocks>(
  address: string,
  networks: readonly Network[],
): Network | null {
  const asked = blockOfAddress(address);
  if (asked === null) return null;
  let best: { network: Network; prefix: number } | null = null;
  for (const network of [...networks].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const { prefix } of blocksOf(network).filter((block) => contains(block, asked)))
      if (best === null || prefix > best.prefix) best = { network, prefix };
  }
  return best?.network ?? null;
}

/** Whether an address is in any of these blocks; false for what is no address, and where there are none. */
export function isAddressIn(address: string, cidrs: readonly string[]): boolean {
  return networkOf(address, [{ name: '', cidrs }]) !== null;
}

export type Overlap = { readonly name: string; readonly cidr: string; readonly own: string };

/** Blocks of other networks that share addresses with one of `network`: allowed, and said. */
export function overlapsOf(network: NamedBlocks, networks: readonly NamedBlocks[]): Overlap[] {
  const own = blocksOf(network);
  return networks
    .filter(({ name }) => name !== network.name)
    .flatMap((other) =>
      blocksOf(other).flatMap((block) =>
        own
          .filter((each) => contains(each, block) || contains(block, each))
          .map((each) => ({ name: other.name, cidr: block.text, own: each.text })),
      ),
    );
}

/** What is stored was normalised; anything else contains nothing. */
function blocksOf({ cidrs }: NamedBlocks): (Block & { text: string })[] {
  return cidrs.flatMap((text) => {
    const block = parseBlock(text);
    return block === null ? [] : [{ ...block, text }];
  });
}
