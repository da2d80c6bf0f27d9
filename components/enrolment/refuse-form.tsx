'use client';

import { Button } from '@/components/ui/button';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { DecideAction } from './accept-form';

/** Refuses a workload; it may ask again, as often as the bounds let it. */
export function RefuseForm({ id, refuse }: { id: string; refuse: DecideAction }) {
  const { state, isPending, form } = useKeptForm<string>(refuse);
  return (
    <form {...form} className="settings-form" aria-labelledby="refuse-title">
      <h2 id="refuse-title">Refuse</h2>
      <p className="t2 s12">
        Nothing is issued to it, and it is told no reason. Revoke its code if you do not know who
        has it.
      </p>
      <input type="hidden" name="id" value={id} />
      <ReasonField id="refuse-reason" />
      <Refusal state={state} />
      <div className="foot">
        <Button variant="danger" type="submit" unavailable={isPending ? 'Under way' : undefined}>
          Refuse
        </Button>
      </div>
    </form>
  );
}
