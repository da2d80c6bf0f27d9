import { visibleText } from '@/lib/inventory/visible';
import { type NamedBlocks, networkOf } from '@/lib/people/networks/network-of';

/** An address, and the name of the network it is in where it has one. `networks` is what `listNetworks` gives. */
export function NetworkName({
  address,
  networks,
}: {
  address: string;
  networks: readonly NamedBlocks[];
}) {
  const network = networkOf(address, networks);
  return (
    <>
      <span className="mono">{visibleText(address)}</span>
      {network === null ? null : <span className="t3"> ({visibleText(network.name)})</span>}
    </>
  );
}
