import type { Metadata } from 'next';
import { PriceForm } from '@/components/prices/price-form';
import { PriceTable } from '@/components/prices/price-table';
import '@/components/prices/prices.css';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listPrices } from '@/lib/inventory/prices/queries';
import { can, refusalOf } from '@/lib/people/permissions';
import { deletePrice, savePrice } from './actions';

export const metadata: Metadata = { title: 'Prices' };

export default async function PricesPage({
  searchParams,
}: {
  searchParams: Promise<{ price?: string | string[] }>;
}) {
  const { scope, person } = await requirePerson();
  const [{ price }, prices] = await Promise.all([searchParams, listPrices(scope)]);
  const chosen = prices.find(({ id }) => id === price) ?? null;
  const isAdmin = can(person, 'prices.write');
  return (
    <>
      <p className="sec t2 s12">
        US dollars a million tokens, for calls whose sender tells no cost.
      </p>
      <div className="prices">
        <PriceTable prices={prices} now={systemClock()} remove={deletePrice} mayRemove={isAdmin} />
        {isAdmin ? (
          <PriceForm key={chosen?.id ?? 'new'} chosen={chosen} save={savePrice} />
        ) : (
          <p className="sec t2 s12">{refusalOf('prices.write')}</p>
        )}
      </div>
    </>
  );
}
