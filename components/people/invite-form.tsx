import { Field } from '@/components/ui/field';
import type { PeopleAction } from '@/lib/people/members/schema';
import { ActForm } from './act-form';
import { type Choice, RightsFields } from './rights-fields';

/** Whom to invite, and what the account will be given. */
export function InviteForm({ teams, invite }: { teams: readonly Choice[]; invite: PeopleAction }) {
  return (
    <ActForm
      id="invite"
      action={invite}
      fields={{}}
      button="Invite"
      busy="Being invited"
      look="primary"
      placeholder="Joins the platform team"
    >
      <Field
        id="invite-name"
        name="name"
        label="Name"
        required
        maxLength={120}
        autoComplete="off"
      />
      <Field
        id="invite-email"
        name="email"
        label="Work e-mail"
        type="email"
        help="The invitation works for this e-mail only."
        required
        maxLength={254}
        autoComplete="off"
      />
      <RightsFields
        id="invite"
        rights={{
          roles: ['viewer'],
          reach: 'all',
          contentRead: 'none',
          contentExport: 'none',
          teams: [],
        }}
        teams={teams}
      />
    </ActForm>
  );
}
