import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import '@/components/inventory/inventory.css';
import { Problems } from '@/components/inventory/query-bar';
import { KeptOutcome } from '@/components/people/kept-outcome';
import '@/components/people/people.css';
import { buttonClass } from '@/components/ui/button';
import { NoPermission } from '@/components/ui/no-permission';
import { PageHead } from '@/components/ui/page-head';
import { Tabs } from '@/components/ui/tabs';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import type { Params } from '@/lib/inventory/address';
import { type PeopleTab, parsePeopleView, peopleHref } from '@/lib/people/members/address';
import { can } from '@/lib/people/permissions';
import { hasFourEyes, listOpenProposals } from '@/lib/people/proposals/queries';
import { RolesPart, TeamsPart, WaitingPart } from './parts';
import { PeoplePart } from './people-part';

export const metadata: Metadata = { title: 'People' };

export default async function PeoplePage({ searchParams }: { searchParams: Promise<Params> }) {
  const signedIn = await requirePerson();
  const { scope, person } = signedIn;
  if (!can(person, 'people.read'))
    return (
      <>
        <PageHead title="People" />
        <NoPermission permission="people.read" />
      </>
    );
  const now = systemClock();
  const view = parsePeopleView(await searchParams);
  const [proposals, isFourEyes] = await Promise.all([
    listOpenProposals(scope, now),
    hasFourEyes(scope),
  ]);
  const mayWrite = can(person, 'people.write');
  const part = { signedIn, view, now, mayWrite };
  return (
    <KeptOutcome>
      <PageHead
        title="People"
        meta="Who signs in, with which roles and rights"
        actions={
          mayWrite && view.tab === 'people' && view.invitation !== 'new' ? (
            <Link
              className={buttonClass({ variant: 'primary' })}
              href={peopleHref({ ...view, person: null, invitation: 'new' })}
              prefetch={false}
            >
              Invite a person
            </Link>
          ) : undefined
        }
      />
      <Tabs label="Parts">
        <Tab to="people" at={view.tab}>
          People
        </Tab>
        <Tab to="waiting" at={view.tab}>
          Waiting for a second person{' '}
          <span className="n">{proposals.length === 0 ? '' : proposals.length}</span>
        </Tab>
        <Link href="/people/agents" prefetch={false}>
          Behind agents
        </Link>
        <Tab to="teams" at={view.tab}>
          Teams
        </Tab>
        <Tab to="roles" at={view.tab}>
          Roles
        </Tab>
      </Tabs>
      {view.tab === 'people' ? <PeoplePart {...part} /> : <Problems problems={view.problems} />}
      {view.tab === 'waiting' ? <WaitingPart {...part} proposals={proposals} /> : null}
      {view.tab === 'teams' ? <TeamsPart {...part} /> : null}
      {view.tab === 'roles' ? <RolesPart isFourEyes={isFourEyes} mayWrite={mayWrite} /> : null}
    </KeptOutcome>
  );
}

function Tab({ to, at, children }: { to: PeopleTab; at: PeopleTab; children: ReactNode }) {
  return (
    <Link
      href={peopleHref({ tab: to })}
      prefetch={false}
      aria-current={to === at ? 'page' : undefined}
    >
      {children}
    </Link>
  );
}
