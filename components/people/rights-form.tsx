import type { PeopleAction } from '@/lib/people/members/schema';
import type { GivenRights } from '@/lib/people/rights/schema';
import { ActForm } from './act-form';
import { type Choice, RightsFields } from './rights-fields';

/** Changes what one person may. */
export function RightsForm({
  personId,
  rights,
  teams,
  save,
}: {
  personId: string;
  rights: GivenRights;
  teams: readonly Choice[];
  save: PeopleAction;
}) {
  return (
    <ActForm
      id="rights"
      action={save}
      fields={{ personId }}
      button="Change rights"
      busy="Being changed"
      placeholder="Joined the on-call group"
    >
      {/* New fields for new rights: what was chosen before is not what is. */}
      <div key={JSON.stringify(rights)} className="stack-3">
        <RightsFields id="rights" rights={rights} teams={teams} />
      </div>
    </ActForm>
  );
}
