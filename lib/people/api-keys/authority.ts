import { can } from '../permissions';
import { rolesOf } from '../schema';
import type { ApiScope, Orphaned } from './schema';

/** Whether what these scopes let read is of all teams: policies are nobody's activity. */
export const readsAllTeams = (scopes: readonly ApiScope[]): boolean =>
  scopes.some((scope) => !scope.startsWith('policy:'));

/** Whoever made a key, as they are now. */
export type Maker = { hasLeft: boolean; roles: readonly string[] | null; reach: string };

/** Why nobody answers for a key any more: it may no more than its maker could give today. Null while somebody does. */
export function orphanedBy(
  { hasLeft, roles, reach }: Maker,
  scopes: readonly ApiScope[],
): Orphaned | null {
  if (hasLeft) return 'left';
  if (!can({ roles: rolesOf(roles ?? []) }, 'api_keys.write')) return 'role';
  return readsAllTeams(scopes) && reach !== 'all' ? 'reach' : null;
}
