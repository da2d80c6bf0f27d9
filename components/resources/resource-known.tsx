'use client';

import { Visible } from '@/components/inventory/visible';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { Tag } from '@/components/ui/badge';
import { KeyValue } from '@/components/ui/key-value';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { effectiveTrust } from '@/lib/resources/definitions/approval';
import { classificationLabels, sideEffectLabels, trustLabels } from '@/lib/resources/labels';
import type { ResourceDetail } from '@/lib/resources/queries';

/** What is said of a resource, and what ends it. */
export function ResourceKnown({
  resource,
  actions,
  note,
}: {
  resource: ResourceDetail;
  /** Null for whoever may not. */
  actions: Record<'dismiss' | 'setRetired', SettingsAction> | null;
  /** Why there is nothing to change here. */
  note: string | null;
}) {
  const { line, say } = useSaid();
  const { id, name, names, state, revision, classification, sideEffect } = resource;
  const isRetired = state === 'retired';
  return (
    <section className="sec stack-3" aria-labelledby="known">
      <h2 id="known">What is known of it</h2>
      <KeyValue
        lined
        rows={[
          [
            'Name',
            <span key="name" className="mono">
              <Visible text={name} oneLine />
            </span>,
          ],
          ['Further names', names.length === 0 ? null : <Words key="names" of={names} />],
          [
            'Classification',
            classification === null ? worst('secret') : classificationLabels[classification],
          ],
          ['Trust', <Trusted key="trust" resource={resource} />],
          ['Side effect', sideEffect === null ? worst('any') : sideEffectLabels[sideEffect]],
          ['Owner', named(resource.owner, 'Nobody')],
          ['Team', named(resource.team, 'None')],
          ['Zone', named(resource.zone, 'None')],
          [
            'Purpose',
            resource.purpose === '' ? (
              <span key="none" className="t3">
                not said
              </span>
            ) : (
              <Visible key="purpose" text={resource.purpose} />
            ),
          ],
          ['Tags', resource.tags.length === 0 ? null : <Tags key="tags" of={resource.tags} />],
          [
            'Host names',
            resource.hostNames.length === 0 ? null : <Words key="hosts" of={resource.hostNames} />,
          ],
          [
            'Why retired',
            isRetired && resource.stateReason !== null ? (
              <Visible key="why" text={resource.stateReason} oneLine />
            ) : null,
          ],
        ]}
      />
      {note === null ? null : <p className="t2 s12">{note}</p>}
      {actions === null ? null : (
        <div className="row wrap">
          {resource.proposedAt === null ? null : (
            <ReasonDialog
              id="dismiss"
              word="Dismiss proposal"
              label="Dismiss proposal"
              title="Dismiss what is proposed?"
              keep="Keep it"
              act={actions.dismiss}
              fields={{ id }}
              done={say}
            >
              What was proposed is gone; what is registered stays as it is.
            </ReasonDialog>
          )}
          {state === 'registered' || isRetired ? (
            <ReasonDialog
              id="retire"
              word={isRetired ? 'Take back' : 'Retire'}
              label={`${isRetired ? 'Take back' : 'Retire'} ${visibleText(name)}`}
              title={`${isRetired ? 'Take back' : 'Retire'} ${visibleText(name)}?`}
              keep={isRetired ? 'Leave it retired' : 'Keep it'}
              act={actions.setRetired}
              fields={{ id, revision: String(revision), to: isRetired ? 'registered' : 'retired' }}
              done={say}
            >
              {isRetired
                ? 'It is registered again, with what was said of it.'
                : `It is no longer to be used. ${resource.usedBy === 0 ? 'Nobody you see used it in 30 days.' : `${resource.usedBy} ${resource.usedBy === 1 ? 'identity' : 'identities'} used it in the last 30 days.`}`}
            </ReasonDialog>
          ) : null}
        </div>
      )}
      <p ref={line} className="s12 t2" role="status" tabIndex={-1} />
    </section>
  );
}

function Trusted({ resource: { trust, approval } }: { resource: ResourceDetail }) {
  const effective = effectiveTrust(trust, approval);
  const said = trust === null ? worst('untrusted') : trustLabels[trust];
  if (effective === (trust ?? 'untrusted')) return said;
  return (
    <>
      <b>{trustLabels[effective]}</b>, by its definition
      <span className="t3"> (otherwise: {said})</span>
    </>
  );
}

const worst = (as: string) => (
  <>
    <span className="t3">not said,</span> counts as {as}
  </>
);

const named = (one: { name: string } | null, none: string) =>
  one === null ? <span className="t3">{none}</span> : <Visible text={one.name} oneLine />;

function Words({ of }: { of: readonly string[] }) {
  return (
    <ul className="stack">
      {of.map((word) => (
        <li key={word} className="mono">
          <Visible text={word} oneLine />
        </li>
      ))}
    </ul>
  );
}

function Tags({ of }: { of: readonly string[] }) {
  return (
    <span className="row wrap">
      {of.map((word) => (
        <Tag key={word}>
          <Visible text={word} oneLine />
        </Tag>
      ))}
    </span>
  );
}
