import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import '@/components/enrolment/enrolment.css';
import '@/components/inventory/inventory.css';
import '@/components/settings/settings.css';
import { AcceptForm } from '@/components/enrolment/accept-form';
import { EnrolmentFacts } from '@/components/enrolment/enrolment-facts';
import { RefuseForm } from '@/components/enrolment/refuse-form';
import { LookAlikes } from '@/components/enrolment/spelled-name';
import { Thumbprint } from '@/components/enrolment/thumbprint';
import { State } from '@/components/ui/badge';
import { PageHead } from '@/components/ui/page-head';
import type { ReadScope } from '@/lib/auth/scope';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { enrolmentStateLabels } from '@/lib/identities/enrolment/labels';
import { nearNames } from '@/lib/identities/enrolment/near-names';
import { findEnrolment, listNamesInUse } from '@/lib/identities/enrolment/queries';
import type { Enrolment } from '@/lib/identities/enrolment/schema';
import { visibleText } from '@/lib/inventory/visible';
import { listAssignable } from '@/lib/people/members/queries';
import { can, refusalOf } from '@/lib/people/permissions';
import { listTeamNames } from '@/lib/people/teams/queries';
import { listZones } from '@/lib/zones/queries';
import { accept, refuse } from './actions';

export const metadata: Metadata = { title: 'A workload that asks' };

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export default async function ProposedWorkloadPage({
  params,
}: {
  params: Promise<{ id: string }>;
}) {
  const { scope, person } = await requirePerson();
  const { id } = await params;
  const now = systemClock();
  const found = guid.test(id) ? await findEnrolment(scope, id, now) : null;
  if (found === null) notFound();
  const { word, tone } = enrolmentStateLabels[found.state];
  const isOpen = found.state === 'open';
  const near = isOpen ? nearNames(found.name, await listNamesInUse(scope)) : [];
  return (
    <>
      <PageHead
        title={visibleText(found.name)}
        meta="A workload that asks to be registered"
        state={<State tone={tone}>{word}</State>}
      />
      <section className="sec stack-3" aria-labelledby="thumbprint-title">
        <h2 id="thumbprint-title">Thumbprint of its key</h2>
        <Thumbprint value={found.thumbprint} />
        <p className="t2 s12 settings-lead">
          Whoever runs the workload reads it there: it stands in what the workload was answered. If
          one character differs, it is another key.
        </p>
        <LookAlikes near={near} />
        <div className="enrolment-facts">
          <EnrolmentFacts enrolment={found} now={now} />
        </div>
        {found.identity === null ? null : (
          <p>
            <Link href={`/identities/${found.identity.id}`}>
              {visibleText(found.identity.name)}
            </Link>
            <span className="t2"> is the identity that it became.</span>
          </p>
        )}
      </section>
      {isOpen ? (
        <section className="sec">
          {can(person, 'registry.write') ? (
            <Decide found={found} scope={scope} owner={person.id} />
          ) : (
            <p className="t2 s12">{refusalOf('registry.write')}</p>
          )}
        </section>
      ) : null}
    </>
  );
}

async function Decide({
  found,
  scope,
  owner,
}: {
  found: Enrolment;
  scope: ReadScope;
  owner: string;
}) {
  const [people, teams, zones] = await Promise.all([
    listAssignable(scope),
    listTeamNames(scope),
    listZones(scope),
  ]);
  const first = { owner, team: found.team?.id ?? '', zone: found.zone?.id ?? '' };
  return (
    <div className="enrolment-decide">
      <AcceptForm
        id={found.id}
        people={people.map(({ id, name, email }) => ({ id, name, says: email }))}
        places={{
          teams,
          zones: zones.map(({ id, name, environment }) => ({ id, name, says: environment })),
        }}
        first={first}
        accept={accept}
      />
      <RefuseForm id={found.id} refuse={refuse} />
    </div>
  );
}
