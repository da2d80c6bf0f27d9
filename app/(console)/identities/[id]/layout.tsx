import type { ReactNode } from 'react';
import '@/components/inventory/inventory.css';
import '@/components/identities/identities.css';
import { IdentityActions } from '@/components/identities/identity-actions';
import { IdentityStateWord } from '@/components/identities/identity-state';
import { IdentityTabs } from '@/components/identities/identity-tabs';
import { Stopped } from '@/components/identities/stopped';
import { CopyButton } from '@/components/ui/copy-button';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { thousands } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { decommission, resume, suspend } from '../actions';
import { readFindings, readIdentity, readStateBy } from './read';

export default async function IdentityLayout({
  params,
  children,
}: {
  params: Promise<{ id: string }>;
  children: ReactNode;
}) {
  const { person } = await requirePerson();
  const { id } = await params;
  const [identity, findings, stateBy] = await Promise.all([
    readIdentity(id),
    readFindings(id),
    readStateBy(id),
  ]);
  const mayWrite = can(person, 'registry.write');
  return (
    <>
      <PageHead
        title={visibleText(identity.name)}
        state={
          <>
            <IdentityStateWord state={identity.state} />
            <span className="id hide-s">{id}</span>
            <CopyButton value={id} label="Copy identity id" />
          </>
        }
        actions={
          <IdentityActions
            identity={identity}
            suspend={can(person, 'registry.stop') ? suspend : null}
            resume={mayWrite ? resume : null}
            decommission={mayWrite ? decommission : null}
          />
        }
      />
      <IdentityTabs
        id={id}
        tabs={[
          { part: '', name: 'Summary' },
          {
            part: 'credentials',
            name: 'Credentials',
            count: thousands(identity.counts.credentials),
          },
          { part: 'activity', name: 'Activity' },
          { part: 'access', name: 'Access' },
          identity.kind === 'external_api'
            ? { part: 'origin', name: 'Origin' }
            : { part: 'posture', name: 'Posture' },
          { part: 'findings', name: 'Findings', count: thousands(findings.length) },
          { part: 'changes', name: 'Changes', count: thousands(identity.counts.versions) },
        ]}
      />
      <Stopped identity={identity} by={stateBy} now={systemClock()} />
      {children}
    </>
  );
}
