'use client';

import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Acted } from '@/lib/core/result';

/** The second step after a password; goes on to `target`, a path of this console. */
export function CodeForm({
  target,
  isRecovery,
  enter,
}: {
  target: string;
  /** Asks for a recovery code instead of a code of the app. */
  isRecovery: boolean;
  enter: (last: Acted<null> | null, form: FormData) => Promise<Acted<null>>;
}) {
  const { state, isPending, form } = useKeptForm<null>(async (last, fields) => {
    const entered = await enter(last, fields);
    if (entered.ok) location.replace(target);
    else if (entered.reason === 'signed_out') location.replace('/sign-in');
    return entered;
  });
  return (
    <form {...form} className="stack-4">
      <Field
        key={isRecovery ? 'recovery' : 'code'}
        id="code"
        name="code"
        label={isRecovery ? 'Recovery code' : 'Code from your authenticator app'}
        help={isRecovery ? 'Each works once.' : 'Six digits, new every 30 seconds.'}
        inputMode={isRecovery ? 'text' : 'numeric'}
        autoComplete="one-time-code"
        autoFocus
        maxLength={isRecovery ? 20 : 8}
        spellCheck={false}
        required
        large
        error={state?.ok === false ? state.message : undefined}
      />
      <Button type="submit" variant="primary" size="large" aria-busy={isPending}>
        Continue
      </Button>
    </form>
  );
}
