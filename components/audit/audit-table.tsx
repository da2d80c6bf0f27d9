import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { NoRows, Table } from '@/components/ui/table';
import { rowTime, utcTime, zoneWord } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { sentenceOf } from '@/lib/people/audit/labels';
import type { AuditRow, Names } from '@/lib/people/audit/schema';
import { doerOf, readsSentence, subjectOf } from '@/lib/people/audit/tell';
import { DoerName, SubjectName } from './told';

/** Who did what, when, on what and from where; the newest first. */
export function AuditTable({
  rows,
  names,
  chosen,
  hrefOf,
  none,
  now,
  zone,
}: {
  rows: readonly AuditRow[];
  names: Names;
  /** The id of the row whose panel is open. */
  chosen: string | null;
  hrefOf: (id: string) => string;
  none: string;
  now: Date;
  zone: string;
}) {
  return (
    <Table
      caption="Audit, newest first"
      head={
        <>
          <th scope="col">Time, {zoneWord(zone)}</th>
          <th scope="col">Who</th>
          <th scope="col" className="w-max">
            What
          </th>
          <th scope="col" className="p2">
            On what
          </th>
          <th scope="col" className="p3">
            From where
          </th>
        </>
      }
    >
      {rows.map((row) => {
        const { id, kind, facts, receivedAt, reads } = row;
        const subject = reads === null ? subjectOf(kind, facts) : null;
        const sentence = reads === null ? sentenceOf(kind, facts) : readsSentence(reads);
        return (
          <tr key={id} data-id={id} aria-selected={id === chosen}>
            <td className="mono t2" title={utcTime(receivedAt)}>
              {rowTime(`${receivedAt.getTime()}000000`, now, zone)}
            </td>
            <td className="cut">
              <DoerName doer={doerOf(kind, facts)} names={names} />
            </td>
            <th scope="row" className="w-max">
              <Link
                className="plain"
                href={hrefOf(id)}
                scroll={false}
                prefetch={false}
                title={visibleText(sentence)}
              >
                <Visible text={sentence} oneLine />
              </Link>
            </th>
            <td className="cut p2">
              {subject === null ? null : <SubjectName subject={subject} names={names} />}
            </td>
            <td className="mono t2 p3">
              {reads !== null && reads.addresses > 1 ? (
                `${reads.addresses} addresses`
              ) : typeof facts.address === 'string' ? (
                <Visible text={facts.address} oneLine />
              ) : null}
            </td>
          </tr>
        );
      })}
      {rows.length === 0 ? <NoRows columns={5}>{none}</NoRows> : null}
    </Table>
  );
}
