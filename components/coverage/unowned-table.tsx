import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Kind } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import type { UnownedIdentity } from '@/lib/inventory/coverage/unowned/queries';
import { identityIcons } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** Registered identities that nobody answers for. */
export function UnownedTable({
  identities,
  chosen,
  hrefOf,
  now,
}: {
  identities: readonly UnownedIdentity[];
  chosen: string | null;
  hrefOf: (id: string) => string;
  now: Date;
}) {
  return (
    <Table
      caption="Identities without an owner"
      rows="entity"
      stickyFirst
      head={
        <>
          <th scope="col">Identity</th>
          <th scope="col" className="w-max">
            Why
          </th>
          <th scope="col" className="p3">
            Team
          </th>
          <th scope="col" className="p2 num">
            Registered
          </th>
        </>
      }
    >
      {identities.map(({ id, name, kind, left, team, createdAt }) => (
        <tr key={id} data-id={id} aria-selected={id === chosen}>
          <th scope="row" className="cut">
            <Link className="plain" href={hrefOf(id)} scroll={false} prefetch={false} title={name}>
              <Kind icon={identityIcons[kind]}>
                <Visible text={name} oneLine />
              </Kind>
            </Link>
          </th>
          <td className="w-max t2">
            {left === null ? (
              'Nobody was ever said to answer for it.'
            ) : (
              <>
                <Visible text={left.name} oneLine /> answered for it and{' '}
                {left.at === null
                  ? 'has no role any more.'
                  : `was removed ${relativeTime(left.at, now)}.`}
              </>
            )}
          </td>
          <td className="p3 t2">
            {team === null ? <span className="t3">none</span> : <Visible text={team} oneLine />}
          </td>
          <td className="p2 num t2" title={utcTime(createdAt)}>
            {relativeTime(createdAt, now)}
          </td>
        </tr>
      ))}
      {identities.length === 0 ? (
        <NoRows columns={4}>Somebody answers for every identity.</NoRows>
      ) : null}
    </Table>
  );
}
