'use client';

import { Button } from '@/components/ui/button';
import { Outcome } from '@/components/ui/outcome';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { ExternalAction } from '@/lib/identities/external/schema';

/** Has the hosts asked now instead of within the hour. */
export function AskNow({ id, ask }: { id: string; ask: ExternalAction }) {
  const { state, isPending, form } = useKeptForm<string>(ask);
  return (
    <form {...form} className="row" aria-label="Ask its hosts">
      <input type="hidden" name="identityId" value={id} />
      <Button type="submit" size="small" unavailable={isPending ? 'Being asked' : undefined}>
        Ask its hosts now
      </Button>
      <Outcome state={state} />
    </form>
  );
}
