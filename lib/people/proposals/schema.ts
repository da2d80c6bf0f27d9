import { z } from 'zod';
import { Invite } from '../invitations/schema';
import { SsoSubject } from '../links/schema';
import { Reason } from '../reason';
import { GivenRights } from '../rights/schema';

export const proposalKinds = [
  'rights',
  'restore',
  'break_glass',
  'factor_reset',
  'sso_link',
  'invite',
  'four_eyes_off',
] as const;
export type ProposalKind = (typeof proposalKinds)[number];

/** For how long a proposal waits for a second person. */
export const proposalLivesMs = 24 * 3_600_000;

/** What a row carries, read back: a proposal that cannot be read is not confirmed. */
export const Proposed = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rights'), change: GivenRights }),
  z.object({ kind: z.literal('restore') }),
  z.object({ kind: z.literal('break_glass') }),
  z.object({ kind: z.literal('factor_reset') }),
  z.object({ kind: z.literal('sso_link'), change: SsoSubject }),
  z.object({ kind: z.literal('invite'), change: Invite }),
  z.object({ kind: z.literal('four_eyes_off') }),
]);

export const DecideProposal = z.object({ proposalId: z.guid() });
export type DecideProposal = z.input<typeof DecideProposal>;

export const RefuseProposal = DecideProposal.extend({ reason: Reason });
export type RefuseProposal = z.input<typeof RefuseProposal>;

export const SwitchFourEyes = z.object({ isOn: z.boolean(), reason: Reason });
export type SwitchFourEyes = z.input<typeof SwitchFourEyes>;
