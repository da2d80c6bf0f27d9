import type { IdentityChoices } from '@/components/identities/identity-fields';
import type { Choice } from '@/components/identities/pick-many';
import type { ReadScope } from '@/lib/auth/scope';
import { expectableMax, listExpectable } from '@/lib/identities/expected/queries';
import { listReportable, reportableMax } from '@/lib/identities/registration/queries';
import { listAssignable } from '@/lib/people/members/queries';
import { listTeamNames } from '@/lib/people/teams/queries';
import { listZones } from '@/lib/zones/queries';

type Chosen = { expects: readonly string[]; named: readonly Choice[] };

/** What can be chosen for an identity, for whoever may say it. What is chosen has a name even where it is on no list. */
export async function readChoices(
  scope: ReadScope,
  { expects, named }: Chosen = { expects: [], named: [] },
): Promise<IdentityChoices> {
  const [people, teams, zones, identities, resources, expected] = await Promise.all([
    listAssignable(scope),
    listTeamNames(scope),
    listZones(scope),
    listReportable(scope),
    listExpectable(scope, null),
    expects.length === 0 ? [] : listExpectable(scope, expects),
  ]);
  const choiceOf = ({ id, kind, name }: (typeof resources)[number]): Choice => ({
    id,
    name: `${name}, ${kind}`,
  });
  return {
    people,
    teams,
    zones: zones.map(({ id, name, environment }) => ({ id, name, environment })),
    identities,
    resources: resources.map(choiceOf),
    chosen: [...named, ...expected.map(choiceOf)],
    cutAt: {
      identities: identities.length < reportableMax ? null : reportableMax,
      resources: resources.length < expectableMax ? null : expectableMax,
    },
  };
}
