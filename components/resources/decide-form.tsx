'use client';

import { Button } from '@/components/ui/button';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import type { DefinitionState } from '@/lib/resources/definitions/schema';

/** Evidence first, answer last: a yes or no to exactly the definition above. */
export function DecideForm({
  decide,
  id,
  digest,
  was,
  newest,
  against,
  canApprove,
}: {
  decide: SettingsAction;
  id: string;
  digest: string;
  was: DefinitionState;
  newest: string;
  /** Empty where nothing was approved before. */
  against: string;
  /** What nobody can read cannot be approved. */
  canApprove: boolean;
}) {
  const { state, isPending, form } = useKeptForm<string>(decide);
  return (
    <form {...form} className="resource-form" aria-label="Decide on this definition">
      {Object.entries({ id, digest, was, newest, against }).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <fieldset className="stack">
        <legend className="label">Your answer</legend>
        {canApprove && was !== 'approved' ? (
          <label className="check">
            <input type="radio" name="verdict" value="approved" required />
            <span>Approve: exactly this may be offered under its name</span>
          </label>
        ) : null}
        {was === 'rejected' ? null : (
          <label className="check">
            <input type="radio" name="verdict" value="rejected" required />
            <span>Reject: as long as it is offered last, the tool stays in the sandbox</span>
          </label>
        )}
      </fieldset>
      <ReasonField id="decide-reason" />
      <Outcome state={state} />
      <div className="row wrap">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being kept' : undefined}>
          Decide
        </Button>
      </div>
    </form>
  );
}
