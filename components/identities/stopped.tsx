import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { identityStateLabels } from '@/lib/identities/labels';
import type { IdentityDetail } from '@/lib/identities/registry/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** Since when it may not act, and why; nothing of one that is active. */
export function Stopped({
  identity,
  by,
  now,
}: {
  identity: Pick<IdentityDetail, 'state' | 'stateAt' | 'stateReason'>;
  /** Who made it so; null where that is not known. */
  by: string | null;
  now: Date;
}) {
  const { state, stateAt, stateReason } = identity;
  if (state === 'active') return null;
  return (
    <div className="sec">
      <Callout tone="review">
        <b>{identityStateLabels[state].word}</b>
        {stateAt === null ? null : (
          <span title={utcTime(stateAt)}> {relativeTime(stateAt, now)}</span>
        )}
        {by === null ? null : (
          <>
            {' '}
            by <Visible text={by} oneLine />
          </>
        )}
        {stateReason === null ? (
          '. '
        ) : (
          <>
            : <Visible text={stateReason} oneLine />
            {'. '}
          </>
        )}
        {sentences[state]}
      </Callout>
    </div>
  );
}

const sentences = {
  proposed: 'Nothing is issued to it and nothing it sends is taken until somebody accepts it.',
  suspended: 'Every gateway refuses it. Its credentials stay.',
  decommissioned: 'Its credentials are revoked, its names are free, and it never comes back.',
} as const;
