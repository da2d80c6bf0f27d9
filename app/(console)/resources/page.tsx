import type { Metadata } from 'next';
import Link from 'next/link';
import '@/components/inventory/inventory.css';
import '@/components/resources/resources.css';
import { Problems } from '@/components/inventory/query-bar';
import { BulkForm } from '@/components/resources/bulk-form';
import { ResourceFilters } from '@/components/resources/resource-filters';
import { ResourceTable } from '@/components/resources/resource-table';
import { buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { Tabs } from '@/components/ui/tabs';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import type { Params } from '@/lib/inventory/address';
import { thousands } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { isNarrowed, parseResourceView, resourcesHref } from '@/lib/resources/address';
import { countUndecided, getUnread } from '@/lib/resources/definitions/queries';
import { listLeftOut, listResources, listTypes } from '@/lib/resources/queries';
import { saveChosen } from './actions';
import { listChoices } from './choices';

export const metadata: Metadata = { title: 'Resources' };

export default async function ResourcesPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const view = parseResourceView(await searchParams);
  const [undecided, unread, types, { rows, next }, choices, leftOut] = await Promise.all([
    countUndecided(scope),
    getUnread(scope),
    listTypes(scope, view),
    listResources(scope, view, now),
    listChoices(scope, person),
    listLeftOut(scope, now),
  ]);
  const mayRegister = can(person, 'registry.write');
  const all = types.reduce((sum, { resources }) => sum + resources, 0);
  const shown = types.filter(
    ({ name, isOwn, resources }) => !isOwn || resources > 0 || name === view.type,
  );
  const hasChoice =
    mayRegister && rows.some(({ state }) => state === 'observed' || state === 'proposed');
  return (
    <>
      <PageHead
        title="Resources"
        meta="What identities act on: models, tools, servers and data"
        actions={
          mayRegister ? (
            <Link
              className={buttonClass({ variant: 'primary' })}
              href="/resources/register"
              prefetch={false}
            >
              Register resource
            </Link>
          ) : undefined
        }
      />
      <Tabs label="Types">
        <Link
          href={resourcesHref({ ...view, type: null, definitions: null, after: null })}
          prefetch={false}
          aria-current={view.type === null && view.definitions === null ? 'page' : undefined}
        >
          All <span className="n">{thousands(all)}</span>
        </Link>
        {shown.map(({ name, label, resources }) => (
          <Link
            key={name}
            href={resourcesHref({ ...view, type: name, definitions: null, after: null })}
            prefetch={false}
            aria-current={view.type === name && view.definitions === null ? 'page' : undefined}
          >
            {visibleText(label)} <span className="n">{thousands(resources)}</span>
          </Link>
        ))}
        <Link
          href={resourcesHref({ definitions: 'unapproved' })}
          prefetch={false}
          aria-current={view.definitions === null ? undefined : 'page'}
        >
          Unapproved definitions{' '}
          <span className="n">
            {undecided.resources === 0 ? '' : thousands(undecided.resources)}
          </span>
        </Link>
      </Tabs>
      <ResourceFilters view={view} choices={choices} />
      <Problems problems={view.problems} />
      {view.definitions === null || unread.digests === 0 ? null : (
        <div className="sec">
          <Callout>
            Of {thousands(unread.digests)} messages with definitions only salted digests are known,
            since content was not kept when they came. What they define cannot be told apart and is
            not listed here.
          </Callout>
        </div>
      )}
      {leftOut.length === 0 ? null : (
        <div className="sec">
          <Callout tone="review">
            More names or definitions than are listed came within an hour, from{' '}
            {leftOut
              .map(({ reporter, names }) => `${visibleText(reporter)} (${thousands(names)})`)
              .join(', ')}
            . A reporter brings 100 new names and 1,000 new definitions an hour at most, 20 of one
            that somebody registered or decided on.
          </Callout>
        </div>
      )}
      <ResourceTable
        rows={rows}
        labels={new Map(types.map(({ name, label }) => [name, label]))}
        now={now}
        hasChoice={hasChoice}
        empty={
          isNarrowed(view) ? (
            <>
              No resource matches.{' '}
              <Link href={resourcesHref({ type: view.type })} prefetch={false}>
                Clear filters
              </Link>
            </>
          ) : (
            'Nothing was acted on yet. Models, tools and data appear here seconds after an agent first uses them.'
          )
        }
      />
      {view.after === null && next === null ? null : (
        <Pager
          order="other"
          back={
            view.after === null
              ? { unavailable: 'This is the first page' }
              : { href: resourcesHref({ ...view, after: null }) }
          }
          on={
            next === null
              ? { unavailable: 'This is the last page' }
              : { href: resourcesHref({ ...view, after: next }) }
          }
        >
          {thousands(rows.length)} of {thousands(all)} resources, by name
        </Pager>
      )}
      {hasChoice ? (
        <section className="sec">
          <BulkForm save={saveChosen} choices={choices} />
        </section>
      ) : null}
    </>
  );
}
