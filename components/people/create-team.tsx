import { Field } from '@/components/ui/field';
import type { PeopleAction } from '@/lib/people/members/schema';
import { ActForm } from './act-form';

export function CreateTeam({ create }: { create: PeopleAction }) {
  return (
    <section className="sec stack-3" aria-labelledby="create-team">
      <h2 id="create-team">Create a team</h2>
      <ActForm
        id="create"
        action={create}
        fields={{}}
        button="Create team"
        busy="Being created"
        look="primary"
        hasReason={false}
      >
        <Field
          id="create-name"
          name="name"
          label="Name"
          required
          maxLength={120}
          autoComplete="off"
        />
      </ActForm>
    </section>
  );
}
