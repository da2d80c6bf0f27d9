'use client';

import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { ShownOnce } from '@/components/ui/shown-once';
import { useKeptForm } from '@/components/ui/use-kept-form';
import {
  codeHours,
  codeHoursMax,
  type MadeEnrolmentCode,
  type MakeCodeAction,
} from '@/lib/identities/enrolment/schema';
import { utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { LackingPlaces, PlaceFields, type Places } from './place-fields';

/** Makes a code, which is shown below it once. */
export function CodeForm({ places, make }: { places: Places; make: MakeCodeAction }) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<MadeEnrolmentCode>(async (last, data) => {
    const made = await make(last, data);
    if (made.ok) fields.current?.reset();
    return made;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="code-title">
      <h3 id="code-title">Make a code</h3>
      <LackingPlaces places={places} />
      <Field
        id="code-name"
        name="name"
        label="Name"
        help="What is rolled out with it."
        required
        maxLength={80}
        autoComplete="off"
      />
      <PlaceFields id="code" places={places} />
      <Field
        id="code-uses"
        name="uses"
        label="How many workloads may use it"
        type="number"
        inputMode="numeric"
        min={1}
        max={100}
        step={1}
        required
        defaultValue={1}
      />
      <Field
        id="code-hours"
        name="hours"
        label="Hours until it expires"
        type="number"
        inputMode="numeric"
        min={1}
        max={codeHoursMax}
        step={1}
        required
        defaultValue={codeHours}
      />
      <ReasonField id="code-reason" />
      <Refusal state={state} />
      <div className="foot">
        <Button type="submit" unavailable={isPending ? 'Being made' : undefined}>
          Make code
        </Button>
      </div>
      {state?.ok === true ? (
        <div className="stack-3" role="status">
          <p className="t2 s12">
            {visibleText(state.value.name)}, until {utcTime(new Date(state.value.expiresAt))}. Shown
            this once: copy it now.
          </p>
          <ShownOnce value={state.value.code} label="Copy enrolment code" />
        </div>
      ) : null}
    </form>
  );
}
