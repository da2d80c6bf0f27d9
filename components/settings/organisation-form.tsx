'use client';

import { useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Field, SelectField } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Organisation, SettingsAction } from '@/lib/people/organisation/schema';
import { clearReason } from './clear-reason';

/** Name and time zone; what another zone brings about is said before it is saved. */
export function OrganisationForm({
  now,
  zones,
  save,
}: {
  /** As it is set. */
  now: Organisation;
  zones: readonly string[];
  save: SettingsAction;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const [zone, setZone] = useState(now.timeZone);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-label="Organisation">
      <input type="hidden" name="before.organisation" value={now.organisation} />
      <input type="hidden" name="before.timeZone" value={now.timeZone} />
      <Field
        id="organisation"
        name="organisation"
        label="Name"
        help="Shown at the top of every page."
        defaultValue={now.organisation}
        required
        maxLength={120}
        autoComplete="organization"
      />
      <SelectField
        id="time-zone"
        name="timeZone"
        label="Time zone"
        help="In which days begin: figures by day, and later hours in policies."
        value={zone}
        onChange={(event) => setZone(event.target.value)}
      >
        {zones.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </SelectField>
      {zone === now.timeZone ? null : (
        <Callout tone="review" live>
          Days are counted again in {zone}. The worker starts within half a minute of saving, and
          until it is through, figures by minute, hour and day are incomplete. Days whose facts are
          no longer kept stay as they were counted, from midnight to midnight of {now.timeZone}.
        </Callout>
      )}
      <ReasonField id="organisation-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          Save
        </Button>
      </div>
    </form>
  );
}
