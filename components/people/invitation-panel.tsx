import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { KeyValue } from '@/components/ui/key-value';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import type { OpenInvitation } from '@/lib/people/invitations/queries';
import { contentWords, reachLabels, rolesWords } from '@/lib/people/labels';
import type { PeopleAction } from '@/lib/people/members/schema';
import { ActForm } from './act-form';
import { InviteForm } from './invite-form';
import { MemberStateWord } from './people-table';
import type { Choice } from './rights-fields';

/** Somebody who was invited and has no account yet. */
export function InvitationPanel({
  invitation,
  revoke,
  href,
  closeHref,
  now,
}: {
  invitation: OpenInvitation;
  /** Null for whoever may not. */
  revoke: PeopleAction | null;
  href: string;
  closeHref: string;
  now: Date;
}) {
  const { teams } = invitation;
  return (
    <SidePanel
      href={href}
      icon="user"
      title={<Visible text={invitation.name} oneLine />}
      closeHref={closeHref}
    >
      <div className="sec">
        <KeyValue
          rows={[
            ['State', <MemberStateWord key="state" state="invited" />],
            ['E-mail', <Visible key="email" text={invitation.email} oneLine />],
            ['Roles', rolesWords(invitation.roles)],
            ['Content', contentWords(invitation)],
            ['Sees', reachLabels[invitation.reach]],
            [
              'Teams',
              teams.length === 0 ? 'None' : <Visible key="teams" text={teams.join(', ')} oneLine />,
            ],
            ['Invited by', <Visible key="by" text={invitation.invitedBy} oneLine />],
            ['Invited', relativeTime(invitation.createdAt, now)],
            ['Works until', utcTime(invitation.expiresAt)],
          ]}
        />
      </div>
      {revoke === null ? null : (
        <section className="sec stack-3" aria-labelledby="revoke">
          <h3 id="revoke">Revoke it</h3>
          <ActForm
            id="revoke"
            action={revoke}
            fields={{ invitationId: invitation.id }}
            button="Revoke invitation"
            busy="Being revoked"
            isGone
            look="danger"
          >
            <p className="s12 t2">
              The link opens nothing from then on. It cannot be shown again either: for another
              link, revoke this one and invite anew.
            </p>
          </ActForm>
        </section>
      )}
    </SidePanel>
  );
}

/** The form of a new one. */
export function InvitePanel({
  teams,
  invite,
  href,
  closeHref,
}: {
  teams: readonly Choice[];
  invite: PeopleAction;
  href: string;
  closeHref: string;
}) {
  return (
    <SidePanel href={href} icon="plus" title="Invite a person" closeHref={closeHref}>
      <div className="sec">
        <InviteForm teams={teams} invite={invite} />
      </div>
    </SidePanel>
  );
}
