import { OwnerSection } from '@/components/coverage/owner-section';
import type { ReadScope } from '@/lib/auth/scope';
import { findAssignment } from '@/lib/inventory/coverage/unowned/queries';
import { listAssignable } from '@/lib/people/members/queries';
import { listTeamNames } from '@/lib/people/teams/queries';
import { assignOwner } from './actions';

/** Who answers for one identity, read beside what arrives of it. */
export async function Owner({
  scope,
  identity,
  mayAssign,
}: {
  scope: ReadScope;
  identity: string;
  mayAssign: boolean;
}) {
  const [assignment, people, teams] = await Promise.all([
    findAssignment(scope, identity),
    mayAssign ? listAssignable(scope) : [],
    mayAssign ? listTeamNames(scope) : [],
  ]);
  return assignment === null ? null : (
    <OwnerSection
      identity={identity}
      assignment={assignment}
      choices={{ people, teams }}
      assign={mayAssign ? assignOwner : null}
    />
  );
}
