'use client';

import Link from 'next/link';
import { useRef } from 'react';
import { Button, buttonClass } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Network } from '@/lib/people/networks/schema';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { clearReason } from './clear-reason';

/** Names a network; one that is chosen in the table is there to be changed. */
export function NetworkForm({ chosen, save }: { chosen: Network | null; save: SettingsAction }) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok && chosen === null) fields.current?.reset();
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="network-title">
      <h2 id="network-title">{chosen === null ? 'Name a network' : 'Change a network'}</h2>
      <input type="hidden" name="id" value={chosen?.id ?? ''} />
      <input type="hidden" name="seenAt" value={chosen?.changedAt.toISOString() ?? ''} />
      <Field
        id="network-name"
        name="name"
        label="Name"
        defaultValue={chosen?.name ?? ''}
        required
        maxLength={80}
        autoComplete="off"
      />
      <div className="field">
        <label htmlFor="network-cidrs">Addresses, one block a line</label>
        <textarea
          id="network-cidrs"
          name="cidrs"
          className="input mono"
          rows={5}
          defaultValue={chosen?.cidrs.join('\n') ?? ''}
          required
          spellCheck={false}
          aria-describedby="network-cidrs-help"
        />
        <p className="help" id="network-cidrs-help">
          10.0.0.0/8, 2001:db8::/32 or a single address; 50 at most. They may overlap those of other
          networks: an address has the name of the smallest block that holds it.
        </p>
      </div>
      <ReasonField id="network-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          {chosen === null ? 'Name network' : 'Change network'}
        </Button>
        {chosen === null ? null : (
          <Link className={buttonClass()} href="/settings/networks">
            Name another
          </Link>
        )}
      </div>
    </form>
  );
}
