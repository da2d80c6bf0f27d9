'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { peopleSso, ssoSettings } from '@/lib/auth/sso/settings';
import type { PeopleCtx } from '@/lib/people/ctx';
import type { MadeLink } from '@/lib/people/invitations/make-link';
import { invitePerson, revokeInvitation } from '@/lib/people/invitations/mutations';
import { linkPerson } from '@/lib/people/links/mutations';
import {
  endSignIns,
  markBreakGlass,
  removePerson,
  resetFactors,
  restorePerson,
} from '@/lib/people/members/mutations';
import type { PeopleResult, Said } from '@/lib/people/members/schema';
import type { Permission } from '@/lib/people/permissions';
import {
  confirmProposal,
  refuseProposal,
  switchFourEyes,
  withdrawProposal,
} from '@/lib/people/proposals/mutations';
import { changeRights } from '@/lib/people/rights/mutations';
import { createTeam, deleteTeam, renameTeam, setMember } from '@/lib/people/teams/mutations';
import { textIn } from '../fields';
import { countOf, invitedSentence, ofPerson, resetSentence, rightsOf } from './fields';

type Last = PeopleResult | null;
type Change = (ctx: PeopleCtx) => Promise<Said | string>;

const waitsSentence = 'It waits for a second person, who has 24 hours to confirm it.';

/** Invites one e-mail address; the link is shown this once. */
export async function invite(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('invite_person', async (ctx) => {
    const person = { email: textIn(form, 'email'), name: textIn(form, 'name') };
    const asked = { invite: { ...rightsOf(form), ...person }, reason: textIn(form, 'reason') };
    return invited(await invitePerson(ctx, asked));
  });
}

export async function revoke(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('revoke_invitation', async (ctx) => {
    const invitationId = textIn(form, 'invitationId');
    await revokeInvitation(ctx, { invitationId, reason: textIn(form, 'reason') });
    return 'Revoked. The link opens nothing any more.';
  });
}

/** Sets roles, rights, reach and teams of one person. */
export async function saveRights(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('change_rights', async (ctx) => {
    const { waits } = await changeRights(ctx, { ...ofPerson(form), rights: rightsOf(form) });
    return waits
      ? `What was taken away is gone. What is given waits: a second person has 24 hours to confirm it.`
      : 'Changed. It holds from the next page this person opens.';
  });
}

export async function remove(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('remove_person', async (ctx) => {
    const { signIns, unowned } = await removePerson(ctx, ofPerson(form));
    return `Removed. ${countOf(signIns, 'sign-in')} ended, ${countOf(unowned, 'identity', 'identities')} without an owner.`;
  });
}

export async function restore(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('restore_person', async (ctx) => {
    const { waits } = await restorePerson(ctx, ofPerson(form));
    return waits ? waitsSentence : 'Restored, with the rights of before.';
  });
}

export async function reset(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('reset_factors', async (ctx) => {
    const { waits, made } = await resetFactors(ctx, ofPerson(form));
    return waits ? waitsSentence : wasReset(made);
  });
}

/** Says which subject of the organisation's own sign-in a person is. */
export async function linkSso(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('link_sso', async (ctx) => {
    const { waits } = await linkPerson(ctx, {
      ...ofPerson(form),
      subject: textIn(form, 'subject'),
    });
    return waits
      ? waitsSentence
      : 'Linked. From the next single sign-on, roles are what the groups say.';
  });
}

/** Ends one sign-in, or with none named, all. */
export async function endSignIn(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('end_sign_ins', async (ctx) => {
    const signInId = textIn(form, 'signInId') || null;
    return `${countOf(await endSignIns(ctx, { ...ofPerson(form), signInId }), 'sign-in')} ended.`;
  });
}

export async function setBreakGlass(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('mark_break_glass', async (ctx) => {
    const isBreakGlass = textIn(form, 'isBreakGlass') === 'yes';
    const { waits } = await markBreakGlass(ctx, { ...ofPerson(form), isBreakGlass });
    if (waits) return waitsSentence;
    return isBreakGlass ? 'Marked. Each use of it is loud.' : 'It is an ordinary account again.';
  });
}

/** Gives what somebody else asked to give. */
export async function confirm(_last: Last, form: FormData): Promise<PeopleResult> {
  return decide('confirm_proposal', 'rights.confirm', async (ctx) => {
    const { made, isReset } = await confirmProposal(ctx, {
      proposalId: textIn(form, 'proposalId'),
    });
    if (isReset) return wasReset(made);
    return made === null ? 'Confirmed. It is in force.' : invited(made);
  });
}

export async function refuse(_last: Last, form: FormData): Promise<PeopleResult> {
  return decide('refuse_proposal', 'rights.confirm', async (ctx) => {
    const proposalId = textIn(form, 'proposalId');
    await refuseProposal(ctx, { proposalId, reason: textIn(form, 'reason') });
    return 'Refused. Nothing was given.';
  });
}

export async function withdraw(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('withdraw_proposal', async (ctx) => {
    await withdrawProposal(ctx, { proposalId: textIn(form, 'proposalId') });
    return 'Withdrawn.';
  });
}

export async function setFourEyes(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('switch_four_eyes', async (ctx) => {
    const isOn = textIn(form, 'isOn') === 'yes';
    const { waits } = await switchFourEyes(ctx, { isOn, reason: textIn(form, 'reason') });
    if (waits) return waitsSentence;
    return isOn ? 'On. Rights that are given wait for a second person.' : 'Off.';
  });
}

export async function addTeam(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('create_team', async (ctx) => {
    await createTeam(ctx, { name: textIn(form, 'name') });
    return 'Created. Open it to say who is in it.';
  });
}

export async function saveTeam(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('rename_team', async (ctx) => {
    await renameTeam(ctx, { teamId: textIn(form, 'teamId'), name: textIn(form, 'name') });
    return 'Renamed.';
  });
}

export async function removeTeam(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('delete_team', async (ctx) => {
    await deleteTeam(ctx, { teamId: textIn(form, 'teamId') });
    return 'Deleted.';
  });
}

/** Puts a person into a team, or takes one out. */
export async function setTeamMember(_last: Last, form: FormData): Promise<PeopleResult> {
  return change('set_team_member', async (ctx) => {
    const isMember = textIn(form, 'isMember') === 'yes';
    const asked = { ...ofPerson(form), teamId: textIn(form, 'teamId'), isMember };
    const { waits } = await setMember(ctx, asked);
    return waits ? waitsSentence : isMember ? 'Added.' : 'Taken out.';
  });
}

const change = (name: string, run: Change) => decide(name, 'people.write', run);

function decide(name: string, permission: Permission, run: Change): Promise<PeopleResult> {
  return act({ name, permission }, async (ctx) => {
    const said = await run({ ...ctx, sso: peopleSso(ssoSettings()) });
    revalidatePath('/people');
    return typeof said === 'string' ? { said, link: null } : said;
  });
}

const invited = (made: MadeLink | null): Said => ({
  said: made === null ? waitsSentence : invitedSentence(made.isMailed),
  link: made?.link ?? null,
});

const wasReset = (made: MadeLink | null): Said => ({
  said: resetSentence(made),
  link: made?.link ?? null,
});
