'use client';

import Link from 'next/link';
import { useRef } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Button, buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { Refusal } from '@/components/ui/outcome';
import { Table } from '@/components/ui/table';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Price, PriceAction } from '@/lib/inventory/prices/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';

/** What models cost, by model; `remove` is for whoever may. */
export function PriceTable({
  prices,
  now,
  remove,
  mayRemove,
}: {
  prices: readonly Price[];
  now: Date;
  remove: PriceAction;
  mayRemove: boolean;
}) {
  const said = useRef<HTMLParagraphElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const removed = await remove(last, data);
    // The button goes with its row: whoever pressed it is led to what came of it.
    if (removed.ok) said.current?.focus();
    return removed;
  });
  return (
    <>
      {prices.length === 0 ? (
        <Empty title="No prices are set">
          Calls that come without a cost are shown without one. Nothing is made up.
        </Empty>
      ) : (
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
              <td>
                {mayRemove ? <RowActions price={price} isPending={isPending} form={form} /> : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <div className="sec">
        <Refusal state={state} />
        <p ref={said} className="s12 t2" role="status" tabIndex={-1}>
          {state?.ok === true ? state.value : ''}
        </p>
      </div>
    </>
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

function RowActions({
  price,
  isPending,
  form,
}: {
  price: Price;
  isPending: boolean;
  form: ReturnType<typeof useKeptForm<string>>['form'];
}) {
  const model = visibleText(price.model);
  return (
    <form {...form} className="price-row-actions">
      <input type="hidden" name="id" value={price.id} />
      <Link
        className={buttonClass({ size: 'small', variant: 'ghost' })}
        href={`/settings/prices?price=${price.id}`}
        aria-label={`Change the price of ${model}`}
      >
        Change
      </Link>
      <Button
        type="submit"
        size="small"
        variant="ghost"
        aria-label={`Remove the price of ${model}`}
        unavailable={isPending ? 'Being removed' : undefined}
      >
        Remove
      </Button>
    </form>
  );
}
