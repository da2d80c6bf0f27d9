import Link from 'next/link';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '@/components/ui/button';
import { roleLabels, stateLabels } from '@/lib/people/labels';
import { type PeopleView, peopleHref } from '@/lib/people/members/address';
import { memberStates } from '@/lib/people/members/schema';
import { roles } from '@/lib/people/schema';
import type { Choice } from './rights-fields';

/** By role, state and team; the address says which, so it works without script. */
export function PeopleFilters({ view, teams }: { view: PeopleView; teams: readonly Choice[] }) {
  const { role, state, team } = view;
  return (
    <form className="toolbar" action="/people" aria-label="Filters">
      <Select name="role" label="Role" value={role}>
        <option value="">Any role</option>
        {roles.map((each) => (
          <option key={each} value={each}>
            {roleLabels[each].word}
          </option>
        ))}
      </Select>
      <Select name="state" label="State" value={state}>
        <option value="">Any state</option>
        {memberStates.map((each) => (
          <option key={each} value={each}>
            {stateLabels[each]}
          </option>
        ))}
      </Select>
      {teams.length === 0 ? null : (
        <Select name="team" label="Team" value={team}>
          <option value="">Any team</option>
          {teams.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </Select>
      )}
      <Button type="submit">Filter</Button>
      {role === null && state === null && team === null ? null : (
        <Link className={buttonClass({ variant: 'ghost' })} href={peopleHref()} prefetch={false}>
          Clear filters
        </Link>
      )}
    </form>
  );
}

function Select({
  name,
  label,
  value,
  children,
}: {
  name: string;
  label: string;
  value: string | null;
  children: ReactNode;
}) {
  return (
    <select
      key={value}
      className="select fit"
      name={name}
      aria-label={label}
      defaultValue={value ?? ''}
    >
      {children}
    </select>
  );
}
