'use client';

import Link from 'next/link';
import { Button, buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { IdentityAction } from './action-results';
import { type IdentityChoices, IdentityFields, type IdentityValues } from './identity-fields';

/** Changes what is known of an identity; who changed it meanwhile is not overwritten. */
export function ChangeIdentityForm({
  identity,
  revision,
  values,
  choices,
  change,
}: {
  identity: string;
  /** That was looked at. */
  revision: number;
  values: IdentityValues;
  choices: IdentityChoices;
  change: IdentityAction;
}) {
  const { state, isPending, form } = useKeptForm<string>(change);
  return (
    <form {...form} className="idn-form" aria-label="Change">
      <input type="hidden" name="identityId" value={identity} />
      <input type="hidden" name="seenRevision" value={revision} />
      <IdentityFields key={revision} id="change" values={values} choices={choices} isNew={false} />
      <ReasonField id="change-reason" />
      <Refusal state={state} />
      {state?.ok === true ? (
        <Callout tone="allow" live>
          {state.value}
        </Callout>
      ) : null}
      <div className="row wrap">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          Save
        </Button>
        <Link className={buttonClass({ variant: 'ghost' })} href={`/identities/${identity}`}>
          Back to its page
        </Link>
      </div>
    </form>
  );
}
