import type { Metadata } from 'next';
import { FindingList } from '@/components/identities/finding-list';
import { IdentitySummary } from '@/components/identities/identity-summary';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listExpectable } from '@/lib/identities/expected/queries';
import { missingSentences } from '@/lib/identities/trust/labels';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { accept, refuse } from '../actions';
import { readChoices } from '../choices';
import { placesOf } from './findings/places';
import { Proposal } from './proposal';
import { readFindings, readIdentity, readTrust } from './read';
import { Recent } from './recent';

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: visibleText((await readIdentity((await params).id)).name) };
}

export default async function IdentityPage({ params }: Props) {
  const { scope, person } = await requirePerson();
  const { id } = await params;
  const now = systemClock();
  const [identity, findings, trust] = await Promise.all([
    readIdentity(id),
    readFindings(id),
    readTrust(id),
  ]);
  const mayWrite = can(person, 'registry.write');
  return (
    <div className="split">
      <IdentitySummary
        identity={identity}
        next={trust.next}
        missing={missingSentences(trust)}
        now={now}
      />
      <div className="body idn-body">
        {identity.state === 'proposed' ? (
          <Proposal
            identity={identity}
            expected={
              identity.expects.length === 0 ? [] : await listExpectable(scope, identity.expects)
            }
            answer={mayWrite ? { accept, refuse, choices: await readChoices(scope) } : null}
          />
        ) : (
          <>
            <section aria-labelledby="flagged">
              <div className="sec-head idn-head">
                <h2 id="flagged">Findings</h2>
              </div>
              <FindingList findings={findings} hrefOf={placesOf(id, mayWrite)} />
            </section>
            <Recent scope={scope} identity={identity} now={now} limit={8} />
          </>
        )}
      </div>
    </div>
  );
}
