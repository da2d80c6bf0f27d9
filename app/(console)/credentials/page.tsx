import type { Metadata } from 'next';
import Link from 'next/link';
import '@/components/inventory/inventory.css';
import { AddCredential } from '@/components/credentials/add-credential';
import { CredentialBoard } from '@/components/credentials/credential-board';
import { CredentialFilters } from '@/components/credentials/credential-filters';
import { CredentialPanel } from '@/components/credentials/credential-panel';
import { CredentialTable } from '@/components/credentials/credential-table';
import { CredentialTabs } from '@/components/credentials/credential-tabs';
import { Problems } from '@/components/inventory/query-bar';
import '@/components/settings/settings.css';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import {
  type CredentialsView,
  credentialsHref,
  parseCredentialsView,
} from '@/lib/identities/credentials/address';
import {
  countCredentialBoard,
  countCredentials,
  findCredential,
  getCredentialChoices,
  listCredentials,
} from '@/lib/identities/credentials/queries';
import { countOverdueSecrets } from '@/lib/identities/foreign-secrets/queries';
import type { Params } from '@/lib/inventory/address';
import { thousands } from '@/lib/inventory/labels';
import { can } from '@/lib/people/permissions';
import { addCredential, revoke, rotate } from './actions';

export const metadata: Metadata = { title: 'Credentials' };

const identityHref = (id: string) => `/identities/${id}/credentials`;

export default async function CredentialsPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const view = parseCredentialsView(await searchParams);
  const { filter, cursor, credential: id } = view;
  const mayWrite = can(person, 'registry.write');
  const [board, { credentials, before, after }, { count, isMore }, chosen, choices, overdue] =
    await Promise.all([
      countCredentialBoard(scope, now),
      listCredentials(scope, { filter, cursor, now }),
      countCredentials(scope, { filter, now }),
      id === null ? null : findCredential(scope, { id, now }),
      mayWrite ? getCredentialChoices(scope) : null,
      countOverdueSecrets(scope, now),
    ]);
  const hrefOf = (credential: string) => credentialsHref({ ...view, credential });
  const closeHref = credentialsHref({ ...view, credential: null });
  const problems = [
    ...view.problems,
    ...(id !== null && chosen === null ? ['There is no credential with that id.'] : []),
  ];
  return (
    <>
      <PageHead
        title="Credentials"
        meta="What identities prove themselves with, and how long"
        actions={
          choices === null ? undefined : (
            <AddCredential identity={null} choices={choices} add={addCredential} />
          )
        }
      />
      <CredentialTabs />
      <CredentialBoard board={board} overdue={overdue} chosen={filter.needs} />
      <CredentialFilters filter={filter} identityName={credentials[0]?.identity.name ?? null} />
      <Problems problems={problems} />
      <div className={chosen === null ? 'split fit' : 'split fit has-panel'}>
        <div className="body">
          <CredentialTable
            credentials={credentials}
            chosen={id}
            hrefOf={hrefOf}
            identityHref={identityHref}
            now={now}
            none={<None view={view} />}
          />
          <Pager
            order="other"
            back={
              before === null
                ? { unavailable: 'This is the first page.' }
                : { href: credentialsHref({ filter, cursor: before }) }
            }
            on={
              after === null
                ? { unavailable: 'This is the last page.' }
                : { href: credentialsHref({ filter, cursor: after }) }
            }
          >
            {thousands(count)}
            {isMore ? '+' : ''} {count === 1 ? 'credential' : 'credentials'}
          </Pager>
        </div>
        {chosen === null ? null : (
          <CredentialPanel
            key={chosen.id}
            credential={chosen}
            href={hrefOf(chosen.id)}
            closeHref={closeHref}
            hrefOf={hrefOf}
            identityHref={identityHref}
            rotate={mayWrite ? rotate : null}
            revoke={can(person, 'registry.stop') ? revoke : null}
            hasAudit={can(person, 'audit.read')}
            now={now}
          />
        )}
      </div>
    </>
  );
}

function None({ view: { filter } }: { view: CredentialsView }) {
  const { state, needs, kind, class: classes, identity, q } = filter;
  const isFiltered =
    q !== '' || kind.length > 0 || classes.length > 0 || needs !== null || identity !== null;
  if (isFiltered)
    return (
      <>
        No credentials match. <Link href="/credentials">Clear filters</Link>
      </>
    );
  return state === 'live'
    ? 'No credentials yet. An identity gets one where it is registered.'
    : 'None has ended so.';
}
