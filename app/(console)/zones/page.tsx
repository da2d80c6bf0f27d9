import type { Metadata } from 'next';
import '@/components/inventory/inventory.css';
import '@/components/settings/settings.css';
import { PageHead } from '@/components/ui/page-head';
import { ZoneForm } from '@/components/zones/zone-form';
import { ZoneTable } from '@/components/zones/zone-table';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { can, refusalOf } from '@/lib/people/permissions';
import { listZones } from '@/lib/zones/queries';
import { deleteZone, saveZone } from './actions';

export const metadata: Metadata = { title: 'Zones' };

export default async function ZonesPage({
  searchParams,
}: {
  searchParams: Promise<{ zone?: string | string[] }>;
}) {
  const { scope, person } = await requirePerson();
  const [{ zone }, zones] = await Promise.all([searchParams, listZones(scope)]);
  const chosen = zones.find(({ id }) => id === zone) ?? null;
  const mayChange = can(person, 'registry.write');
  return (
    <>
      <PageHead title="Zones" meta="Isolated environments that identities and resources live in" />
      <ZoneTable
        zones={zones}
        chosen={chosen?.id ?? null}
        now={systemClock()}
        remove={deleteZone}
        mayChange={mayChange}
      />
      <section className="sec">
        {mayChange ? (
          <ZoneForm key={chosen?.id ?? 'new'} chosen={chosen} save={saveZone} />
        ) : (
          <p className="t2 s12">{refusalOf('registry.write')}</p>
        )}
      </section>
    </>
  );
}
