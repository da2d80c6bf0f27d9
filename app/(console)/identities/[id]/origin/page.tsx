import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import '@/components/external/external.css';
import '@/components/settings/settings.css';
import { AskNow } from '@/components/external/ask-now';
import { MismatchTable } from '@/components/external/mismatch-table';
import { OriginForm } from '@/components/external/origin-form';
import { ProbeTable } from '@/components/external/probe-table';
import { verifierLabels } from '@/components/external/verifier-fields';
import { State } from '@/components/ui/badge';
import { KeyValue } from '@/components/ui/key-value';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import {
  countOrigins,
  findExternalApi,
  findOrigin,
  listAuthorities,
  listMismatches,
} from '@/lib/identities/external/queries';
import type { ExternalApi, Origin } from '@/lib/identities/external/schema';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { can, refusalOf } from '@/lib/people/permissions';
import { readIdentity } from '../read';
import { askHosts, saveOrigin } from './actions';

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Origin of ${visibleText((await readIdentity((await params).id)).name)}` };
}

export default async function OriginPage({ params }: Props) {
  const [{ scope, person }, { id }] = await Promise.all([requirePerson(), params]);
  const now = systemClock();
  const identity = await readIdentity(id);
  if (identity.kind !== 'external_api') notFound();
  const [api, origin, counts, mismatches, authorities] = await Promise.all([
    findExternalApi(scope, id),
    findOrigin(scope, id, now),
    countOrigins(scope, id, now),
    listMismatches(scope, id),
    listAuthorities(scope),
  ]);
  const isInUse = identity.state !== 'decommissioned';
  return (
    <>
      {api === null ? (
        <p className="sec t2">
          Where this API answers from is not registered, so nothing tells whether an interaction was
          with it.
        </p>
      ) : (
        <>
          <section className="sec stack" aria-label="Origin">
            <KeyValue lined rows={rowsOf(api, { origin, counts, now })} />
            {isInUse && can(person, 'registry.propose') ? <AskNow id={id} ask={askHosts} /> : null}
          </section>
          <ProbeTable api={api} now={now} />
          <section aria-labelledby="mismatches-title">
            <div className="sec">
              <h2 id="mismatches-title">Interactions from elsewhere</h2>
            </div>
            <MismatchTable mismatches={mismatches} now={now} />
          </section>
        </>
      )}
      {isInUse ? (
        <section className="sec">
          {can(person, 'registry.write') ? (
            <OriginForm
              key={api === null ? 'new' : 'known'}
              id={id}
              api={api}
              authorities={authorities}
              save={saveOrigin}
            />
          ) : (
            <p className="t2 s12">{refusalOf('registry.write')}</p>
          )}
        </section>
      ) : null}
    </>
  );
}

function rowsOf(
  { authority, pins, verifier, hasSecrets }: ExternalApi,
  {
    origin,
    counts,
    now,
  }: {
    origin: { origin: Origin; until: Date } | null;
    counts: { interactions: number; unverified: number } | null;
    now: Date;
  },
) {
  const signs = verifier === null ? 'none' : verifier.kind;
  return [
    [
      'Origin',
      origin === null ? (
        <State key="origin" tone="off">
          Not known
        </State>
      ) : (
        <State key="origin" tone={origin.origin === 'verified' ? 'on' : 'bad'}>
          {origin.origin === 'verified' ? 'Verified' : 'Unverified'}, lapses{' '}
          {relativeTime(origin.until, now)}
        </State>
      ),
    ],
    ...(counts === null
      ? []
      : [
          [
            'In 7 days',
            `${thousands(counts.interactions)} interactions, ${thousands(counts.unverified)} from elsewhere`,
          ] as const,
        ]),
    [
      'Certificates by',
      authority === null ? 'an authority of the system' : visibleText(authority.name),
    ],
    ['Pinned keys', pins.length === 0 ? 'none' : `${pins.length}`],
    [
      'What it signs',
      `${verifierLabels[signs]}${hasSecrets ? ', by a shared secret that is shown to nobody' : ''}`,
    ],
  ] as const;
}
