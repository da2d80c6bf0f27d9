import Link from 'next/link';
import { StatusWord } from '@/components/inventory/interaction-table';
import { Visible } from '@/components/inventory/visible';
import { SessionTable } from '@/components/sessions/session-table';
import { Kind } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import type { ReadScope } from '@/lib/auth/scope';
import type { IdentityDetail } from '@/lib/identities/registry/schema';
import { sessionsCountedMax } from '@/lib/identities/registry/schema';
import { emptyFilter, rangeOf, viewSearch } from '@/lib/inventory/address';
import { countText, kindLabels, thousands } from '@/lib/inventory/labels';
import { listInteractions } from '@/lib/inventory/queries';
import type { InteractionRow } from '@/lib/inventory/schema';
import { listSessions } from '@/lib/inventory/sessions/queries';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** What it did lately, and the way to all of it. */
export async function Recent({
  scope,
  identity,
  now,
  limit,
}: {
  scope: ReadScope;
  identity: IdentityDetail;
  now: Date;
  /** Rows of each list. */
  limit: number;
}) {
  const { id, counts } = identity;
  const range = rangeOf('30d', now);
  const view = { filter: { ...emptyFilter(), identity: [id] }, range };
  const [interactions, sessions] = await Promise.all([
    listInteractions(scope, { ...view, cursor: null }),
    listSessions(scope, {
      filter: { identity: id, actor: null, hasErrors: false },
      range,
      cursor: null,
    }),
  ]);
  const inventory = `/inventory${viewSearch(view)}`;
  return (
    <>
      <section aria-labelledby="interactions">
        <div className="sec-head idn-head">
          <h2 id="interactions">Interactions</h2>
          <span className="t3 s12">{thousands(counts.interactions)} in all</span>
          <Link className="more" href={inventory} prefetch={false}>
            All in the inventory
          </Link>
        </div>
        <InteractionList rows={interactions.rows.slice(0, limit)} view={view} now={now} />
      </section>
      <section aria-labelledby="sessions">
        <div className="sec-head idn-head">
          <h2 id="sessions">Sessions</h2>
          <span className="t3 s12">
            {countText({
              count: counts.sessions,
              isMore: counts.sessions >= sessionsCountedMax,
            })}{' '}
            in all
          </span>
          <Link className="more" href={`/sessions?identity=${id}&from=30d`} prefetch={false}>
            All sessions
          </Link>
        </div>
        <SessionTable
          rows={sessions.rows.slice(0, limit)}
          now={now}
          empty="No session of it in 30 days."
        />
      </section>
    </>
  );
}

function InteractionList({
  rows,
  view,
  now,
}: {
  rows: readonly InteractionRow[];
  view: Parameters<typeof viewSearch>[0];
  now: Date;
}) {
  return (
    <Table
      caption="Latest interactions"
      head={
        <>
          <th scope="col">Arrived</th>
          <th scope="col">Kind</th>
          <th scope="col">Resource</th>
          <th scope="col" className="p2">
            On behalf of
          </th>
          <th scope="col">Status</th>
        </>
      }
    >
      {rows.map((row) => {
        const at = new Date(row.receivedAt);
        const { word, icon } = kindLabels[row.kind];
        return (
          <tr key={row.id}>
            <th scope="row" title={utcTime(at)}>
              <Link
                href={`/inventory${viewSearch({ ...view, interaction: row.id })}`}
                prefetch={false}
              >
                {relativeTime(at, now)}
              </Link>
            </th>
            <td>
              <Kind icon={icon}>{word}</Kind>
            </td>
            <td className="mono w-max">
              <Visible text={row.resource ?? row.name} oneLine />
            </td>
            <td className="t2 p2 cut">
              {row.onBehalfOf === null ? null : <Visible text={row.onBehalfOf} oneLine />}
            </td>
            <td>
              <StatusWord row={row} />
            </td>
          </tr>
        );
      })}
      {rows.length === 0 ? <NoRows columns={5}>Nothing arrived of it in 30 days.</NoRows> : null}
    </Table>
  );
}
