import { z } from 'zod';
import { NewPassword } from '../new-password';
import { Reason } from '../reason';
import { GivenRights } from '../rights/schema';
import { Email, nameOf } from '../schema';

export const invitationLivesMs = 72 * 3_600_000;

const Name = nameOf('Enter the name of whom you invite.');

/** Whom an invitation is for, and all that it gives. */
export const Invite = GivenRights.and(z.object({ email: Email, name: Name }));
export type Invite = z.output<typeof Invite>;

export const InvitePerson = z.object({ invite: Invite, reason: Reason });
export type InvitePerson = z.input<typeof InvitePerson>;

export const RevokeInvitation = z.object({ invitationId: z.guid(), reason: Reason });
export type RevokeInvitation = z.input<typeof RevokeInvitation>;

/** What whoever was invited sends back: nothing of what it gives. */
export const AcceptInvitation = z.object({
  code: z.string().trim().min(1, 'Enter the code from the invitation.').max(200),
  email: Email,
  password: NewPassword,
});
export type AcceptInvitation = z.input<typeof AcceptInvitation>;
