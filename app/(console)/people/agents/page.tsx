import type { Metadata } from 'next';
import Link from 'next/link';
import '@/components/inventory/inventory.css';
import '@/components/people/behind.css';
import { Problems } from '@/components/inventory/query-bar';
import { BehindFilters } from '@/components/people/behind-filters';
import { BehindPanel } from '@/components/people/behind-panel';
import { BehindTable } from '@/components/people/behind-table';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { NoPermission } from '@/components/ui/no-permission';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { type Params, shorten, unregistered } from '@/lib/inventory/address';
import { counted } from '@/lib/inventory/labels';
import { listIdentityNames } from '@/lib/inventory/queries';
import {
  type BehindView,
  behindHref,
  formatBehindCursor,
  isNarrowed,
  pageOf,
  parseBehindView,
  shownParts,
} from '@/lib/people/behind/address';
import { shownLabels, sortLabels } from '@/lib/people/behind/labels';
import {
  type BehindPage,
  findPersonBehind,
  hasPeopleBehind,
  listPeopleBehind,
} from '@/lib/people/behind/queries';
import { can } from '@/lib/people/permissions';
import { expectPerson, reopenPerson } from './actions';

export const metadata: Metadata = { title: 'Behind agents' };

export default async function BehindAgentsPage({
  searchParams,
}: {
  searchParams: Promise<Params>;
}) {
  const { scope, person } = await requirePerson();
  const head = <PageHead title="Behind agents" meta="For whom agents act, and how that is known" />;
  if (!can(person, 'people.read')) {
    return (
      <>
        {head}
        <NoPermission permission="people.read" />
      </>
    );
  }
  const now = systemClock();
  const view = parseBehindView(await searchParams);
  const [page, opened, identities] = await Promise.all([
    listPeopleBehind(scope, view),
    view.person === null ? null : findPersonBehind(scope, view.person),
    listIdentityNames(scope),
  ]);
  if (page.people.length === 0 && !(await hasPeopleBehind(scope))) {
    return (
      <>
        {head}
        <Problems problems={view.problems} />
        <Empty
          title="No agent has named anybody"
          action={
            <Link className={buttonClass({ variant: 'primary' })} href="/connect">
              Connect an agent
            </Link>
          }
        >
          People appear here when an agent names the e-mail address of whom it acts for, as coding
          agents do with user.email.
        </Empty>
      </>
    );
  }
  const hrefOf = (id: string | null) => behindHref({ ...view, page: pageOf(view), person: id });
  const problems = [
    ...view.problems,
    ...(view.person !== null && opened === null
      ? ['Nobody with that id is behind an agent that you see.']
      : []),
    ...unknownAgent(view.filter.identity, identities),
  ];
  return (
    <>
      {head}
      <div className="toolbar behind-bar">
        <nav className="seg" aria-label="People shown">
          {shownParts.map((show) => (
            <Link
              key={show}
              href={behindHref({ filter: { ...view.filter, show }, sort: view.sort })}
              prefetch={false}
              aria-current={show === view.filter.show ? 'true' : undefined}
            >
              {shownLabels[show]}
            </Link>
          ))}
        </nav>
        <BehindFilters key={behindHref(view)} view={view} identities={identities} />
      </div>
      <Problems problems={problems} />
      <div className={opened === null ? 'split fit' : 'split fit has-panel'}>
        <div className="body">
          <BehindTable
            people={page.people}
            sort={view.sort}
            chosen={view.person}
            hrefOf={hrefOf}
            sortHref={(sort) => behindHref({ filter: view.filter, sort })}
            now={now}
            empty={<NoMatch view={view} isTooMuch={page.isTooMuch} />}
          />
          <PageSteps page={page} view={view} />
        </div>
        {opened === null ? null : (
          <BehindPanel
            {...opened}
            actions={
              can(person, 'findings.decide') ? { expect: expectPerson, reopen: reopenPerson } : null
            }
            href={hrefOf(opened.person.id)}
            closeHref={hrefOf(null)}
            now={now}
          />
        )}
      </div>
    </>
  );
}

/** A name that nobody is registered under matches nothing, and it is said why. */
function unknownAgent(asked: string | null, identities: ReadonlyMap<string, string>): string[] {
  const isKnown =
    asked === null ||
    asked === unregistered ||
    identities.has(asked) ||
    [...identities.values()].includes(asked);
  return isKnown ? [] : [`No identity is called ${shorten(asked)}, so nothing matches it.`];
}

function PageSteps({ page, view }: { page: BehindPage; view: BehindView }) {
  const first = page.people[0];
  const last = page.people.at(-1);
  const href = (to?: { before: string } | { after: string }) =>
    behindHref({ filter: view.filter, sort: view.sort, ...(to === undefined ? {} : { page: to }) });
  return (
    <Pager
      order={view.sort === 'last' ? 'time' : 'other'}
      back={
        page.hasPrevious
          ? {
              href:
                first === undefined
                  ? href()
                  : href({ after: formatBehindCursor(view.sort, first) }),
            }
          : { unavailable: 'This is the first page' }
      }
      on={
        page.hasNext && last !== undefined
          ? { href: href({ before: formatBehindCursor(view.sort, last) }) }
          : { unavailable: 'This is the last page' }
      }
    >
      {counted(page.people.length, 'person', 'people')}, {sortLabels[view.sort]}
    </Pager>
  );
}

function NoMatch({ view, isTooMuch }: { view: BehindView; isTooMuch: boolean }) {
  return (
    <div className="no-match">
      <p>
        {isTooMuch
          ? 'Too much would have to be read to tell. Name an agent, or whom you look for.'
          : view.filter.show === 'not_shown' &&
              view.filter.who === null &&
              view.filter.identity === null
            ? 'Nobody acts through agents without a second factor shown, or it is expected.'
            : view.filter.who === null
              ? 'Nobody matches.'
              : 'Nobody is called that. It is compared in full, with its capital letters.'}
      </p>
      {isNarrowed(view.filter) ? (
        <Link className={buttonClass({ size: 'small' })} href="/people/agents">
          Clear filters
        </Link>
      ) : null}
    </div>
  );
}
