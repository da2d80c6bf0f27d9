import type { Metadata } from 'next';
import Link from 'next/link';
import { AuditFilters } from '@/components/audit/audit-filters';
import { AuditPanel } from '@/components/audit/audit-panel';
import { AuditTimes } from '@/components/audit/audit-range';
import { AuditTable } from '@/components/audit/audit-table';
import { AuditExportMenu } from '@/components/audit/export-menu';
import '@/components/inventory/inventory.css';
import '@/components/audit/audit.css';
import { Problems } from '@/components/inventory/query-bar';
import { viewerZone } from '@/components/shell/viewer-zone';
import { buttonClass } from '@/components/ui/button';
import { NoPermission } from '@/components/ui/no-permission';
import { PageHead } from '@/components/ui/page-head';
import { Pager, type PagerTarget } from '@/components/ui/pager';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import type { Params } from '@/lib/inventory/address';
import { formatEntryId } from '@/lib/inventory/entry-id';
import { counted } from '@/lib/inventory/labels';
import {
  auditHref,
  auditRangeOf,
  auditSearch,
  isAuditFiltered,
  parseAuditView,
} from '@/lib/people/audit/address';
import {
  type AuditList,
  auditIsOfAll,
  findAuditEntry,
  idsIn,
  idsShown,
  listAudit,
  listAuditNames,
  listAuditPeople,
} from '@/lib/people/audit/queries';
import { can } from '@/lib/people/permissions';

export const metadata: Metadata = { title: 'Audit' };

const title = { title: 'Audit', meta: 'Who did what, when and from where' };

export default async function AuditPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  if (!can(person, 'audit.read') || scope.sees !== 'all')
    return (
      <>
        <PageHead {...title} />
        <NoPermission
          {...(can(person, 'audit.read') ? { says: auditIsOfAll } : { permission: 'audit.read' })}
        />
      </>
    );
  const now = systemClock();
  const view = parseAuditView(await searchParams, now);
  const { filter, range, cursor } = view;
  const [page, people, detail, zone] = await Promise.all([
    listAudit(scope, view),
    listAuditPeople(scope),
    view.entry === null ? null : findAuditEntry(scope, view.entry),
    viewerZone(),
  ]);
  const names = await listAuditNames(scope, [
    ...idsShown(page.rows),
    ...(detail === null ? [] : [...idsIn([detail.entry]), ...idsShown(detail.reads)]),
  ]);
  const place = cursor === null ? null : pageOf(cursor.direction, formatEntryId(cursor.place));
  const hrefOf = (id: string) => auditHref({ filter, range, page: place, entry: id });
  // One of a minute that was read stands in the row of the newest.
  const listed = [view.entry, ...(detail?.reads ?? []).map(({ id }) => id)];
  const chosen = page.rows.find(({ id }) => listed.includes(id))?.id ?? view.entry;
  const closeHref = auditHref({ filter, range, page: place });
  const problems =
    view.entry !== null && detail === null
      ? [...view.problems, 'There is no such entry in the audit.']
      : view.problems;
  return (
    <>
      <PageHead {...title} actions={<AuditExportMenu search={auditSearch({ filter, range })} />} />
      <div className="toolbar">
        <AuditFilters filter={filter} range={range} people={people} />
        <AuditTimes filter={filter} range={range} now={now} zone={zone} />
      </div>
      <Problems problems={problems} />
      <div className={detail === null ? 'split fit' : 'split fit has-panel'}>
        <div className="body">
          {page.isTooMuch ? (
            <TooMuch dayHref={auditHref({ filter, range: auditRangeOf('24h', now) })} />
          ) : (
            <AuditTable
              rows={page.rows}
              names={names}
              chosen={chosen}
              hrefOf={hrefOf}
              none={
                isAuditFiltered(filter)
                  ? 'No entry matches. Clear the filters, or take a longer time.'
                  : 'No entry was written in this time. Take a longer one.'
              }
              now={now}
              zone={zone}
            />
          )}
          <Steps page={page} stepHref={(to) => auditHref({ filter, range, page: to })} />
        </div>
        {detail === null || chosen === null ? null : (
          <AuditPanel
            detail={detail}
            names={names}
            href={hrefOf(chosen)}
            closeHref={closeHref}
            hrefOf={hrefOf}
            now={now}
            zone={zone}
          />
        )}
      </div>
    </>
  );
}

type Place = { before: string } | { after: string };

const pageOf = (direction: 'before' | 'after', id: string): Place =>
  direction === 'before' ? { before: id } : { after: id };

function Steps({
  page: { rows, hasNewer, hasOlder },
  stepHref,
}: {
  page: AuditList;
  stepHref: (to: Place | null) => string;
}) {
  const [first, last] = [rows[0], rows.at(-1)];
  // From a page that turned out empty the way back is the beginning.
  const back: PagerTarget = hasNewer
    ? { href: stepHref(first === undefined ? null : { after: first.id }) }
    : { unavailable: 'These are the newest' };
  const on: PagerTarget = hasOlder
    ? { href: stepHref(last === undefined ? null : { before: last.id }) }
    : { unavailable: 'These are the oldest in this time' };
  return (
    <Pager back={back} on={on}>
      {counted(rows.length, 'row')}, newest first; reading content is one row a minute and person
    </Pager>
  );
}

/** What stands in the list's place when finding its rows would read too much. */
const TooMuch = ({ dayHref }: { dayHref: string }) => (
  <div className="no-match">
    <p>
      This reads more than is answered at once, so it was stopped after two seconds. Take a shorter
      time, or filter by who or what instead.
    </p>
    <Link className={buttonClass({ size: 'small' })} href={dayHref}>
      Last 24 hours
    </Link>
  </div>
);
