import Link from 'next/link';
import { buttonClass } from '@/components/ui/button';
import type { IdentityDetail } from '@/lib/identities/registry/schema';
import type { IdentityAction } from './action-results';
import { LifecycleDialog } from './lifecycle-dialog';
import { SuspendDialog } from './suspend-dialog';

/** What can be done to an identity in its state; null is what the reader may not. */
export function IdentityActions({
  identity,
  suspend,
  resume,
  decommission,
}: {
  identity: Pick<IdentityDetail, 'id' | 'name' | 'state'>;
  suspend: IdentityAction | null;
  resume: IdentityAction | null;
  decommission: IdentityAction | null;
}) {
  const { state } = identity;
  const isInUse = state === 'active' || state === 'suspended';
  return (
    <>
      {decommission !== null && state !== 'decommissioned' ? (
        <Link className={buttonClass()} href={`/identities/${identity.id}/change`}>
          Change
        </Link>
      ) : null}
      {decommission !== null && isInUse ? (
        <LifecycleDialog
          identity={identity}
          word="Decommission"
          keep="Keep it"
          act={decommission}
          look="danger"
          asksName
          showsStop
        >
          It ends for good: all its credentials are revoked, its names are free for another, and it
          never comes back. What it did stays in the log.
        </LifecycleDialog>
      ) : null}
      {resume !== null && state === 'suspended' ? (
        <LifecycleDialog identity={identity} word="Resume" keep="Keep suspended" act={resume}>
          Its credentials are taken again from its next request on. Trust is earned anew, from
          Observed.
        </LifecycleDialog>
      ) : null}
      {suspend !== null && state === 'active' ? (
        <SuspendDialog identity={identity} act={suspend} />
      ) : null}
    </>
  );
}
