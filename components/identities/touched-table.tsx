import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { State } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { emptyFilter, rangeOf, viewSearch } from '@/lib/inventory/address';
import { resourceLabels, thousands } from '@/lib/inventory/labels';
import type { Touched } from '@/lib/inventory/touched/queries';

export type JudgedTouch = Touched & {
  /** Null where nothing is said of what is expected of it. */
  isExpected: boolean | null;
};

/** What it really acted on, and whether that was expected; the unexpected first. */
export function TouchedTable({
  identity,
  touched,
  now,
}: {
  identity: string;
  touched: readonly JudgedTouch[];
  now: Date;
}) {
  return (
    <Table
      caption="What it acted on in 30 days"
      rows="entity"
      head={
        <>
          <th scope="col">Resource</th>
          <th scope="col" className="p2">
            Kind
          </th>
          <th scope="col">Expected</th>
          <th scope="col" className="num">
            Interactions
          </th>
          <th scope="col" className="num p2">
            Errors
          </th>
          <th scope="col" className="num p3">
            Last day
          </th>
        </>
      }
    >
      {touched.map((each) => (
        <tr key={`${each.kind} ${each.name}`}>
          <th scope="row" className="w-max">
            {each.resource === null ? (
              <span className="mono">
                <Visible text={each.name} oneLine />
              </span>
            ) : (
              <Link className="plain mono" href={`/resources/${each.resource}`} prefetch={false}>
                <Visible text={each.name} oneLine />
              </Link>
            )}
          </th>
          <td className="t2 p2">{resourceLabels[each.kind]}</td>
          <td>
            {each.isExpected === null ? (
              <span className="t3">not said</span>
            ) : (
              <State tone={each.isExpected ? 'on' : 'wait'}>
                {each.isExpected ? 'Expected' : 'Unexpected'}
              </State>
            )}
          </td>
          <td className="num">
            <Link
              className="plain"
              href={`/inventory${viewSearch({
                filter: {
                  ...emptyFilter(),
                  identity: [identity],
                  [each.kind === 'model' ? 'model' : 'resource']: [each.name],
                },
                range: rangeOf('30d', now),
              })}`}
              prefetch={false}
            >
              {thousands(each.interactions)}
            </Link>
          </td>
          <td className={each.errors > 0 ? 'num p2' : 'num t3 p2'}>{thousands(each.errors)}</td>
          <td className="num t2 p3">{dateOf(each.lastDay)}</td>
        </tr>
      ))}
      {touched.length === 0 ? <NoRows columns={6}>It acted on nothing in 30 days.</NoRows> : null}
    </Table>
  );
}

/** A day begins where the organisation is: its noon is on the same date nearly everywhere. */
const dateOf = (dayBegins: Date): string =>
  new Date(dayBegins.getTime() + 12 * 3_600_000).toISOString().slice(0, 10);
