'use client';

import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useId, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { Table } from '@/components/ui/table';
import './charts.css';
import type { Series } from './stacked-bars';

// Drawn in the browser alone: what a server would write needs style attributes, which the policy refuses.
const StackedBars = dynamic(() => import('./stacked-bars').then((chart) => chart.StackedBars), {
  ssr: false,
  loading: () => <span className="skel chart-wait" />,
});

export type BarRow = {
  /** Stands below the bar where there is room. */
  label: string;
  title: string;
  /** The entries that the bar stands for. */
  href: string;
  /** One for each series, in its order. */
  values: readonly number[];
  /** The values as they are written. */
  words: readonly string[];
};
export type Legend = Series & { total: string; href: string };

/** Number first, change in words, then bars; the legend carries the totals, and a table says the same. */
export function BarFigure({
  title,
  note,
  unit,
  series,
  rows,
  scale,
}: {
  title: string;
  note: string;
  /** What a bar is called at the head of the table: `Hour, UTC`. */
  unit: string;
  series: readonly Legend[];
  rows: readonly BarRow[];
  /** The lines of the axis, from zero up, and how they are written. */
  scale: readonly { at: number; word: string }[];
}) {
  const router = useRouter();
  const id = useId();
  const [isTable, setTable] = useState(false);
  const every = Math.max(1, Math.ceil(rows.length / 7));
  return (
    <section className="sec chart-sec" aria-labelledby={id}>
      <div className="sec-head">
        <h2 id={id}>{title}</h2>
        <span className="t3 s12">{note}</span>
        <span className="more">
          <Button
            variant="ghost"
            size="small"
            aria-pressed={isTable}
            onClick={() => setTable(!isTable)}
          >
            <Icon name="table" size={14} />
            View as table
          </Button>
        </span>
      </div>
      <div className="legend">
        {series.map(({ key, name, fill, total, href }) => (
          <Link key={key} className="plain" href={href} prefetch={false}>
            <i className={`cat-${fill}`} />
            {name} <b>{total}</b>
          </Link>
        ))}
      </div>
      {isTable ? (
        <div className="chart-table">
          <Table
            caption={`${title}, ${note}`}
            inset
            stickyFirst
            head={
              <>
                <th scope="col">{unit}</th>
                {series.map(({ key, name }) => (
                  <th key={key} scope="col" className="num">
                    {name}
                  </th>
                ))}
              </>
            }
          >
            {rows.map((row) => (
              <tr key={row.href}>
                <th scope="row">
                  <Link href={row.href} prefetch={false}>
                    {row.title}
                  </Link>
                </th>
                {series.map(({ key }, index) => (
                  <td key={key} className="num">
                    {row.words[index]}
                  </td>
                ))}
              </tr>
            ))}
          </Table>
        </div>
      ) : (
        <div className="chart">
          <div className="y" aria-hidden="true">
            {[...scale].reverse().map(({ at, word }) => (
              <span key={at}>{word}</span>
            ))}
          </div>
          <div className="plot" role="img" aria-label={`${title}, ${note}`}>
            <StackedBars
              rows={rows.map(({ values }, index) => ({
                key: String(index),
                ...Object.fromEntries(series.map(({ key }, at) => [key, values[at] ?? 0])),
              }))}
              series={series}
              top={scale.at(-1)?.at ?? 1}
              ticks={scale.map(({ at }) => at)}
              open={(row) => router.push(rows[row]?.href ?? '/inventory')}
            />
          </div>
          <div className="x" aria-hidden="true">
            {rows.map(({ href, label }, index) => (
              <span key={href}>{index % every === 0 ? label : ''}</span>
            ))}
          </div>
        </div>
      )}
    </section>
  );
}
