'use client';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Field, SelectField } from '@/components/ui/field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Decide, DecideResult } from '@/lib/inventory/coverage/schema';

/** Takes an actor off the list that waits for a person. The reason is asked for, since somebody will ask. */
export function IgnoreForm({
  fingerprint,
  daysOffered,
  decide,
}: {
  fingerprint: string;
  daysOffered: readonly number[];
  decide: Decide;
}) {
  const { state, isPending, form } = useKeptForm(decide);
  return (
    <form {...form} className="stack-3 coverage-form">
      <input type="hidden" name="fingerprint" value={fingerprint} />
      <Field
        id="reason"
        name="reason"
        label="Reason"
        placeholder="A load test of the platform team"
        required
        maxLength={1000}
        autoComplete="off"
      />
      <SelectField id="days" name="days" label="How long" defaultValue="">
        <option value="">For good</option>
        {daysOffered.map((days) => (
          <option key={days} value={days}>
            {days} days
          </option>
        ))}
      </SelectField>
      <Refusal state={state} />
      <p>
        <Button type="submit" unavailable={isPending ? 'Ignoring it' : undefined}>
          Ignore
        </Button>
      </p>
    </form>
  );
}

/** Puts it back on the list. */
export function UnignoreForm({ fingerprint, decide }: { fingerprint: string; decide: Decide }) {
  const { state, isPending, form } = useKeptForm(decide);
  return (
    <form {...form} className="stack-3">
      <input type="hidden" name="fingerprint" value={fingerprint} />
      <Refusal state={state} />
      <p>
        <Button type="submit" unavailable={isPending ? 'Reopening it' : undefined}>
          Stop ignoring
        </Button>
      </p>
    </form>
  );
}

function Refusal({ state }: { state: DecideResult | null }) {
  return state?.ok === false ? (
    <Callout tone="critical" live>
      {state.message}
    </Callout>
  ) : null;
}
