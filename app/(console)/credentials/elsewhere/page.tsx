import type { Metadata } from 'next';
import { CredentialTabs } from '@/components/credentials/credential-tabs';
import { AddForeignSecret } from '@/components/credentials/foreign-secret-form';
import { ForeignSecretTable } from '@/components/credentials/foreign-secret-table';
import '@/components/credentials/credentials.css';
import '@/components/settings/settings.css';
import { Callout } from '@/components/ui/callout';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import {
  countOverdueSecrets,
  foreignSecretsMax,
  listForeignSecrets,
} from '@/lib/identities/foreign-secrets/queries';
import { listAssignable } from '@/lib/people/members/queries';
import { can } from '@/lib/people/permissions';
import { changeSecret, noteRotated, noteSecret, removeSecret } from './actions';

export const metadata: Metadata = { title: 'Secrets used elsewhere' };

export default async function ElsewherePage({
  searchParams,
}: {
  searchParams: Promise<{ secret?: string | string[] }>;
}) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const mayWrite = can(person, 'registry.write');
  const [{ secret }, secrets, overdue, people] = await Promise.all([
    searchParams,
    listForeignSecrets(scope, { now }),
    countOverdueSecrets(scope, now),
    mayWrite ? listAssignable(scope) : [],
  ]);
  return (
    <>
      <PageHead
        title="Secrets used elsewhere"
        meta="By who gave them and their fingerprint, never by value"
        actions={mayWrite ? <AddForeignSecret people={people} add={noteSecret} /> : undefined}
      />
      <CredentialTabs />
      {overdue === 0 ? null : (
        <div className="sec">
          <Callout tone="review">
            {overdue === 1
              ? '1 secret is overdue: rotate it where it was given, then note it here.'
              : `${overdue} secrets are overdue: rotate them where they were given, then note it here.`}
          </Callout>
        </div>
      )}
      <ForeignSecretTable
        secrets={secrets}
        chosen={typeof secret === 'string' ? secret : null}
        people={people}
        actions={
          mayWrite ? { change: changeSecret, rotate: noteRotated, remove: removeSecret } : null
        }
        now={now}
        none="No secret is noted. What an agent gets from a provider, a vendor or a database is used elsewhere, and nobody here would know when it is old."
      />
      {secrets.length === foreignSecretsMax ? (
        <p className="sec s12 t2">The first {foreignSecretsMax} that are due are shown.</p>
      ) : null}
    </>
  );
}
