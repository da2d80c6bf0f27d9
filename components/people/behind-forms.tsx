'use client';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { SelectField } from '@/components/ui/field';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { BehindResult, DecideBehind } from '@/lib/people/behind/schema';

/** Says that somebody is expected behind these agents. The reason is asked for, since somebody will ask. */
export function ExpectForm({
  person,
  daysOffered,
  decide,
}: {
  person: string;
  daysOffered: readonly number[];
  decide: DecideBehind;
}) {
  const { state, isPending, form } = useKeptForm(decide);
  return (
    <form {...form} className="stack-3 behind-form">
      <input type="hidden" name="person" value={person} />
      <ReasonField id="reason" placeholder="Signs in with a passkey at our identity provider" />
      <SelectField id="days" name="days" label="How long" defaultValue={String(daysOffered[0])}>
        {daysOffered.map((days) => (
          <option key={days} value={days}>
            {days} days
          </option>
        ))}
        <option value="">For good</option>
      </SelectField>
      <p className="s12 t3">
        Only of the agents below, as they are reported now. It is back when another agent acts for
        them, or another reporter tells of it.
      </p>
      <Refusal state={state} />
      <p>
        <Button type="submit" unavailable={isPending ? 'Being recorded' : undefined}>
          Mark as expected
        </Button>
      </p>
    </form>
  );
}

/** Makes it a finding again. */
export function ReopenForm({ person, decide }: { person: string; decide: DecideBehind }) {
  const { state, isPending, form } = useKeptForm(decide);
  return (
    <form {...form} className="stack-3">
      <input type="hidden" name="person" value={person} />
      <Refusal state={state} />
      <p>
        <Button type="submit" unavailable={isPending ? 'Being recorded' : undefined}>
          Not expected any more
        </Button>
      </p>
    </form>
  );
}

function Refusal({ state }: { state: BehindResult | null }) {
  return state?.ok === false ? (
    <Callout tone="critical" live>
      {state.message}
    </Callout>
  ) : null;
}
