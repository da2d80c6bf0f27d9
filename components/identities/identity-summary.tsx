import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Tag } from '@/components/ui/badge';
import { Icon } from '@/components/ui/icon';
import { KeyValue } from '@/components/ui/key-value';
import { assuranceOf } from '@/lib/identities/credentials/assurance';
import type { ProofClass } from '@/lib/identities/credentials/schema';
import { identityKindLabels, trustLabels } from '@/lib/identities/labels';
import { emptyRegistryFilter, identitiesHref } from '@/lib/identities/registry/address';
import type { IdentityDetail, Named } from '@/lib/identities/registry/schema';
import type { TrustLevel } from '@/lib/identities/trust/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** What is known of an identity, how far it is trusted and what it can show. */
export function IdentitySummary({
  identity,
  next,
  missing,
  now,
}: {
  identity: IdentityDetail;
  /** The next level of trust, and what it takes to it, in sentences. */
  next: TrustLevel | null;
  missing: readonly string[];
  now: Date;
}) {
  const since = identity.trustAt ?? identity.createdAt;
  return (
    <aside className="idn-facts" aria-label="Facts">
      <KeyValue lined rows={rowsOf(identity, now)} />
      <h2>Trust</h2>
      <p className="t2 s12">
        <b>{trustLabels[identity.trust].word}</b>{' '}
        <span title={utcTime(since)}>
          since {since.toISOString().slice(0, 10)}, {relativeTime(since, now)}
        </span>
        . {trustLabels[identity.trust].sentence}
      </p>
      {next === null || missing.length === 0 ? null : (
        <>
          <p className="s12 t3">{`To ${trustLabels[next].word}:`}</p>
          <ul className="idn-list s12 t2">
            {missing.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
      <AssuranceLadder classes={identity.credentials.classes} />
    </aside>
  );
}

function rowsOf(identity: IdentityDetail, now: Date) {
  const { owner, sponsor, team, zone, purpose, tags, names } = identity;
  return [
    ['Kind', identityKindLabels[identity.kind].word],
    ['Purpose', purpose === '' ? <Lacking key="purpose">not said</Lacking> : text(purpose)],
    ['Owner', personOf(owner)],
    ['Sponsor', personOf(sponsor)],
    ['Team', team === null ? <Lacking key="team">none</Lacking> : filterLink('team', team)],
    [
      'Zone',
      zone === null ? (
        <Lacking key="zone">none</Lacking>
      ) : (
        <>
          {filterLink('zone', zone)} <span className="t3">{zone.environment}</span>
        </>
      ),
    ],
    ['Further names', names.length === 0 ? null : text(names.join(', '))],
    [
      'Tags',
      tags.length === 0 ? null : (
        <span key="tags" className="idn-chips">
          {tags.map((tag) => (
            <Tag key={tag}>
              <Visible text={tag} oneLine />
            </Tag>
          ))}
        </span>
      ),
    ],
    [
      identity.state === 'proposed' ? 'Proposed' : 'Registered',
      <span key="registered" title={utcTime(identity.createdAt)}>
        {relativeTime(identity.createdAt, now)}
      </span>,
    ],
    [
      'Last seen',
      identity.lastSeenAt === null ? (
        <Lacking key="seen">never</Lacking>
      ) : (
        <span key="seen" title={utcTime(identity.lastSeenAt)}>
          {relativeTime(identity.lastSeenAt, now)}
        </span>
      ),
    ],
  ] as const satisfies (readonly [string, ReactNode])[];
}

const text = (words: string) => <Visible text={words} />;
const Lacking = ({ children }: { children: ReactNode }) => <span className="t3">{children}</span>;

function personOf(person: IdentityDetail['owner']) {
  if (person === null) return <span className="tone-review">nobody</span>;
  return (
    <>
      <Visible text={person.name} oneLine />
      {person.isGone ? <span className="tone-review">, who has left</span> : null}
    </>
  );
}

const filterLink = (field: 'team' | 'zone', { id, name }: Named) => (
  <Link
    href={identitiesHref({ filter: { ...emptyRegistryFilter(), [field]: [id] } })}
    prefetch={false}
  >
    <Visible text={name} oneLine />
  </Link>
);

const classWords: Record<ProofClass, string> = {
  held: 'a key that it holds',
  vouched: 'a platform or issuer that vouches for it',
  placed: 'a listed network that it comes from',
  bearer: 'a bearer secret',
};

/** The three levels, which of them it reaches by what, and what the next one takes. */
function AssuranceLadder({ classes }: { classes: readonly ProofClass[] }) {
  const { level, classes: held, lacks } = assuranceOf(classes);
  const words = held.map((each) => classWords[each]).join(', ');
  const proofs = held.filter((each) => each !== 'bearer').map((each) => classWords[each]);
  const steps = [
    ['One proof', level >= 1 ? words : lacks],
    ['Proofs of two classes', level >= 2 ? proofs.join(' and ') : level === 1 ? lacks : ''],
    ['A person’s yes to the exact call', 'asked for one call at a time'],
  ] as const;
  return (
    <>
      <h2>Assurance {level} of 3</h2>
      <ol className="idn-ladder">
        {steps.map(([word, by], index) => (
          <li key={word} className={index < level ? 'done' : undefined}>
            <span className="pip">
              {index < level ? <Icon name="check" size={12} /> : index + 1}
            </span>
            <span>
              <b>{word}</b>
              <span className="vh">{index < level ? ', reached' : ', not reached'}</span>
              <br />
              <span className="t3">{by}</span>
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
