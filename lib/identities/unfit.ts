import { type Reach, type ReadScope, reaches } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import type { Actor } from '@/lib/people/actor';
import { mustWait } from '@/lib/people/proposals/propose';

/** Who acts, and whose activity is shown to them: without a scope nobody's, but for operators, who see all. */
export type Acting = { readonly actor: Actor; readonly scope?: ReadScope; readonly now: Date };

const seesOf = ({ actor, scope }: Acting): Reach =>
  actor.kind === 'operator' ? 'all' : (scope?.sees ?? []);

/** Of identities those that whoever acts is shown; to others they do not exist. */
export function whereSeen(acting: Acting): { teamId?: { in: string[] } } {
  const sees = seesOf(acting);
  return sees === 'all' ? {} : { teamId: { in: [...sees] } };
}

/** Whether identities of all teams and of none are shown to whoever acts. */
export const seesAllIdentities = (acting: Acting): boolean => seesOf(acting) === 'all';

/** Whoever lets one report for every identity, or for every one no more, is shown them all. */
export function refuseUnseenReports(acting: Acting): void {
  if (seesAllIdentities(acting)) return;
  throw new AppError(
    'forbidden',
    'Reporting for every identity is given and taken by whoever sees the activity of all teams. One of them has to do it.',
  );
}

/** Nobody's activity is shown with all of it alone. */
export function refuseUnlessAllSeen(acting: Acting): void {
  if (seesAllIdentities(acting)) return;
  throw new AppError(
    'forbidden',
    'Who acts unregistered is shown to whoever sees the activity of all teams. One of them has to register it.',
  );
}

/**
 * Putting an identity into a team lets those see or read it who do so by that team. Nobody gives that to themselves;
 * while four eyes are on, nobody moves one into any team of theirs, and the other administrators hear of each.
 */
export async function refuseUnfitMove(
  tx: Transaction,
  acting: Acting,
  { identity, team, reason }: { identity: string; team: string; reason: string },
): Promise<void> {
  const { actor, scope, now } = acting;
  if (actor.kind === 'operator') return;
  const rights = scope === undefined ? [] : [scope.sees, scope.content.read, scope.content.export];
  if (rights.some((reach) => reach !== 'all' && reaches(reach, team)))
    throw new AppError(
      'forbidden',
      'What you see or read goes by this team, and nobody gives themselves more. Ask another administrator to move it.',
    );
  const { isBreakGlass, teams } = await tx.person.findUniqueOrThrow({
    where: { id: actor.id },
    select: { isBreakGlass: true, teams: { select: { teamId: true } } },
  });
  if (!(await mustWait(tx, { isBreakGlass }))) return;
  if (teams.some(({ teamId }) => teamId === team))
    throw new AppError(
      'forbidden',
      'While four eyes are on, whoever is in a team moves nothing into it. Ask an administrator who is not.',
    );
  const [{ name }, { name: to }, others] = await Promise.all([
    tx.identity.findUniqueOrThrow({ where: { id: identity }, select: { name: true } }),
    tx.team.findUniqueOrThrow({ where: { id: team }, select: { name: true } }),
    tx.person.findMany({
      where: { roles: { has: 'admin' }, disabledAt: null, id: { not: actor.id } },
      select: { id: true },
      orderBy: { id: 'asc' },
      take: 100,
    }),
  ]);
  await notify(tx, {
    kind: 'identity_moved',
    to: others.map(({ id }) => ({ person: id })),
    subject: name,
    facts: { team: to, reason },
    link: `/identities/${identity}`,
    at: now,
  });
}
