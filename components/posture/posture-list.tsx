import { State } from '@/components/ui/badge';
import { Table } from '@/components/ui/table';
import { factWords, valueWords } from '@/lib/identities/posture/labels';
import type { PostureLine } from '@/lib/identities/posture/queries';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';

/** What is attested of an identity: what holds, since when and until when, and what has lapsed and counts as absent. */
export function PostureList({ lines, now }: { lines: readonly PostureLine[]; now: Date }) {
  if (lines.length === 0)
    return (
      <p className="sec t2 s12">
        Nobody attests anything of it, so policies that ask for posture find nothing.
      </p>
    );
  return (
    <Table caption="Posture" rows="entity" head={<Head />}>
      {lines.map((line) => (
        <tr key={line.name}>
          <th scope="row" title={line.description}>
            {factWords(line.name)}
          </th>
          <td>
            {line.now === null ? (
              <State tone="off">Absent: lapsed</State>
            ) : (
              visibleText(valueWords(line.now.value))
            )}
          </td>
          <td className="t2" title={utcTime(line.measuredAt)}>
            {relativeTime(line.measuredAt, now)}
          </td>
          <td className="t2" title={utcTime(line.lapsedAt)}>
            {relativeTime(line.lapsedAt, now)}
          </td>
          <td className="t2 p3">
            {line.attester === null ? 'another service' : visibleText(line.attester.name)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

const Head = () => (
  <>
    <th scope="col">Fact</th>
    <th scope="col">Value</th>
    <th scope="col">Measured</th>
    <th scope="col">Holds until</th>
    <th scope="col" className="p3">
      Attester
    </th>
  </>
);
