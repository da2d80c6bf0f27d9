'use client';

import { useActionState } from 'react';
import { Button } from '@/components/ui/button';
import { thousands } from '@/lib/inventory/labels';
import type { Replay } from '@/lib/inventory/quarantine/schema';

/** Sends items through the pipeline again, where the reason may be gone by now. */
export function ReplayForm({
  fields,
  replay,
  label,
  unavailable,
}: {
  /** What to replay: ids of items, or reasons. */
  fields: readonly (readonly [name: 'id' | 'reason', value: string])[];
  replay: Replay;
  label: string;
  /** Why there is nothing to replay. */
  unavailable?: string | undefined;
}) {
  const [state, submit, isPending] = useActionState(replay, null);
  return (
    <form action={submit} className="quarantine-actions">
      {fields.map(([name, value]) => (
        <input key={value} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit" unavailable={unavailable ?? (isPending ? 'Asking' : undefined)}>
        {label}
      </Button>
      <span className="s12 t2" role="status">
        {state === null
          ? ''
          : state.ok
            ? state.value === 0
              ? 'They wait or were accepted already.'
              : `${thousands(state.value)} asked for; the gateway answers within seconds.`
            : state.message}
      </span>
    </form>
  );
}
