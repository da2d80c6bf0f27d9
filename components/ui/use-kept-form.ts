'use client';

import { type FormEvent, startTransition, useActionState } from 'react';
import { type Result, refused } from '@/lib/core/result';

/**
 * A form around a server action that keeps what was filled in when the action refuses: React empties a form
 * whose action it calls itself. An action that cannot be reached is a refusal too, and not the end of the page.
 */
export function useKeptForm<Value>(
  action: (
    last: Result<Value, 'refused'> | null,
    form: FormData,
  ) => Promise<Result<Value, 'refused'>>,
  unanswered = 'The console did not answer. Try again.',
) {
  const [state, submit, isPending] = useActionState(
    async (last: Result<Value, 'refused'> | null, form: FormData) => {
      try {
        return await action(last, form);
      } catch {
        return refused('refused', unanswered);
      }
    },
    null,
  );
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    startTransition(() => submit(form));
  };
  return { state, isPending, form: { action: submit, onSubmit } };
}
