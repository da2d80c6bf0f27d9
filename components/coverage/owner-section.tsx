import { Visible } from '@/components/inventory/visible';
import { KeyValue } from '@/components/ui/key-value';
import type { Assign } from '@/lib/inventory/coverage/schema';
import type { Assignment } from '@/lib/inventory/coverage/unowned/queries';
import { type AssignChoice, AssignForm } from './assign-form';

export type OwnerChoices = {
  people: readonly (AssignChoice & { email: string })[];
  teams: readonly AssignChoice[];
};

const lackWords = { account: ', who was removed', role: ', who has no role any more' } as const;

/** Who answers for an identity; `assign` is for whoever may say so. */
export function OwnerSection({
  identity,
  assignment,
  choices,
  assign,
}: {
  identity: string;
  assignment: Assignment;
  choices: OwnerChoices;
  assign: Assign | null;
}) {
  const { owner, team } = assignment;
  return (
    <section className="sec stack-3" aria-labelledby="owner">
      <h3 id="owner">Who answers for it</h3>
      <KeyValue
        rows={[
          [
            'Owner',
            owner === null ? (
              'Nobody'
            ) : (
              <span key="owner">
                <Visible text={owner.name} oneLine />
                {owner.lacks === null ? '' : lackWords[owner.lacks]}
              </span>
            ),
          ],
          ['Team', team === null ? 'None' : <Visible key="team" text={team.name} oneLine />],
        ]}
      />
      {assign === null ? null : (
        <AssignForm
          identity={identity}
          owner={owner === null || owner.lacks !== null ? '' : owner.id}
          team={team?.id ?? ''}
          people={choices.people}
          teams={choices.teams}
          assign={assign}
        />
      )}
    </section>
  );
}
