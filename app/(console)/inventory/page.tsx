import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { type ReactNode, Suspense } from 'react';
import { ExportButton } from '@/components/inventory/export-dialog';
import { FacetColumn } from '@/components/inventory/facet-column';
import { FacetGroups, valueName } from '@/components/inventory/facet-groups';
import { FirstUse } from '@/components/inventory/first-use';
import '@/components/inventory/inventory.css';
import { PulseBars } from '@/components/inventory/pulse-bars';
import { Problems, QueryBar, SearchNote } from '@/components/inventory/query-bar';
import { InventoryScreen } from '@/components/inventory/screen';
import { TimeRange } from '@/components/inventory/time-range';
import { viewerZone } from '@/components/shell/viewer-zone';
import { buttonClass } from '@/components/ui/button';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { config, gatewayUrl } from '@/lib/core/config';
import {
  type InventoryView,
  isFiltered,
  type Params,
  parseView,
  type Range,
  rangeOf,
  viewSearch,
} from '@/lib/inventory/address';
import {
  curlCommand,
  environmentBlock,
  keyPlaceholder,
} from '@/lib/inventory/connect/first-interaction';
import { listFacets, listPulse } from '@/lib/inventory/counts/queries';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { exportsContentOf } from '@/lib/inventory/export/mutations';
import {
  getInteraction,
  hasInteractions,
  listIdentityNames,
  listInteractions,
  type Page,
  resolveIdentities,
} from '@/lib/inventory/queries';
import { seesAll } from '@/lib/inventory/reach';
import { searchContent } from '@/lib/inventory/search/mutations';
import { can, refusalOf } from '@/lib/people/permissions';
import { askExport, endExport, eraseInteraction } from './actions';

export const metadata: Metadata = { title: 'Inventory' };

export default async function InventoryPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const params = await searchParams;
  const asked = parseView(params, now);
  if (asked.hasNewTerms) redirect(`/inventory${viewSearch({ ...asked })}`);
  const resolved = await resolveIdentities(scope, asked.filter);
  const searched = await searchContent(
    scope,
    { filter: resolved.filter, range: asked.range },
    { now },
  );
  const view = {
    ...asked,
    filter: searched.filter,
    problems: [...asked.problems, ...resolved.problems, ...searched.problems],
  };
  const { filter, range } = view;
  const place = view.interaction === null ? null : parseEntryId(view.interaction);
  const [page, opened, identities, zone] = await Promise.all([
    listInteractions(scope, view),
    place === null ? null : getInteraction(scope, place),
    listIdentityNames(scope),
    viewerZone(),
  ]);
  const title = {
    title: 'Inventory',
    meta: `Every input, output and data exchange${seesAll(scope) ? '' : ' of your teams'}`,
  };
  if (page.rows.length === 0 && !(await hasInteractions(scope))) {
    const target = { gatewayUrl: gatewayUrl(config()), key: keyPlaceholder, service: 'my-agent' };
    return (
      <>
        <PageHead {...title} />
        <FirstUse environment={environmentBlock(target)} curl={curlCommand(target)} />
      </>
    );
  }
  const counts = listFacets(scope, view);
  const pulse = listPulse(scope, view, now);
  // Both are awaited below inside Suspense; a failure there is that part's own.
  counts.catch(() => undefined);
  pulse.catch(() => undefined);
  return (
    <>
      <PageHead
        {...title}
        actions={
          <ExportButton
            // As it was asked for: with a slip in it nothing is exported, instead of more than was meant.
            search={searchOf(params)}
            content={exportsContentOf(scope)}
            refusal={can(person, 'facts.export') ? null : refusalOf('facts.export')}
            ask={askExport}
            stop={endExport}
          />
        }
      />
      <div className="toolbar">
        <QueryBar view={view} nameOfValue={(facet, value) => valueName(facet, value, identities)} />
        <TimeRange filter={filter} range={range} now={now} zone={zone} />
      </div>
      <Problems problems={view.problems} />
      {filter.words === undefined ? null : <SearchNote isOfTeams={scope.content.read !== 'all'} />}
      <InventoryScreen
        key={viewSearch({ filter, range }) + String(view.cursor?.place.position ?? '')}
        rows={page.rows}
        first={
          view.interaction === null || opened === null ? null : { id: view.interaction, opened }
        }
        nowMs={now.getTime()}
        search={pageSearch(view)}
        hasNewer={page.hasNewer}
        hasOlder={page.hasOlder}
        notLive={whyNotLive(page, range)}
        erase={can(person, 'entry.erase') ? eraseInteraction : null}
        facets={
          <FacetColumn>
            <Suspense fallback={<FacetsWait />}>
              <Late of={counts}>
                {(found) =>
                  found === null ? (
                    <p className="facets-wait s11 t3">Too many to count at once.</p>
                  ) : (
                    <FacetGroups
                      counts={found}
                      filter={filter}
                      range={range}
                      identities={identities}
                    />
                  )
                }
              </Late>
            </Suspense>
          </FacetColumn>
        }
        pulse={
          <Suspense fallback={<div className="pulse" />}>
            <Late of={Promise.all([pulse, counts])}>
              {([bars, found]) => (
                <PulseBars pulse={bars} total={found?.total ?? null} filter={filter} zone={zone} />
              )}
            </Late>
          </Suspense>
        }
        empty={page.isTooMuch ? <TooMuch view={view} /> : <NoMatch view={view} />}
      />
    </>
  );
}

async function Late<Value>({
  of,
  children,
}: {
  of: Promise<Value>;
  children: (value: Value) => ReactNode;
}) {
  return children(await of);
}

const FacetsWait = () => (
  <p className="facets-wait">
    <span className="skel" />
  </p>
);

function searchOf(params: Params): string {
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(params))
    for (const value of [values ?? []].flat()) search.append(name, value);
  return search.toString();
}

function whyNotLive({ hasNewer }: Page, { to }: Range): string | null {
  if (to !== null) return 'A time range with an end is not live.';
  return hasNewer ? 'Live is on the newest page.' : null;
}

/** The address of this page of the list, without its question mark and without what is open. */
function pageSearch({ filter, range, cursor }: InventoryView): string {
  const search = new URLSearchParams(viewSearch({ filter, range }));
  if (cursor !== null) {
    const { receivedAt, shard, position } = cursor.place;
    search.set(cursor.direction, `${receivedAt.getTime().toString(36)}-${shard}-${position}`);
  }
  return search.toString();
}

/** What stands in the list's place when finding its rows would read too much. */
function TooMuch({ view }: { view: InventoryView }) {
  const hour = rangeOf('1h', systemClock());
  return (
    <div className="no-match">
      <p>
        This reads more than is answered at once, so it was stopped after two seconds. Narrow the
        time range, or add a rarer word or another term.
      </p>
      <Link
        className={buttonClass({ size: 'small' })}
        href={`/inventory${viewSearch({ filter: view.filter, range: hour })}`}
      >
        Last hour
      </Link>
    </div>
  );
}

function NoMatch({ view }: { view: InventoryView }) {
  return (
    <div className="no-match">
      <p>
        No interactions match{isFiltered(view.filter) ? '' : ' this time range'}.{' '}
        {view.range.preset === '30d' ? '' : 'A longer time range may hold some.'}
      </p>
      {isFiltered(view.filter) || view.range.preset !== '24h' ? (
        <Link className={buttonClass({ size: 'small' })} href="/inventory">
          Clear filters
        </Link>
      ) : null}
      <Link
        className={buttonClass({ size: 'small' })}
        href={`/inventory${viewSearch({ filter: view.filter, range: { ...view.range, preset: '30d', to: null } })}`}
      >
        Last 30 days
      </Link>
    </div>
  );
}
