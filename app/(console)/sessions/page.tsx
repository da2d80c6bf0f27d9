import type { Metadata } from 'next';
import Link from 'next/link';
import '@/components/inventory/inventory.css';
import '@/components/sessions/sessions.css';
import { Problems } from '@/components/inventory/query-bar';
import { SessionFilters } from '@/components/sessions/session-filters';
import { SessionTable } from '@/components/sessions/session-table';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { type Params, rangeOf } from '@/lib/inventory/address';
import { listIdentityNames } from '@/lib/inventory/queries';
import {
  formatSessionCursor,
  isFiltered,
  parseSessionsView,
  type SessionsView,
  sessionsSearch,
} from '@/lib/inventory/sessions/address';
import { hasSessions, listSessions, type SessionPage } from '@/lib/inventory/sessions/queries';

export const metadata: Metadata = { title: 'Sessions' };

export default async function SessionsPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope } = await requirePerson();
  const now = systemClock();
  const view = parseSessionsView(await searchParams, now);
  const [page, identities] = await Promise.all([
    listSessions(scope, view),
    listIdentityNames(scope),
  ]);
  const head = <PageHead title="Sessions" meta="Conversations and traces, as a whole" />;
  if (page.rows.length === 0 && !(await hasSessions(scope))) {
    return (
      <>
        {head}
        <Empty
          title="No sessions yet"
          action={
            <Link className={buttonClass({ variant: 'primary' })} href="/connect">
              Connect an agent
            </Link>
          }
        >
          They appear here seconds after an agent sends its first span.
        </Empty>
      </>
    );
  }
  return (
    <>
      {head}
      <div className="toolbar">
        <SessionFilters key={sessionsSearch(view)} view={view} identities={identities} />
      </div>
      <Problems problems={view.problems} />
      <div className="split fit">
        <div className="body">
          <SessionTable
            rows={page.rows}
            now={now}
            empty={<NoMatch view={view} now={now} isTooMuch={page.isTooMuch} />}
          />
          <PageSteps page={page} view={view} />
        </div>
      </div>
    </>
  );
}

function PageSteps({ page, view }: { page: SessionPage; view: SessionsView }) {
  const first = page.rows[0];
  const last = page.rows.at(-1);
  const href = (to?: { before: string } | { after: string }) =>
    `/sessions${sessionsSearch(to === undefined ? view : { ...view, page: to })}`;
  return (
    <Pager
      back={
        page.hasNewer
          ? { href: first === undefined ? href() : href({ after: formatSessionCursor(first) }) }
          : { unavailable: 'These are the newest' }
      }
      on={
        page.hasOlder && last !== undefined
          ? { href: href({ before: formatSessionCursor(last) }) }
          : { unavailable: 'These are the oldest in this time range' }
      }
    >
      {page.rows.length} {page.rows.length === 1 ? 'session' : 'sessions'}, latest activity first
    </Pager>
  );
}

function NoMatch({ view, now, isTooMuch }: { view: SessionsView; now: Date; isTooMuch: boolean }) {
  return (
    <div className="no-match">
      <p>
        {isTooMuch
          ? 'Too much would have to be read to find them. Choose a later end of the time range, or fewer filters.'
          : `No sessions match${isFiltered(view.filter) ? '' : ' this time range'}.`}
      </p>
      {isFiltered(view.filter) ? (
        <Link className={buttonClass({ size: 'small' })} href="/sessions">
          Clear filters
        </Link>
      ) : null}
      <Link
        className={buttonClass({ size: 'small' })}
        href={`/sessions${sessionsSearch({ filter: view.filter, range: rangeOf('30d', now) })}`}
      >
        Last 30 days
      </Link>
    </div>
  );
}
