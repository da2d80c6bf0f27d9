'use client';

import type { Ref } from 'react';
import { Callout } from '@/components/ui/callout';
import { Field } from '@/components/ui/field';
import type { Acted } from '@/lib/core/result';

/** Why it was refused, or what to say of it. */
export function Outcome({
  state,
  ref,
}: {
  state: Acted<string> | null;
  ref?: Ref<HTMLParagraphElement>;
}) {
  return (
    <>
      {state?.ok === false ? (
        <Callout tone="critical" live>
          {state.message}
        </Callout>
      ) : null}
      <p ref={ref} className="s12 t2" role="status" tabIndex={-1}>
        {state?.ok === true ? state.value : ''}
      </p>
    </>
  );
}

/** Every change says why. */
export function ReasonField({ id }: { id: string }) {
  return (
    <Field
      id={id}
      name="reason"
      label="Reason, kept in the log for ever"
      required
      maxLength={1000}
      autoComplete="off"
    />
  );
}
