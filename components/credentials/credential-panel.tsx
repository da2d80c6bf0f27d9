import Link from 'next/link';
import type { ReactNode } from 'react';
import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { State, Tag } from '@/components/ui/badge';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { KeyValue } from '@/components/ui/key-value';
import {
  certificateMatchLabels,
  credentialKindLabels,
  credentialStateLabels,
  proofClassLabels,
} from '@/lib/identities/credentials/labels';
import type { CredentialDetail } from '@/lib/identities/credentials/listed';
import {
  CertificateRule,
  type CredentialAction,
  classOf,
  FederatedRule,
  PublicKeyRule,
} from '@/lib/identities/credentials/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import './credentials.css';
import { EndsWords } from './ends-words';
import { RevokeCredential } from './revoke-credential';
import { RotateCredential } from './rotate-credential';

/** One credential: what it proves, from where it was used, and what may be done with it. */
export function CredentialPanel({
  credential,
  href,
  closeHref,
  hrefOf,
  identityHref,
  rotate,
  revoke,
  hasAudit,
  now,
}: {
  credential: CredentialDetail;
  href: string;
  closeHref: string;
  /** Where the panel of another credential is. */
  hrefOf: (id: string) => string;
  /** Where the page of its identity is; null on that page itself. */
  identityHref: ((id: string) => string) | null;
  /** Null for whoever may not. */
  rotate: CredentialAction | null;
  revoke: SettingsAction | null;
  hasAudit: boolean;
  now: Date;
}) {
  const { id, kind, identity, state, expiresAt } = credential;
  const { word, proves } = credentialKindLabels[kind];
  const isLive = credential.revokedAt === null && expiresAt > now;
  const mayRotate = isLive && credential.successor === null && identity.state === 'active';
  return (
    <SidePanel href={href} icon="key" title={word} closeHref={closeHref}>
      <div className="sec stack-3">
        <Warnings credential={credential} />
        <p className="t2 s12">{proves}</p>
        <KeyValue rows={rowsOf(credential, { hrefOf, identityHref, now })} />
        {hasAudit ? (
          <p className="s12">
            <Link href={`/audit?subject=${id}`} prefetch={false}>
              What was done with this credential
            </Link>
          </p>
        ) : null}
      </div>
      <Rule credential={credential} />
      <Uses credential={credential} now={now} />
      {isLive && (rotate !== null || revoke !== null) ? (
        <section className="sec stack-3" aria-labelledby="credential-acts">
          <h3 id="credential-acts">What may be done</h3>
          <div className="row wrap">
            {rotate !== null && mayRotate && state !== 'unbelieved' ? (
              <RotateCredential credential={{ id, kind }} rotate={rotate} />
            ) : null}
            {revoke === null ? null : (
              <RevokeCredential credential={credential} revoke={revoke} now={now} />
            )}
          </div>
          {credential.successor === null ? null : (
            <p className="s12 t3">It has a successor, so it is not rotated again.</p>
          )}
        </section>
      ) : null}
    </SidePanel>
  );
}

function Warnings({ credential }: { credential: CredentialDetail }) {
  const { state, identity, by, revokedReason } = credential;
  return (
    <>
      {state === 'unbelieved' ? (
        <Callout tone="critical">
          {by?.name ?? 'Whoever vouches for it'} is believed no more, so it proves nothing.
        </Callout>
      ) : null}
      {state === 'revoked' && revokedReason !== null ? (
        <Callout>
          Revoked: <Visible text={revokedReason} oneLine />
        </Callout>
      ) : null}
      {identity.state === 'active' ? null : (
        <Callout tone="review">
          Its identity is {identity.state}, so it is refused all the same.
        </Callout>
      )}
      {credential.uses.some(({ isNew }) => isNew) && state !== 'revoked' && state !== 'expired' ? (
        <Callout tone="review">
          It was used from a new network within the last 7 days. If nobody moved it, revoke it.
        </Callout>
      ) : null}
    </>
  );
}

function rowsOf(
  credential: CredentialDetail,
  {
    hrefOf,
    identityHref,
    now,
  }: Pick<Parameters<typeof CredentialPanel>[0], 'hrefOf' | 'identityHref' | 'now'>,
): (readonly [string, ReactNode])[] {
  const { identity, kind, name, by, state, successor, replaces, lastUsedAt } = credential;
  const { word, tone } = credentialStateLabels[state];
  const proof = proofClassLabels[classOf[kind]];
  return [
    [
      'State',
      <State key="state" tone={tone}>
        {word}
      </State>,
    ],
    [
      'Identity',
      identityHref === null ? (
        <Visible key="identity" text={identity.name} oneLine />
      ) : (
        <Link key="identity" href={identityHref(identity.id)} prefetch={false}>
          <Visible text={identity.name} oneLine />
        </Link>
      ),
    ],
    ['Name', name === '' ? null : <Visible key="name" text={name} oneLine />],
    ['Class', `${proof.word}: ${proof.says.toLowerCase()}`],
    [
      'Shows',
      kind === 'placement' || kind === 'federated' ? null : (
        <span key="shows" className="mono">
          <Visible text={credential.shows} oneLine />
        </span>
      ),
    ],
    [by?.what === 'network' ? 'Network' : 'Vouched by', by === null ? null : by.name],
    ['Made', utcTime(credential.createdAt)],
    [
      'Ends',
      <span key="ends">
        {utcTime(credential.revokedAt ?? credential.expiresAt)},{' '}
        <EndsWords credential={credential} now={now} />
      </span>,
    ],
    ['Last used', lastUsedAt === null ? 'Never' : utcTime(lastUsedAt)],
    ['Successor', successor === null ? null : <Panel key="s" href={hrefOf(successor)} />],
    ['Took over from', replaces === null ? null : <Panel key="r" href={hrefOf(replaces)} />],
    [
      'Id',
      <span key="id">
        <span className="id">{credential.id}</span>
        <CopyButton value={credential.id} label="Copy credential id" />
      </span>,
    ],
  ];
}

const Panel = ({ href }: { href: string }) => (
  <Link href={href} scroll={false} prefetch={false}>
    Show it
  </Link>
);

function Rule({ credential: { kind, rule } }: { credential: CredentialDetail }) {
  const shown = wordsOf(kind, rule);
  if (shown === null) return null;
  return (
    <section className="sec stack-3" aria-labelledby="credential-rule">
      <h3 id="credential-rule">What it must show</h3>
      {typeof shown === 'string' ? (
        <pre className="credential-rule">{shown}</pre>
      ) : (
        <KeyValue rows={shown} />
      )}
    </section>
  );
}

function wordsOf(
  kind: CredentialDetail['kind'],
  rule: unknown,
): string | (readonly [string, ReactNode])[] | null {
  if (kind === 'federated') {
    const { audience, claims } = FederatedRule.parse(rule);
    return [
      ['audience', <Visible key="audience" text={audience} oneLine />],
      ...claims.map(
        ({ name, values }) =>
          [name, <Visible key={name} text={values.join(' or ')} oneLine />] as const,
      ),
    ];
  }
  if (kind === 'certificate') {
    const { match, value } = CertificateRule.parse(rule);
    return [[certificateMatchLabels[match], <Visible key="value" text={value} oneLine />]];
  }
  if (kind === 'public_key') return JSON.stringify(PublicKeyRule.parse(rule).jwk, null, 2);
  return null;
}

function Uses({ credential: { uses }, now }: { credential: CredentialDetail; now: Date }) {
  return (
    <section className="sec stack-3" aria-labelledby="credential-uses">
      <h3 id="credential-uses">Used from</h3>
      {uses.length === 0 ? <p className="t3 s12">Nowhere that was noted.</p> : null}
      <ul className="credential-uses s12">
        {uses.map(({ network, firstAt, lastAt, isNew }) => (
          <li key={network}>
            <span>
              <Visible text={network} oneLine /> {isNew ? <Tag tone="risk">New</Tag> : null}
            </span>
            <span className="t2" title={utcTime(lastAt)}>
              {relativeTime(lastAt, now)}
            </span>
            <span className="t3" title={utcTime(firstAt)}>
              first {relativeTime(firstAt, now)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
