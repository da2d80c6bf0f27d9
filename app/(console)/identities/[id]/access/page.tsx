import type { Metadata } from 'next';
import { AccessFacts } from '@/components/identities/access-facts';
import { TouchedTable } from '@/components/identities/touched-table';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listExpectable } from '@/lib/identities/expected/queries';
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
        <AccessFacts identity={identity} expected={expected} />
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
