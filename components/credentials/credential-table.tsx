import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { State } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import {
  credentialKindLabels,
  credentialStateLabels,
  proofClassLabels,
} from '@/lib/identities/credentials/labels';
import type { ListedCredential } from '@/lib/identities/credentials/listed';
import { classOf } from '@/lib/identities/credentials/schema';
import { shownWords } from '@/lib/identities/credentials/shown-words';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import './credentials.css';
import { EndsWords } from './ends-words';
import { LifeBar } from './life-bar';

const soonMs = 7 * 86_400_000;

/** Credentials with what they show, how long they live on, and from where they were used last. */
export function CredentialTable({
  credentials,
  chosen = null,
  hrefOf,
  identityHref = null,
  now,
  none,
}: {
  credentials: readonly ListedCredential[];
  /** Id of the one whose panel is open. */
  chosen?: string | null;
  /** Where a row leads: to the panel of its credential. */
  hrefOf: (id: string) => string;
  /** Where the page of an identity is; null leaves the column out, on that page itself. */
  identityHref?: ((id: string) => string) | null;
  now: Date;
  /** What to say where there is none. */
  none: React.ReactNode;
}) {
  const hasIdentity = identityHref !== null;
  return (
    <Table
      caption="Credentials"
      rows="entity"
      stickyFirst
      head={<Head hasIdentity={hasIdentity} />}
    >
      {credentials.map((each) => (
        <Row
          key={each.id}
          credential={each}
          isChosen={each.id === chosen}
          href={hrefOf(each.id)}
          identityHref={identityHref}
          now={now}
        />
      ))}
      {credentials.length === 0 ? <NoRows columns={hasIdentity ? 9 : 8}>{none}</NoRows> : null}
    </Table>
  );
}

function Head({ hasIdentity }: { hasIdentity: boolean }) {
  return (
    <>
      <th scope="col">Credential</th>
      {hasIdentity ? <th scope="col">Identity</th> : null}
      <th scope="col" className="p3">
        Class
      </th>
      <th scope="col" className="p3">
        Shows
      </th>
      <th scope="col" className="p4 num">
        Made
      </th>
      <th scope="col" className="p3">
        Life
      </th>
      <th scope="col">Ends</th>
      <th scope="col" className="p2">
        Last used
      </th>
      <th scope="col">State</th>
    </>
  );
}

function Row({
  credential,
  isChosen,
  href,
  identityHref,
  now,
}: {
  credential: ListedCredential;
  isChosen: boolean;
  href: string;
  identityHref: ((id: string) => string) | null;
  now: Date;
}) {
  const { id, identity, kind, name, shows, createdAt, expiresAt, revokedAt, state } = credential;
  const endsAt = revokedAt !== null && revokedAt < expiresAt ? revokedAt : expiresAt;
  const isSoon = state === 'active' && expiresAt.getTime() - now.getTime() < soonMs;
  const { word, tone } = credentialStateLabels[state];
  return (
    <tr data-id={id} aria-selected={isChosen}>
      <th scope="row" className="cut" title={visibleText(name)}>
        <Link className="plain" href={href} scroll={false} prefetch={false}>
          {credentialKindLabels[kind].word}
          {name === '' ? null : (
            <span className="t2">
              {' '}
              <Visible text={name} oneLine />
            </span>
          )}
        </Link>
      </th>
      {identityHref === null ? null : (
        <td className="cut" title={identity.name}>
          <Link className="plain" href={identityHref(identity.id)} prefetch={false}>
            <Visible text={identity.name} oneLine />
          </Link>
        </td>
      )}
      <td className="p3 t2" title={proofClassLabels[classOf[kind]].says}>
        {proofClassLabels[classOf[kind]].word}
      </td>
      <td className="p3 mono s12 t2 credential-shows" title={visibleText(shows)}>
        <Visible text={shownWords(credential)} oneLine />
      </td>
      <td className="p4 num t2" title={utcTime(createdAt)}>
        {relativeTime(createdAt, now)}
      </td>
      <td className="p3">
        <LifeBar createdAt={createdAt} endsAt={endsAt} now={now} isSoon={isSoon} />
      </td>
      <td className={isSoon ? 'tone-high' : 't2'} title={utcTime(endsAt)}>
        <EndsWords credential={credential} now={now} />
      </td>
      <td className="p2 t2 cut" title={usedTitle(credential)}>
        <Used credential={credential} now={now} />
      </td>
      <td>
        <State tone={tone}>{word}</State>
      </td>
    </tr>
  );
}

const usedTitle = ({ lastUsedAt, lastNetwork }: ListedCredential): string | undefined =>
  lastUsedAt === null
    ? undefined
    : `${utcTime(lastUsedAt)}${lastNetwork === null ? '' : ` from ${visibleText(lastNetwork)}`}`;

function Used({ credential, now }: { credential: ListedCredential; now: Date }) {
  const { lastUsedAt, lastNetwork } = credential;
  if (lastUsedAt === null) return <span className="t3">never</span>;
  return (
    <>
      {relativeTime(lastUsedAt, now)}
      {lastNetwork === null ? null : (
        <span className="t3">
          {' '}
          from <Visible text={lastNetwork} oneLine />
        </span>
      )}
    </>
  );
}
