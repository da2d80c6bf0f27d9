import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { KeyValue } from '@/components/ui/key-value';
import type { Expectable } from '@/lib/identities/expected/queries';
import type { IdentityDetail, Named } from '@/lib/identities/registry/schema';

/** Whom an identity may act and report for, and what it is expected to act on. */
export function AccessFacts({
  identity,
  expected,
}: {
  identity: IdentityDetail;
  expected: readonly Expectable[];
}) {
  const { actsFor, reportsFor, reportedBy } = identity;
  return (
    <KeyValue
      rows={[
        ['May act for', whomOf(actsFor)],
        [
          'Reports for',
          reportsFor === 'all'
            ? 'Every identity, by what each item declares'
            : reportsFor.length === 0
              ? null
              : names(reportsFor),
        ],
        [
          'Expected resources',
          expected.length === 0
            ? 'Nothing is said of what it is expected to act on'
            : expected.map(({ id: resource, name }, index) => (
                <span key={resource}>
                  {index === 0 ? '' : ', '}
                  <Link className="mono" href={`/resources/${resource}`} prefetch={false}>
                    <Visible text={name} oneLine />
                  </Link>
                </span>
              )),
        ],
        ['Reported by', reportedBy.length === 0 ? null : names(reportedBy)],
      ]}
    />
  );
}

function whomOf(whom: IdentityDetail['actsFor']): ReactNode {
  if (whom === 'all') return 'Everybody';
  const { people, teams } = whom;
  if (people.length + teams.length === 0) return 'Nobody';
  return (
    <>
      {people.map((each, index) => (
        <span key={each.id}>
          {index === 0 ? '' : ', '}
          <Visible text={each.name} oneLine />
          {each.isGone ? <span className="tone-review"> (has left)</span> : null}
        </span>
      ))}
      {teams.map((each, index) => (
        <span key={each.id}>
          {index + people.length === 0 ? '' : ', '}
          everybody of <Visible text={each.name} oneLine />
        </span>
      ))}
    </>
  );
}

const names = (of: readonly Named[]): ReactNode =>
  of.map(({ id, name }, index) => (
    <span key={id}>
      {index === 0 ? '' : ', '}
      <Link href={`/identities/${id}`} prefetch={false}>
        <Visible text={name} oneLine />
      </Link>
    </span>
  ));
