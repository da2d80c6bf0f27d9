import type { Trust } from '../words';
import type { Approval, DefinitionState } from './schema';

/** What is known of all definitions of one resource. `newest` is the state of the one that was offered last. */
export type Definitions = {
  total: number;
  undecided: number;
  hasApproved: boolean;
  newest: DefinitionState | null;
};

/** Approved is what somebody approved, as long as nothing else is offered under its name that nobody decided on. */
export function approvalOf({ total, undecided, hasApproved, newest }: Definitions): Approval {
  if (total === 0) return 'none';
  if (undecided > 0) return hasApproved ? 'changed' : 'new';
  return newest === 'rejected' ? 'rejected' : 'approved';
}

/**
 * What trust comes to: what nobody says is untrusted, and whatever was said, what is defined otherwise than somebody
 * approved is in the sandbox. Trust is not inherited when a plug-in changes.
 */
export function effectiveTrust(trust: Trust | null, approval: Approval): Trust {
  if (approval === 'new' || approval === 'changed' || approval === 'rejected') return 'sandbox';
  return trust ?? 'untrusted';
}
