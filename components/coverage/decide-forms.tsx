'use client';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { SelectField } from '@/components/ui/field';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Decide, DecideResult, ShadowActor } from '@/lib/inventory/coverage/schema';
import { visibleText } from '@/lib/inventory/visible';

/** Takes an actor, as one reporter tells of it, off the list that waits for a person. The reason is asked for, since somebody will ask. */
export function IgnoreForm({
  fingerprint,
  reporter,
  daysOffered,
  decide,
}: {
  fingerprint: string;
  reporter: ShadowActor['reporter'];
  daysOffered: readonly number[];
  decide: Decide;
}) {
  const { state, isPending, form } = useKeptForm(decide);
  return (
    <form {...form} className="stack-3 coverage-form">
      <input type="hidden" name="fingerprint" value={fingerprint} />
      <input type="hidden" name="reporter" value={reporter.id} />
      <ReasonField id="reason" placeholder="A load test of the platform team" />
      <SelectField id="days" name="days" label="How long" defaultValue="">
        <option value="">For good</option>
        {daysOffered.map((days) => (
          <option key={days} value={days}>
            {days} days
          </option>
        ))}
      </SelectField>
      <p className="s12 t3">
        Only as {visibleText(reporter.name)} reports it. It is back when another reporter tells of
        it, or when it does another kind of thing.
      </p>
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
export function UnignoreForm({
  fingerprint,
  reporter,
  decide,
}: {
  fingerprint: string;
  reporter: ShadowActor['reporter'];
  decide: Decide;
}) {
  const { state, isPending, form } = useKeptForm(decide);
  return (
    <form {...form} className="stack-3">
      <input type="hidden" name="fingerprint" value={fingerprint} />
      <input type="hidden" name="reporter" value={reporter.id} />
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
