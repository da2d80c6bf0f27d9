import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { TouchedTable } from '@/components/identities/touched-table';
import { Visible } from '@/components/inventory/visible';
import { KeyValue } from '@/components/ui/key-value';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listExpectable } from '@/lib/identities/expected/queries';
import type { IdentityDetail, Named } from '@/lib/identities/registry/schema';
import { thousands } from '@/lib/inventory/labels';
import { touchedMax } from '@/lib/inventory/touched/queries';
import { visibleText } from '@/lib/inventory/visible';
import { readIdentity, readTouched, touchedDays } from '../read';

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Access of ${visibleText((await readIdentity((await params).id)).name)}` };
}

export default async function AccessPage({ params }: Props) {
  const { scope } = await requirePerson();
  const { id } = await params;
  const [identity, { touched, isMore }] = await Promise.all([readIdentity(id), readTouched(id)]);
  const expected =
    identity.expects.length === 0 ? [] : await listExpectable(scope, identity.expects);
  return (
    <>
      <section className="sec" aria-label="Whom it acts and reports for">
        <KeyValue
          rows={[
            ['May act for', actsFor(identity.actsFor)],
            [
              'Reports for',
              identity.reportsFor === 'all'
                ? 'Every identity, by what each item declares'
                : identity.reportsFor.length === 0
                  ? null
                  : names(identity.reportsFor),
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
            ['Reported by', identity.reportedBy.length === 0 ? null : names(identity.reportedBy)],
          ]}
        />
      </section>
      <section aria-labelledby="touched">
        <div className="sec-head idn-head">
          <h2 id="touched">What it acted on</h2>
          <span className="t3 s12">
            in {touchedDays} days
            {isMore ? `, the ${thousands(touchedMax)} used most` : ''}
          </span>
        </div>
        <TouchedTable identity={id} touched={touched} now={systemClock()} />
      </section>
    </>
  );
}

function actsFor(whom: IdentityDetail['actsFor']): ReactNode {
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
