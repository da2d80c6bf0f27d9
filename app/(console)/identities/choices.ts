import type { IdentityChoices } from '@/components/identities/identity-fields';
import type { ReadScope } from '@/lib/auth/scope';
import { listExpectable } from '@/lib/identities/expected/queries';
import { listIdentityNames } from '@/lib/inventory/queries';
import { listAssignable } from '@/lib/people/members/queries';
import { listTeamNames } from '@/lib/people/teams/queries';
import { listZones } from '@/lib/zones/queries';

/** What can be chosen for an identity, for whoever may say it. */
export async function readChoices(scope: ReadScope): Promise<IdentityChoices> {
  const [people, teams, zones, identities, resources] = await Promise.all([
    listAssignable(scope),
    listTeamNames(scope),
    listZones(scope),
    listIdentityNames(scope),
    listExpectable(scope, null),
  ]);
  return {
    people,
    teams,
    zones: zones.map(({ id, name, environment }) => ({ id, name, environment })),
    identities: [...identities].map(([id, name]) => ({ id, name })),
    resources: resources.map(({ id, kind, name }) => ({ id, name: `${name}, ${kind}` })),
  };
}
