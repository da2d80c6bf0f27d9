import { Problems } from '@/components/inventory/query-bar';
import { InvitationPanel, InvitePanel } from '@/components/people/invitation-panel';
import { PeopleFilters } from '@/components/people/people-filters';
import { PeopleTable } from '@/components/people/people-table';
import { PersonPanel } from '@/components/people/person-panel';
import type { Choice } from '@/components/people/rights-fields';
import { signInIdleMs } from '@/lib/auth/cookie';
import type { SignedIn } from '@/lib/auth/session';
import { ssoName } from '@/lib/auth/sso/settings';
import { listOpenInvitations } from '@/lib/people/invitations/queries';
import { type PeopleView, peopleHref } from '@/lib/people/members/address';
import {
  findMember,
  listMembers,
  listOpenSignIns,
  listOwned,
  membersMax,
} from '@/lib/people/members/queries';
import type { Member } from '@/lib/people/members/schema';
import { can } from '@/lib/people/permissions';
import { listTeamNames } from '@/lib/people/teams/queries';
import {
  endSignIn,
  invite,
  linkSso,
  remove,
  reset,
  restore,
  revoke,
  saveRights,
  setBreakGlass,
} from './actions';

const personActions = () => ({
  endSignIn,
  linkSso: ssoName() === null ? null : linkSso,
  remove,
  reset,
  restore,
  saveRights,
  setBreakGlass,
});

export type PartProps = { signedIn: SignedIn; view: PeopleView; now: Date; mayWrite: boolean };

/** Who signs in, and the panel of one person or invitation beside it. */
export async function PeoplePart({ signedIn, view, now, mayWrite }: PartProps) {
  const { scope } = signedIn;
  const { role, state, team } = view;
  const isFiltered = role !== null || state !== null || team !== null;
  const [members, open, teams, chosen] = await Promise.all([
    listMembers(scope, { role, state, team }),
    listOpenInvitations(scope, now),
    listTeamNames(scope),
    view.person === null ? null : findMember(scope, view.person),
  ]);
  const teamName = teams.find(({ id }) => id === team)?.name;
  const invitations = open.filter(
    (each) =>
      (state === null || state === 'invited') &&
      (role === null || each.roles.includes(role)) &&
      (team === null || (teamName !== undefined && each.teams.includes(teamName))),
  );
  const invitation = open.find(({ id }) => id === view.invitation) ?? null;
  const closeHref = peopleHref({ ...view, person: null, invitation: null });
  const isInviting = view.invitation === 'new' && mayWrite;
  const hasPanel = chosen !== null || invitation !== null || isInviting;
  return (
    <>
      <PeopleFilters view={view} teams={teams} />
      <Problems problems={[...view.problems, ...missing(view, chosen, invitation)]} />
      <div className={hasPanel ? 'split fit has-panel' : 'split fit'}>
        <div className="body">
          <PeopleTable
            members={members.slice(0, membersMax)}
            invitations={invitations}
            chosen={view.person ?? view.invitation}
            hrefOf={(of) => peopleHref({ ...view, person: null, invitation: null, ...of })}
            now={now}
            isFiltered={isFiltered}
          />
          {members.length > membersMax ? (
            <p className="sec s12 t2">The first {membersMax} by name are shown; there are more.</p>
          ) : null}
        </div>
        {chosen === null ? null : (
          <ChosenPerson
            member={chosen}
            signedIn={signedIn}
            teams={teams}
            mayWrite={mayWrite}
            href={peopleHref({ ...view, invitation: null })}
            closeHref={closeHref}
            now={now}
          />
        )}
        {chosen === null && invitation !== null ? (
          <InvitationPanel
            key={invitation.id}
            invitation={invitation}
            revoke={mayWrite ? revoke : null}
            href={peopleHref(view)}
            closeHref={closeHref}
            now={now}
          />
        ) : null}
        {chosen === null && isInviting ? (
          <InvitePanel
            teams={teams}
            invite={invite}
            href={peopleHref(view)}
            closeHref={closeHref}
          />
        ) : null}
      </div>
    </>
  );
}

async function ChosenPerson({
  member,
  signedIn: { scope, person, signIn },
  teams,
  mayWrite,
  href,
  closeHref,
  now,
}: {
  member: Member;
  signedIn: SignedIn;
  teams: readonly Choice[];
  mayWrite: boolean;
  href: string;
  closeHref: string;
  now: Date;
}) {
  const [signIns, owns] = await Promise.all([
    listOpenSignIns(scope, { person: member.id, now, idleMs: signInIdleMs }),
    listOwned(scope, member.id),
  ]);
  return (
    <PersonPanel
      key={member.id}
      member={member}
      signIns={signIns}
      owns={owns}
      teams={teams}
      actions={mayWrite ? personActions() : null}
      reader={{ person: person.id, signIn }}
      hasAudit={can(person, 'audit.read')}
      href={href}
      closeHref={closeHref}
      now={now}
    />
  );
}

function missing(
  { person, invitation }: PeopleView,
  chosen: Member | null,
  found: object | null,
): string[] {
  const isNobody = person !== null && chosen === null;
  const isNoInvitation = invitation !== null && invitation !== 'new' && found === null;
  return [
    isNobody ? 'Nobody has that id.' : [],
    isNoInvitation ? 'No invitation with that id is open: it was used, revoked or has ended.' : [],
  ].flat();
}
