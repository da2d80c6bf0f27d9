'use client';

import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { visibleText } from '@/lib/inventory/visible';
import type { IdentityAction } from './action-results';
import type { IdentityChoices } from './identity-fields';

/** Accepts what was proposed, with who answers for it; nothing was issued until then. */
export function AcceptForm({
  identity,
  revision,
  proposed,
  choices,
  accept,
}: {
  identity: string;
  revision: number;
  /** Ids, empty for none, as it asks. */
  proposed: { owner: string; sponsor: string; team: string; zone: string };
  choices: IdentityChoices;
  accept: IdentityAction;
}) {
  const { state, isPending, form } = useKeptForm<string>(accept);
  const people = choices.people.map((each) => ({
    id: each.id,
    name: `${each.name}, ${each.email}`,
  }));
  const zones = choices.zones.map((each) => ({
    id: each.id,
    name: `${each.name}, ${each.environment}`,
  }));
  const select = (
    name: string,
    label: string,
    value: string,
    of: readonly { id: string; name: string }[],
    none: string | null,
  ) => (
    <SelectField
      id={`accept-${name}`}
      name={name}
      label={label}
      defaultValue={of.some(({ id }) => id === value) ? value : ''}
      required={none === null}
    >
      <option value="">{none ?? 'Choose a person'}</option>
      {of.map((each) => (
        <option key={each.id} value={each.id}>
          {visibleText(each.name)}
        </option>
      ))}
    </SelectField>
  );
  return (
    <form {...form} className="idn-form" aria-label="Accept">
      <input type="hidden" name="identityId" value={identity} />
      <input type="hidden" name="seenRevision" value={revision} />
      <div className="idn-pair">
        {select('ownerId', 'Owner', proposed.owner, people, null)}
        {select('sponsorId', 'Sponsor', proposed.sponsor, people, null)}
        {select('teamId', 'Team', proposed.team, choices.teams, 'None')}
        {select('zoneId', 'Zone', proposed.zone, zones, 'None')}
      </div>
      <ReasonField id="accept-reason" />
      <Refusal state={state} />
      <p>
        <Button variant="primary" type="submit" unavailable={isPending ? 'Under way' : undefined}>
          Accept
        </Button>
      </p>
    </form>
  );
}
