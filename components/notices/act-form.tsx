'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { NoticeAction } from '@/lib/delivery/schema';

/** By then the worker has sent what could be sent at once. */
const lookAgainMs = 2_500;

/** One button around a server action, and what came of it. */
export function ActForm({
  action,
  id,
  label,
  longLabel,
  isSmall = false,
  looksAgain = false,
  goesTo,
}: {
  action: NoticeAction;
  /** What it is done to; `all` for everything. */
  id: string;
  label: string;
  /** Where the label alone does not say of what. */
  longLabel?: string;
  isSmall?: boolean;
  /** Whether the page is read again a little later. */
  looksAgain?: boolean;
  /** What has the focus afterwards, where the button goes with what it was for. */
  goesTo?: string;
}) {
  const router = useRouter();
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const done = await action(last, data);
    if (done.ok && goesTo !== undefined) {
      document.getElementById(goesTo)?.focus();
      announce(done.value);
    }
    return done;
  });
  const isDone = state?.ok === true;
  useEffect(() => {
    if (!isDone || !looksAgain) return;
    const timer = setTimeout(() => router.refresh(), lookAgainMs);
    return () => clearTimeout(timer);
  }, [isDone, looksAgain, router]);
  return (
    <form {...form} className="row wrap">
      <input type="hidden" name="id" value={id} />
      <Button
        type="submit"
        size={isSmall ? 'small' : 'medium'}
        variant={isSmall ? 'ghost' : 'plain'}
        aria-label={longLabel}
        unavailable={isPending ? 'Under way' : undefined}
      >
        {label}
      </Button>
      <span className="s12 t2 act-said" role="status">
        {state === null ? '' : state.ok ? state.value : state.message}
      </span>
    </form>
  );
}
