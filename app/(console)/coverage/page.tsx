import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ArrivesTable } from '@/components/coverage/arrives-table';
import { Choice } from '@/components/coverage/choice';
import { IdentityPanel } from '@/components/coverage/identity-panel';
import { MeasuredTable } from '@/components/coverage/measured-table';
import { ShadowPanel } from '@/components/coverage/shadow-panel';
import { ShadowTable } from '@/components/coverage/shadow-table';
import { SilentTable } from '@/components/coverage/silent-table';
import { UnownedTable } from '@/components/coverage/unowned-table';
import '@/components/inventory/inventory.css';
import '@/components/coverage/coverage.css';
import '@/components/identities/identities.css';
import { Problems } from '@/components/inventory/query-bar';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Tabs } from '@/components/ui/tabs';
import type { ReadScope } from '@/lib/auth/scope';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import type { Params } from '@/lib/inventory/address';
import { isLacking, isSilent } from '@/lib/inventory/coverage/judge';
import {
  findCoverage,
  identitiesMax,
  listActors,
  listCoverage,
  listJoined,
} from '@/lib/inventory/coverage/queries';
import {
  type CoverageView,
  type CoveredIdentity,
  coverageHref,
  parseCoverageView,
  type ShadowActor,
  shadowStates,
} from '@/lib/inventory/coverage/schema';
import {
  countOpenShadow,
  findShadow,
  listShadow,
  listShadowEntries,
  listShadowReporters,
  openMax,
  shadowMax,
} from '@/lib/inventory/coverage/shadow/queries';
import { countUnowned, listUnowned, unownedMax } from '@/lib/inventory/coverage/unowned/queries';
import { thousands } from '@/lib/inventory/labels';
import { comparedMax, listCompared } from '@/lib/inventory/measured/queries';
import { seesAll } from '@/lib/inventory/reach';
import { can } from '@/lib/people/permissions';
import { readChoices } from '../identities/choices';
import { ignoreActor, registerActor, unignoreActor } from './actions';
import { Owner } from './owner';

export const metadata: Metadata = { title: 'Coverage' };

const shownMax = 200;

export default async function CoveragePage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const view = parseCoverageView(await searchParams);
  const now = systemClock();
  const [identities, open, unowned] = await Promise.all([
    listCoverage(scope, { now }),
    countOpenShadow(scope),
    countUnowned(scope),
  ]);
  const head = <PageHead title="Coverage" meta="What is missing, and who acts unregistered" />;
  if (identities.length === 0 && open === 0) {
    return (
      <>
        {head}
        <Problems problems={view.problems} />
        <Empty
          title="Nothing to cover yet"
          action={
            <Link className={buttonClass({ variant: 'primary' })} href="/connect">
              Connect an agent
            </Link>
          }
        >
          What arrives of each identity appears with its first interaction, and who acts without
          being registered beside it.
        </Empty>
      </>
    );
  }
  const silent = identities.filter((identity) => isSilent(identity, now));
  return (
    <>
      {head}
      <Tabs label="Parts">
        <Tab view={view} to="arrives" count={thousands(identities.length)}>
          What arrives
        </Tab>
        <Tab view={view} to="silent" count={thousands(silent.length)}>
          Silent
        </Tab>
        <Tab view={view} to="measured">
          Measured and counted
        </Tab>
        <Tab view={view} to="unowned" count={thousands(unowned)}>
          Unowned
        </Tab>
        <Tab view={view} to="shadow" count={open > openMax ? `${openMax}+` : String(open)}>
          Shadow activity
        </Tab>
      </Tabs>
      {view.view === 'shadow' ? (
        <Shadow
          scope={scope}
          view={view}
          now={now}
          me={person.id}
          may={{ register: can(person, 'registry.write'), decide: can(person, 'shadow.decide') }}
        />
      ) : (
        <Arrives
          scope={scope}
          view={view}
          now={now}
          identities={identities}
          mayAssign={can(person, 'registry.write')}
          listed={
            view.view === 'silent'
              ? silent
              : identities.filter(
                  (identity) => !view.isLacking || isLacking(identity.kind, identity),
                )
          }
        />
      )}
    </>
  );
}

function Tab({
  view,
  to,
  count,
  children,
}: {
  view: CoverageView;
  to: CoverageView['view'];
  count?: string;
  children: ReactNode;
}) {
  return (
    <Link
      href={coverageHref({ view: to })}
      prefetch={false}
      aria-current={view.view === to ? 'page' : undefined}
    >
      {children}
      {count === undefined ? null : (
        <>
          {' '}
          <span className="n">{count}</span>
        </>
      )}
    </Link>
  );
}

async function Arrives({
  scope,
  view,
  now,
  identities,
  listed,
  mayAssign,
}: {
  scope: ReadScope;
  view: CoverageView;
  now: Date;
  identities: readonly CoveredIdentity[];
  mayAssign: boolean;
  listed: readonly CoveredIdentity[];
}) {
  const chosen =
    view.identity === null
      ? null
      : (identities.find(({ id }) => id === view.identity) ??
        (await findCoverage(scope, { now, id: view.identity })));
  const shown = listed.slice(0, shownMax);
  const ids = shown.map(({ id }) => id);
  const isMeasured = view.view === 'measured';
  const isUnowned = view.view === 'unowned';
  const [joined, actors, compared, comparedOfChosen, unowned] = await Promise.all([
    chosen === null ? [] : listJoined(scope, chosen.id),
    listActors(scope, chosen === null ? ids : [...ids, chosen.id]),
    isMeasured ? listCompared(scope, { now }) : [],
    chosen === null ? [] : listCompared(scope, { now, id: chosen.id }),
    isUnowned ? listUnowned(scope) : [],
  ]);
  const problems =
    view.identity !== null && chosen === null
      ? [...view.problems, 'No identity in use has that id.']
      : view.problems;
  const table = {
    identities: shown,
    chosen: view.identity,
    hrefOf: (id: string) => coverageHref({ ...view, identity: id }),
    now,
  };
  const all = coverageHref({ view: 'arrives' });
  return (
    <>
      <div className="toolbar">
        {view.view === 'silent' ? (
          <span className="t2 s12">Registered, and nothing seen for 24 hours.</span>
        ) : isUnowned ? (
          <span className="t2 s12">
            Registered, and nobody answers for them. Open one to say who does.
          </span>
        ) : isMeasured ? (
          <span className="t2 s12">
            Usage by senders’ own metrics, and by the calls that arrived of them, over the same
            whole hours of the last 7 days.
          </span>
        ) : (
          <>
            <Choice
              label="Identities shown"
              choices={[
                ['All', all, !view.isLacking],
                [
                  'Lacking something',
                  coverageHref({ ...view, isLacking: true, identity: null }),
                  view.isLacking,
                ],
              ]}
            />
            <span className="t3 s12">In the last 7 days. Open an identity for what to set.</span>
          </>
        )}
        <Bound
          isMore={
            isUnowned
              ? unowned.length > unownedMax
              : isMeasured
                ? compared.length > comparedMax
                : listed.length > shownMax || identities.length === identitiesMax
          }
          what={isMeasured ? 'figures by difference' : 'identities by name'}
        />
      </div>
      <Problems problems={problems} />
      <div className={chosen === null ? 'split fit' : 'split fit has-panel'}>
        <div className="body">
          {view.view === 'silent' ? (
            <SilentTable {...table} />
          ) : isUnowned ? (
            <UnownedTable {...table} identities={unowned.slice(0, unownedMax)} />
          ) : isMeasured ? (
            <MeasuredTable
              compared={compared.slice(0, comparedMax)}
              chosen={view.identity}
              hrefOf={table.hrefOf}
              now={now}
            />
          ) : (
            <ArrivesTable {...table} actors={actors} allHref={all} />
          )}
        </div>
        {chosen === null ? null : (
          <IdentityPanel
            identity={chosen}
            actor={actors.get(chosen.id) ?? { kind: 'unknown' }}
            joined={joined}
            compared={comparedOfChosen}
            isMeasured={isMeasured}
            isUnowned={isUnowned}
            owner={<Owner scope={scope} identity={chosen.id} mayAssign={mayAssign} />}
            href={table.hrefOf(chosen.id)}
            closeHref={coverageHref({ ...view, identity: null })}
            now={now}
          />
        )}
      </div>
    </>
  );
}

async function Shadow({
  scope,
  view,
  now,
  me,
  may,
}: {
  scope: ReadScope;
  view: CoverageView;
  now: Date;
  me: string;
  may: { register: boolean; decide: boolean };
}) {
  const { fingerprint, reporter } = view;
  const [actors, actor] = await Promise.all([
    listShadow(scope, view.shadow),
    fingerprint === null ? null : findShadow(scope, { fingerprint, reporter }),
  ]);
  const [reporters, entries, choices] =
    actor === null
      ? [[], [], null]
      : await Promise.all([
          listShadowReporters(scope, actor.fingerprint),
          listShadowEntries(scope, {
            fingerprint: actor.fingerprint,
            reporter: actor.reporter.id,
          }),
          may.register && actor.registered === null ? readChoices(scope) : null,
        ]);
  const hrefOf = (each: ShadowActor) =>
    coverageHref({ ...view, fingerprint: each.fingerprint, reporter: each.reporter.id });
  const problems =
    fingerprint !== null && actor === null
      ? [...view.problems, 'No unregistered actor with that fingerprint was seen.']
      : view.problems;
  return (
    <>
      <div className="toolbar">
        <Choice
          label="Actors shown"
          choices={shadowStates.map((state) => [
            words[state],
            coverageHref({ view: 'shadow', shadow: state }),
            state === view.shadow,
          ])}
        />
        <span className="t3 s12">
          {seesAll(scope)
            ? 'What no registered identity answers for, by what it declares of itself.'
            : 'What no registered identity answers for is of no team: only whoever sees all activity sees it.'}
        </span>
        <Bound isMore={actors.length > shadowMax} what="actors, the newest" />
      </div>
      <Problems problems={problems} />
      <div className={actor === null ? 'split fit' : 'split fit has-panel'}>
        <div className="body">
          <ShadowTable
            actors={actors.slice(0, shadowMax)}
            state={view.shadow}
            chosen={actor}
            hrefOf={hrefOf}
            now={now}
          />
        </div>
        {actor === null ? null : (
          <ShadowPanel
            actor={actor}
            reporters={reporters}
            entries={entries}
            actions={
              may.decide
                ? {
                    register: choices === null ? null : { act: registerActor, choices, me },
                    ignore: ignoreActor,
                    unignore: unignoreActor,
                  }
                : null
            }
            href={hrefOf(actor)}
            closeHref={coverageHref({ ...view, fingerprint: null, reporter: null })}
            now={now}
          />
        )}
      </div>
    </>
  );
}

const words = { open: 'Open', ignored: 'Ignored', registered: 'Registered' } as const;

const Bound = ({ isMore, what }: { isMore: boolean; what: string }) =>
  isMore ? (
    <span className="t2 s12">
      The first {thousands(shownMax)} {what}, are shown; there are more.
    </span>
  ) : null;
