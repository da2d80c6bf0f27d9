import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { NoRows, Table } from '@/components/ui/table';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import type { Team } from '@/lib/people/teams/schema';

/** The groups of people and identities, by name. */
export function TeamTable({
  teams,
  chosen,
  hrefOf,
  now,
}: {
  teams: readonly Team[];
  chosen: string | null;
  hrefOf: (id: string) => string;
  now: Date;
}) {
  return (
    <Table
      caption="Teams, by name"
      rows="entity"
      stickyFirst
      head={
        <>
          <th scope="col">Team</th>
          <th scope="col" className="w-max">
            People
          </th>
          <th scope="col" className="num">
            Identities
          </th>
          <th scope="col" className="p3 num">
            Created
          </th>
        </>
      }
    >
      {teams.map(({ id, name, members, identities, createdAt }) => (
        <tr key={id} data-id={id} aria-selected={id === chosen}>
          <th scope="row" className="cut">
            <Link className="plain" href={hrefOf(id)} scroll={false} prefetch={false} title={name}>
              <Visible text={name} oneLine />
            </Link>
          </th>
          <td className="w-max t2">
            {members.length === 0 ? (
              <span className="t3">nobody</span>
            ) : (
              <Visible text={members.map((each) => each.name).join(', ')} oneLine />
            )}
          </td>
          <td className="num">{thousands(identities)}</td>
          <td className="p3 num t2" title={utcTime(createdAt)}>
            {relativeTime(createdAt, now)}
          </td>
        </tr>
      ))}
      {teams.length === 0 ? (
        <NoRows columns={4}>
          There is no team. A team groups people and identities: who is in it can be let see and
          read those identities alone.
        </NoRows>
      ) : null}
    </Table>
  );
}
