import type { Metadata } from 'next';
import Link from 'next/link';
import '@/components/inventory/inventory.css';
import '@/components/enrolment/enrolment.css';
import '@/components/identities/identities.css';
import { redirect } from 'next/navigation';
import { CredentialBoard } from '@/components/credentials/credential-board';
import { EnrolmentTable } from '@/components/enrolment/enrolment-table';
import { IdentityQuery } from '@/components/identities/identity-query';
import { IdentityTable } from '@/components/identities/identity-table';
import { KindTabs } from '@/components/identities/kind-tabs';
import { Problems } from '@/components/inventory/query-bar';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { countCredentialBoard } from '@/lib/identities/credentials/queries';
import { listOpenEnrolments } from '@/lib/identities/enrolment/queries';
import {
  type IdentitiesView,
  identitiesHref,
  isNarrowed,
  parseIdentitiesView,
  type SortBy,
} from '@/lib/identities/registry/address';
import { resolveAsked } from '@/lib/identities/registry/asked/queries';
import { countIdentities, listIdentities } from '@/lib/identities/registry/queries';
import type { IdentityPage } from '@/lib/identities/registry/schema';
import type { Params } from '@/lib/inventory/address';
import { countOpenShadow, openMax } from '@/lib/inventory/coverage/shadow/queries';
import { counted, thousands } from '@/lib/inventory/labels';
import { seesAll } from '@/lib/inventory/reach';
import { can } from '@/lib/people/permissions';
import { listTeamNames } from '@/lib/people/teams/queries';
import { listZones } from '@/lib/zones/queries';
import { suspend } from './actions';

export const metadata: Metadata = { title: 'Identities' };

export default async function IdentitiesPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const view = parseIdentitiesView(await searchParams);
  if (view.hasNewTerms) redirect(identitiesHref(view));
  const isProposed = view.filter.state.length === 1 && view.filter.state[0] === 'proposed';
  const [page, counts, board, shadow, asking, teams, zones] = await Promise.all([
    resolveAsked(scope, view.filter, now).then(async ({ filter, problems }) => ({
      ...(await listIdentities(scope, {
        filter,
        sort: { by: view.sort, isDescending: isFalling[view.sort] },
        cursor: view.cursor,
        now,
      })),
      problems,
    })),
    countIdentities(scope),
    countCredentialBoard(scope, now),
    seesAll(scope) ? countOpenShadow(scope) : null,
    listOpenEnrolments(scope, now),
    listTeamNames(scope),
    listZones(scope),
  ]);
  const mayRegister = can(person, 'registry.write');
  const head = (
    <PageHead
      title="Identities"
      meta={`Everything that acts${seesAll(scope) ? '' : ' for your teams'}, and what it proves itself with`}
      actions={mayRegister ? <Actions /> : undefined}
    />
  );
  if (Object.values(counts.state).every((n) => n === 0) && asking.length === 0)
    return (
      <>
        {head}
        <Problems problems={view.problems} />
        <Empty
          title="No identities are registered"
          action={
            mayRegister ? (
              <Link className={buttonClass({ variant: 'primary' })} href="/identities/new">
                Register identity
              </Link>
            ) : undefined
          }
        >
          Register one, or accept one seen in traffic: Coverage lists who acts unregistered.
        </Empty>
      </>
    );
  return (
    <>
      {head}
      <KindTabs
        filter={view.filter}
        counts={counts}
        asking={asking.length}
        shadow={shadow === null ? null : shadow > openMax ? `${openMax}+` : String(shadow)}
      />
      <IdentityQuery view={view} teams={teams} zones={zones} />
      <Problems problems={[...view.problems, ...page.problems]} />
      {isProposed ? <EnrolmentTable enrolments={asking} now={now} /> : null}
      <div className="identities-board">
        <CredentialBoard board={board} />
      </div>
      <div className="split fit">
        <div className="body">
          <IdentityTable
            rows={page.rows}
            sort={view.sort}
            sortHref={sortHrefs(view)}
            nowMs={now.getTime()}
            suspend={can(person, 'registry.stop') ? suspend : null}
            empty={<NoMatch view={view} />}
          />
          <PageSteps page={page} view={view} />
        </div>
      </div>
    </>
  );
}

const isFalling: Record<SortBy, boolean> = {
  name: false,
  seen: true,
  ends: false,
  registered: true,
};

const Actions = () => (
  <>
    <Link className={buttonClass()} href="/identities/import">
      Import
    </Link>
    <Link className={buttonClass({ variant: 'primary' })} href="/identities/new">
      Register identity
    </Link>
  </>
);

const sortHrefs = ({ filter }: IdentitiesView) => ({
  name: identitiesHref({ filter }),
  seen: identitiesHref({ filter, sort: 'seen' }),
  ends: identitiesHref({ filter, sort: 'ends' }),
  registered: identitiesHref({ filter, sort: 'registered' }),
});

function PageSteps({ page, view }: { page: IdentityPage; view: IdentitiesView }) {
  const { filter, sort } = view;
  const to = (place: { before: string } | { after: string }) =>
    identitiesHref({ filter, sort, page: place });
  return (
    <Pager
      order="other"
      back={
        page.before === null
          ? { unavailable: 'This is the first page' }
          : { href: to({ before: page.before }) }
      }
      on={
        page.after === null
          ? { unavailable: 'This is the last page' }
          : { href: to({ after: page.after }) }
      }
    >
      {thousands(page.rows.length)} of {counted(page.total, 'identity', 'identities')}
    </Pager>
  );
}

function NoMatch({ view }: { view: IdentitiesView }) {
  return (
    <div className="no-match">
      <p>No identities match.</p>
      {isNarrowed(view.filter) ? (
        <Link className={buttonClass({ size: 'small' })} href={identitiesHref()}>
          Clear filters
        </Link>
      ) : null}
    </div>
  );
}
