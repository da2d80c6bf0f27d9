import type { Metadata } from 'next';
import { NetworkForm } from '@/components/settings/network-form';
import { NetworkName } from '@/components/settings/network-name';
import { NetworkTable } from '@/components/settings/network-table';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listNetworks } from '@/lib/people/networks/queries';
import { can, refusalOf } from '@/lib/people/permissions';
import { deleteNetwork, saveNetwork } from './actions';

export const metadata: Metadata = { title: 'Networks' };

export default async function NetworksPage({
  searchParams,
}: {
  searchParams: Promise<{ network?: string | string[] }>;
}) {
  const { scope, person, ctx } = await requirePerson();
  const [{ network }, networks] = await Promise.all([searchParams, listNetworks(scope)]);
  const chosen = networks.find(({ id }) => id === network) ?? null;
  const mayChange = can(person, 'settings.write');
  return (
    <>
      <NetworkTable
        networks={networks}
        now={systemClock()}
        remove={deleteNetwork}
        mayChange={mayChange}
      />
      <p className="sec t2 s12">
        You come from <NetworkName address={ctx.actor.address} networks={networks} />.
      </p>
      <section className="sec">
        {mayChange ? (
          <NetworkForm key={chosen?.id ?? 'new'} chosen={chosen} save={saveNetwork} />
        ) : (
          <p className="t2 s12">{refusalOf('settings.write')}</p>
        )}
      </section>
    </>
  );
}
