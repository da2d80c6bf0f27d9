'use client';

import Link from 'next/link';
import { useActionState } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Button, buttonClass } from '@/components/ui/button';
import { Table } from '@/components/ui/table';
import type { Price, PriceAction } from '@/lib/inventory/prices/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** What models cost, by model; rows change and go where `remove` is given. */
export function PriceTable({
  prices,
  now,
  remove,
}: {
  prices: readonly Price[];
  now: Date;
  remove: PriceAction | null;
}) {
  return (
    <Table caption="Prices by model" rows="entity" head={<Head />}>
      {prices.map((price) => (
        <tr key={price.id}>
          <th scope="row" className="mono">
            <Visible text={price.model} oneLine />
          </th>
          <td className="p2">
            {price.provider === '' ? (
              <span className="t3">any</span>
            ) : (
              <Visible text={price.provider} oneLine />
            )}
          </td>
          <td className="num">{dollars(price.inputPerMillion)}</td>
          <td className="num">{dollars(price.outputPerMillion)}</td>
          <Cached amount={price.cacheReadPerMillion} />
          <Cached amount={price.cacheWritePerMillion} />
          <td className="t2 p4" title={utcTime(price.setAt)}>
            {relativeTime(price.setAt, now)}
          </td>
          <td>{remove === null ? null : <RowActions price={price} remove={remove} />}</td>
        </tr>
      ))}
    </Table>
  );
}

const dollars = (amount: number) => amount.toLocaleString('en-GB', { maximumSignificantDigits: 6 });

function Cached({ amount }: { amount: number | null }) {
  return (
    <td className="num p3">
      {amount === null ? <span className="t3">as input</span> : dollars(amount)}
    </td>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Model</th>
      <th scope="col" className="p2">
        Provider
      </th>
      <th scope="col" className="num">
        Input
      </th>
      <th scope="col" className="num">
        Output
      </th>
      <th scope="col" className="num p3">
        Cache read
      </th>
      <th scope="col" className="num p3">
        Cache write
      </th>
      <th scope="col" className="p4">
        Set
      </th>
      <th scope="col">
        <span className="vh">Actions</span>
      </th>
    </>
  );
}

function RowActions({ price, remove }: { price: Price; remove: PriceAction }) {
  const [state, submit, isPending] = useActionState(remove, null);
  return (
    <form action={submit} className="price-row-actions">
      <input type="hidden" name="id" value={price.id} />
      {state?.ok === false ? (
        <span className="s12 t2" role="alert">
          {state.message}
        </span>
      ) : null}
      <Link
        className={buttonClass({ size: 'small', variant: 'ghost' })}
        href={`/settings/prices?price=${price.id}`}
        aria-label={`Change the price of ${price.model}`}
      >
        Change
      </Link>
      <Button
        type="submit"
        size="small"
        variant="ghost"
        aria-label={`Remove the price of ${price.model}`}
        unavailable={isPending ? 'Being removed' : undefined}
      >
        Remove
      </Button>
    </form>
  );
}
