'use client';

import { type ReactNode, useRef } from 'react';
import { clearReason } from '@/components/settings/clear-reason';
import { Button } from '@/components/ui/button';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import type { ResourceAttributes } from '@/lib/resources/schema';
import { type AttributeChoices, AttributeFields } from './attribute-fields';

/** Says what is known of a resource: of a new one, one that was seen, or one that is registered. */
export function ResourceForm({
  id,
  title,
  button,
  save,
  hidden,
  value,
  choices,
  names,
  empties = false,
  children,
}: {
  id: string;
  title: string;
  button: string;
  save: SettingsAction;
  hidden: Readonly<Record<string, string>>;
  value: Partial<ResourceAttributes>;
  choices: AttributeChoices;
  /** Further names; null where there is no field for them. */
  names: readonly string[] | null;
  /** Whether what was written goes once it was saved. */
  empties?: boolean;
  children?: ReactNode;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok && empties) fields.current?.reset();
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  return (
    <form {...form} ref={fields} className="resource-form" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {Object.entries(hidden).map(([name, each]) => (
        <input key={name} type="hidden" name={name} value={each} />
      ))}
      {children}
      <AttributeFields id={id} value={value} choices={choices} />
      {names === null ? null : (
        <div className="field">
          <label htmlFor={`${id}-names`}>Further names, one a line</label>
          <textarea
            id={`${id}-names`}
            name="names"
            className="input mono"
            rows={2}
            defaultValue={names.join('\n')}
            spellCheck={false}
            aria-describedby={`${id}-names-help`}
          />
          <p className="help" id={`${id}-names-help`}>
            Other names of the same type that telemetry has for it. They are counted as one with it.
          </p>
        </div>
      )}
      <ReasonField id={`${id}-reason`} />
      <Outcome state={state} />
      <div className="row wrap">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          {button}
        </Button>
      </div>
    </form>
  );
}
