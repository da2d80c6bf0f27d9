'use client';

import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { Table } from '@/components/ui/table';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { overlapsOf } from '@/lib/people/networks/network-of';
import type { Network } from '@/lib/people/networks/schema';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { ReasonDialog } from './reason-dialog';
import { useSaid } from './use-said';

/** Every named network with its blocks, and which others share addresses with it. */
export function NetworkTable({
  networks,
  now,
  remove,
  mayChange,
}: {
  networks: readonly Network[];
  now: Date;
  remove: SettingsAction;
  mayChange: boolean;
}) {
  const { line, say } = useSaid();
  return (
    <>
      {networks.length === 0 ? (
        <Empty title="No networks are named">
          Addresses are shown as they are. Name your offices, build machines and gateways to tell
          them apart, and to bind API keys to them.
        </Empty>
      ) : (
        <Table caption="Named networks" rows="entity" head={<Head />}>
          {networks.map((network) => (
            <tr key={network.id}>
              <th scope="row">
                <Visible text={network.name} oneLine />
              </th>
              <td className="mono s12 settings-cell">{network.cidrs.join(', ')}</td>
              <td className="t2 s12 p3 settings-cell">{overlapWords(network, networks)}</td>
              <td className="t2 p4" title={utcTime(network.changedAt)}>
                {relativeTime(network.changedAt, now)}
              </td>
              <td>
                {mayChange ? <RowActions network={network} remove={remove} done={say} /> : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <p ref={line} className="settings-said s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

const shownMax = 3;

function overlapWords(network: Network, networks: readonly Network[]): string {
  const names = [...new Set(overlapsOf(network, networks).map(({ name }) => name))];
  if (names.length === 0) return 'none';
  const shown = names.slice(0, shownMax).map(visibleText).join(', ');
  return names.length > shownMax ? `${shown} and ${names.length - shownMax} more` : shown;
}

function Head() {
  return (
    <>
      <th scope="col">Network</th>
      <th scope="col">Addresses</th>
      <th scope="col" className="p3">
        Overlaps
      </th>
      <th scope="col" className="p4">
        Changed
      </th>
      <th scope="col">
        <span className="vh">Actions</span>
      </th>
    </>
  );
}

function RowActions({
  network,
  remove,
  done,
}: {
  network: Network;
  remove: SettingsAction;
  done: (sentence: string) => void;
}) {
  const name = visibleText(network.name);
  return (
    <div className="settings-row-actions">
      <Link
        className={buttonClass({ size: 'small', variant: 'ghost' })}
        href={`/settings/networks?network=${network.id}`}
        aria-label={`Change ${name}`}
      >
        Change
      </Link>
      <ReasonDialog
        id={`remove-${network.id}`}
        word="Remove"
        label={`Remove ${name}`}
        title={`Remove ${name}?`}
        keep="Keep it"
        act={remove}
        fields={{ id: network.id, seenAt: network.changedAt.toISOString() }}
        done={done}
      >
        Addresses in it are shown without its name. An API key that works and is bound to it keeps
        it here.
      </ReasonDialog>
    </div>
  );
}
