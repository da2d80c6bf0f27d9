'use client';

import Link from 'next/link';
import { useRef } from 'react';
import { clearReason } from '@/components/settings/clear-reason';
import { Button, buttonClass } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { environmentLabels, zoneKindLabels } from '@/lib/zones/labels';
import type { Zone } from '@/lib/zones/schema';

/** Makes a zone; one that is chosen in the table is there to be changed. */
export function ZoneForm({ chosen, save }: { chosen: Zone | null; save: SettingsAction }) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok && chosen === null) fields.current?.reset();
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="zone-title">
      <h2 id="zone-title">{chosen === null ? 'Create a zone' : 'Change a zone'}</h2>
      <input type="hidden" name="id" value={chosen?.id ?? ''} />
      <input type="hidden" name="seenAt" value={chosen?.changedAt.toISOString() ?? ''} />
      <Field
        id="zone-name"
        name="name"
        label="Name"
        defaultValue={chosen?.name ?? ''}
        required
        maxLength={80}
        autoComplete="off"
      />
      <div className="settings-pair">
        <SelectField
          id="zone-kind"
          name="kind"
          label="Kind"
          defaultValue={chosen?.kind ?? 'workload'}
        >
          {Object.entries(zoneKindLabels).map(([kind, word]) => (
            <option key={kind} value={kind}>
              {word}
            </option>
          ))}
        </SelectField>
        <SelectField
          id="zone-environment"
          name="environment"
          label="Environment"
          defaultValue={chosen?.environment ?? 'production'}
        >
          {Object.entries(environmentLabels).map(([environment, word]) => (
            <option key={environment} value={environment}>
              {word}
            </option>
          ))}
        </SelectField>
      </div>
      <Field
        id="zone-purpose"
        name="purpose"
        label="Purpose"
        defaultValue={chosen?.purpose ?? ''}
        maxLength={1000}
        autoComplete="off"
        help="What it is for, and what keeps it apart from others."
      />
      <ReasonField id="zone-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          {chosen === null ? 'Create zone' : 'Change zone'}
        </Button>
        {chosen === null ? null : (
          <Link className={buttonClass()} href="/zones">
            Create another
          </Link>
        )}
      </div>
    </form>
  );
}
