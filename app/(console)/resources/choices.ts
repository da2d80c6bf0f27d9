import type { AttributeChoices } from '@/components/resources/attribute-fields';
import type { ReadScope } from '@/lib/auth/scope';
import { listAssignable } from '@/lib/people/members/queries';
import { can } from '@/lib/people/permissions';
import type { Role } from '@/lib/people/schema';
import { listTeamNames } from '@/lib/people/teams/queries';
import { listZones } from '@/lib/zones/queries';

/** Whom and what a form can name; people only to whoever may see who signs in. */
export async function listChoices(
  scope: ReadScope,
  person: { roles: readonly Role[] },
): Promise<AttributeChoices> {
  const [people, teams, zones] = await Promise.all([
    can(person, 'people.read') ? listAssignable(scope) : [],
    listTeamNames(scope),
    listZones(scope),
  ]);
  return { people, teams, zones: zones.map(({ id, name }) => ({ id, name })) };
}
