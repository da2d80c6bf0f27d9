import type { Metadata } from 'next';
import { AddCredential } from '@/components/credentials/add-credential';
import { CredentialTable } from '@/components/credentials/credential-table';
import { ForeignSecretTable } from '@/components/credentials/foreign-secret-table';
import '@/components/settings/settings.css';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { credentialsHref, emptyCredentialFilter } from '@/lib/identities/credentials/address';
import { getCredentialChoices, listCredentialsOf } from '@/lib/identities/credentials/queries';
import { listForeignSecrets } from '@/lib/identities/foreign-secrets/queries';
import { visibleText } from '@/lib/inventory/visible';
import { listAssignable } from '@/lib/people/members/queries';
import { can } from '@/lib/people/permissions';
import { addCredential } from '../../../credentials/actions';
import { changeSecret, noteRotated, removeSecret } from '../../../credentials/elsewhere/actions';
import { readIdentity } from '../read';

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Credentials of ${visibleText((await readIdentity((await params).id)).name)}` };
}

export default async function IdentityCredentialsPage({ params }: Props) {
  const { scope, person } = await requirePerson();
  const { id } = await params;
  const now = systemClock();
  const mayWrite = can(person, 'registry.write');
  const [identity, credentials, secrets, people] = await Promise.all([
    readIdentity(id),
    listCredentialsOf(scope, { identity: id, now }),
    listForeignSecrets(scope, { identity: id, now }),
    mayWrite ? listAssignable(scope) : [],
  ]);
  const { state, kind } = identity;
  const mayAdd = mayWrite && state === 'active' && kind !== 'external_api';
  const filter = { ...emptyCredentialFilter(), identity: id, state: 'all' as const };
  return (
    <>
      <section aria-labelledby="credentials">
        <div className="sec-head idn-head">
          <h2 id="credentials">What it proves itself with</h2>
          {mayAdd ? (
            <span className="more">
              <AddCredential
                identity={{ id, name: visibleText(identity.name) }}
                choices={await getCredentialChoices(scope)}
                add={addCredential}
                variant="plain"
              />
            </span>
          ) : null}
        </div>
        <CredentialTable
          credentials={credentials}
          hrefOf={(credential) => credentialsHref({ filter, credential })}
          now={now}
          none={
            kind === 'external_api'
              ? 'An external API proves itself the other way round, and holds none.'
              : 'It has nothing to prove itself with, so nothing that it sends is taken.'
          }
        />
      </section>
      {secrets.length === 0 ? null : (
        <section aria-labelledby="secrets">
          <div className="sec-head idn-head">
            <h2 id="secrets">Secrets it uses elsewhere</h2>
          </div>
          <ForeignSecretTable
            secrets={secrets}
            people={people}
            actions={
              mayWrite ? { change: changeSecret, rotate: noteRotated, remove: removeSecret } : null
            }
            now={now}
            none=""
          />
        </section>
      )}
    </>
  );
}
