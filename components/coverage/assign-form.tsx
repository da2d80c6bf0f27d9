'use client';

import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Assign } from '@/lib/inventory/coverage/schema';
import { visibleText } from '@/lib/inventory/visible';

export type AssignChoice = { id: string; name: string };

/** Says who answers for an identity and which team it is of. */
export function AssignForm({
  identity,
  owner,
  team,
  people,
  teams,
  assign,
}: {
  identity: string;
  /** Ids; empty for nobody and none. */
  owner: string;
  team: string;
  people: readonly (AssignChoice & { email: string })[];
  teams: readonly AssignChoice[];
  assign: Assign;
}) {
  const { state, isPending, form } = useKeptForm<string>(assign);
  return (
    <form {...form} className="stack-3 coverage-form">
      <input type="hidden" name="identityId" value={identity} />
      {/* New fields for what is assigned now. */}
      <div key={`${owner} ${team}`} className="stack-3">
        <SelectField id="owner-id" name="ownerId" label="Owner" defaultValue={owner}>
          <option value="">Nobody</option>
          {people.map(({ id, name, email }) => (
            <option key={id} value={id}>
              {visibleText(name)}, {email}
            </option>
          ))}
        </SelectField>
        {teams.length === 0 ? null : (
          <SelectField
            id="team-id"
            name="teamId"
            label="Team"
            help="Who is let see or read by team sees it by this one."
            defaultValue={team}
          >
            <option value="">None</option>
            {teams.map(({ id, name }) => (
              <option key={id} value={id}>
                {visibleText(name)}
              </option>
            ))}
          </SelectField>
        )}
        <ReasonField id="assign-reason" />
      </div>
      <Refusal state={state} />
      <p className="row wrap">
        <Button type="submit" unavailable={isPending ? 'Being assigned' : undefined}>
          Assign
        </Button>
        <span className="s12 t2" role="status">
          {state?.ok === true ? state.value : ''}
        </span>
      </p>
    </form>
  );
}
