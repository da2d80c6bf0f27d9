import { type Rights, type Role, rolesOf } from '../schema';
import type { GivenRights } from './schema';

const width: Record<Rights, number> = { none: 0, teams: 1, all: 2 };

/** Whether whoever has `outer` has `inner` too. */
export const isWithin = (inner: Rights, outer: Rights): boolean => width[inner] <= width[outer];

const narrower = <Of extends Rights>(a: Of, b: Of): Of => (isWithin(a, b) ? a : b);

/** Whether it matters which teams somebody with these rights is in. */
const goesByTeams = ({ reach, contentRead, contentExport }: GivenRights): boolean =>
  [reach, contentRead, contentExport].includes('teams');

/**
 * What two sets of rights have in common: what somebody keeps at once while the rest waits. Whoever has some role
 * before and after keeps what a viewer may, which every role contains.
 */
export function meetOf(before: GivenRights, after: GivenRights): GivenRights {
  const common = rolesOf(before.roles.filter((role) => after.roles.includes(role)));
  const hasSome = before.roles.length > 0 && after.roles.length > 0;
  const fallback: Role[] = hasSome ? ['viewer'] : [];
  const less: GivenRights = {
    roles: common.length > 0 ? common : fallback,
    reach: narrower(before.reach, after.reach),
    contentRead: narrower(before.contentRead, after.contentRead),
    contentExport: narrower(before.contentExport, after.contentExport),
    teams: after.teams,
  };
  if (!goesByTeams(less) && !goesByTeams(after)) return less;
  return { ...less, teams: after.teams.filter((team) => before.teams.includes(team)) };
}

export const isSame = (a: GivenRights, b: GivenRights): boolean =>
  JSON.stringify(factsOf(a)) === JSON.stringify(factsOf(b));

/** Whether a change is of what somebody may, and not only of teams by which nothing goes. */
export const isOfRights = (before: GivenRights, after: GivenRights): boolean =>
  goesByTeams(before) ||
  goesByTeams(after) ||
  !isSame({ ...before, teams: [] }, { ...after, teams: [] });

/** More than a person who looks at the activity of their teams, without its content. */
export const isMoreThanViewer = ({
  roles,
  reach,
  contentRead,
  contentExport,
}: Omit<GivenRights, 'teams'>): boolean =>
  roles.some((role) => role !== 'viewer') ||
  reach === 'all' ||
  contentRead !== 'none' ||
  contentExport !== 'none';

/** As entries and proposals say it. */
export const factsOf = (rights: GivenRights) => ({
  roles: [...rights.roles],
  reach: rights.reach,
  content_read: rights.contentRead,
  content_export: rights.contentExport,
  teams: [...rights.teams].sort(),
});

/** What differs, as it was and as it is. */
export function changeOf(before: GivenRights, after: GivenRights) {
  const [was, is] = [factsOf(before), factsOf(after)];
  const differs = Object.keys(was).filter(
    (name) =>
      JSON.stringify(was[name as keyof typeof was]) !== JSON.stringify(is[name as keyof typeof is]),
  );
  const only = (facts: ReturnType<typeof factsOf>) =>
    Object.fromEntries(Object.entries(facts).filter(([name]) => differs.includes(name)));
  return { before: only(was), after: only(is) };
}
