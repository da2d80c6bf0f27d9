import Link from 'next/link';
import type { ReactNode } from 'react';
import { NoRows, Table } from '@/components/ui/table';
import { thousands } from '@/lib/inventory/labels';
import { shareOf } from '@/lib/inventory/overview/compare';
import type { SessionRow } from '@/lib/inventory/sessions/schema';
import { duration, relativeTime, utcTime } from '@/lib/inventory/time';
import { Redactions, Visible } from '../inventory/visible';
import { Who } from '../inventory/who';

/** Sessions, latest activity first. */
export function SessionTable({
  rows,
  now,
  empty,
}: {
  rows: readonly SessionRow[];
  now: Date;
  /** What stands in the frame when nothing matches. */
  empty: ReactNode;
}) {
  return (
    <div className="rows">
      <Table caption="Sessions, latest activity first" rows="entity" stickyFirst head={<Head />}>
        {rows.map((row) => (
          <tr key={row.id}>
            <Redactions redacted={row.redacted}>
              <Cells row={row} now={now} />
            </Redactions>
          </tr>
        ))}
        {rows.length === 0 ? <NoRows columns={9}>{empty}</NoRows> : null}
      </Table>
    </div>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Last active</th>
      <th scope="col">Identity</th>
      <th scope="col" className="p3">
        On behalf of
      </th>
      <th scope="col" className="p4">
        Declared id
      </th>
      <th scope="col" className="num">
        Exchanges
      </th>
      <th scope="col" className="num">
        Errors
      </th>
      <th scope="col" className="num p2">
        Tokens
      </th>
      <th scope="col" className="num p3">
        Cost
      </th>
      <th scope="col" className="num p2">
        Length
      </th>
    </>
  );
}

function Cells({ row, now }: { row: SessionRow; now: Date }) {
  const lengthMs = row.endedAt.getTime() - row.startedAt.getTime();
  const tokens = row.inputTokens + row.outputTokens;
  return (
    <>
      <th
        scope="row"
        title={`Started ${utcTime(row.startedAt)}; last active ${utcTime(row.endedAt)}`}
      >
        <Link href={`/sessions/${row.id}`} prefetch={false}>
          {relativeTime(row.endedAt, now)}
        </Link>
      </th>
      <td className="cut">
        <Who who={row} />
      </td>
      <td className="p3 t2 cut">
        {row.onBehalfOf === null ? null : <Visible text={row.onBehalfOf} oneLine />}
      </td>
      <td className="p4 mono t2 cut">
        {row.conversation === null ? null : <Visible text={row.conversation} oneLine />}
      </td>
      <td className="num">{thousands(row.exchanges)}</td>
      <td className={row.errors > 0 ? 'num tone-critical' : 'num t3'}>{thousands(row.errors)}</td>
      <td className="num t2 p2">{tokens === 0 ? '' : thousands(tokens)}</td>
      <td className="num t2 p3">
        <Cost session={row} />
      </td>
      <td className="num t2 p2">{duration(lengthMs)}</td>
    </>
  );
}

/** A sum of what is known says of how much that is. */
export function Cost({ session: { cost, priced, usages } }: { session: SessionRow }) {
  if (cost === null) return null;
  return (
    <>
      {cost.toLocaleString('en-GB', { maximumSignificantDigits: 4 })} USD
      {priced < usages ? <span className="t3">, known of {shareOf(priced, usages)}</span> : null}
    </>
  );
}
