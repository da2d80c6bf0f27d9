import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { NoRows, Table } from '@/components/ui/table';
import { unregistered } from '@/lib/inventory/address';
import { thousands } from '@/lib/inventory/labels';
import { type ResourceUser, usedDays, usersMax } from '@/lib/resources/queries';

/** Who used a resource, of those within reach, and on which days. */
export function UserTable({
  users,
  hrefOf,
}: {
  users: readonly ResourceUser[];
  /** The interactions of one of them. */
  hrefOf: (identity: string) => string;
}) {
  return (
    <section aria-labelledby="users">
      <div className="sec-head sec-lead">
        <h2 id="users">Who uses it</h2>
        <span className="t3 s12">last {usedDays} days, of identities you see</span>
      </div>
      <Table
        caption="Who uses it, whoever most first"
        rows="entity"
        head={
          <>
            <th scope="col">Identity</th>
            <th scope="col" className="p3">
              By day
            </th>
            <th scope="col" className="num p2">
              Days
            </th>
            <th scope="col" className="num p2">
              Last day
            </th>
            <th scope="col" className="num p2">
              Errors
            </th>
            <th scope="col" className="num">
              Calls
            </th>
          </>
        }
      >
        {users.slice(0, usersMax).map((user) => (
          <tr key={user.id ?? unregistered}>
            <th scope="row" className="cut">
              <Link href={hrefOf(user.id ?? unregistered)} className="plain" prefetch={false}>
                {user.name === null ? 'Unregistered' : <Visible text={user.name} oneLine />}
              </Link>
            </th>
            <td className="p3">
              <Days days={user.days} />
            </td>
            <td className="num p2">{user.days.filter((day) => day > 0).length}</td>
            <td className="num t2 p2">{user.lastDay}</td>
            <td className="num p2">
              <span className={user.errors > 0 ? 'tone-critical' : 't3'}>
                {thousands(user.errors)}
              </span>
            </td>
            <td className="num">{thousands(user.interactions)}</td>
          </tr>
        ))}
        {users.length === 0 ? (
          <NoRows columns={6}>Nobody you see used it in the last {usedDays} days.</NoRows>
        ) : null}
      </Table>
      {users.length > usersMax ? (
        <p className="sec t2 s12">The {usersMax} that used it most are shown.</p>
      ) : null}
    </section>
  );
}

/** One bar a day; the table beside it has the figures. */
function Days({ days }: { days: readonly number[] }) {
  const most = Math.max(1, ...days);
  const bars = days.map((day, at) => {
    const height = day === 0 ? 0 : Math.max(1, Math.round((day / most) * 20));
    return `M${at * 4} 20v-${height}h3v${height}z`;
  });
  return (
    <svg className="resource-days" viewBox={`0 0 ${days.length * 4} 20`} aria-hidden="true">
      <path d={bars.join('')} />
    </svg>
  );
}
