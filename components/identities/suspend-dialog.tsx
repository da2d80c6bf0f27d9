import type { IdentityAction } from './action-results';
import { LifecycleDialog } from './lifecycle-dialog';

/** One click, one reason, with what would stop before it is pressed. */
export function SuspendDialog({
  identity,
  act,
  size = 'medium',
}: {
  identity: { id: string; name: string };
  act: IdentityAction;
  size?: 'small' | 'medium';
}) {
  return (
    <LifecycleDialog
      identity={identity}
      word="Suspend"
      keep="Keep active"
      act={act}
      look={size === 'small' ? 'ghost' : 'danger'}
      size={size}
      showsStop
    >
      Every gateway refuses it from its next request on. Its credentials stay, and an administrator
      can let it act again.
    </LifecycleDialog>
  );
}
