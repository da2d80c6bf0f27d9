'use client';

import { type FormEvent, startTransition, useActionState } from 'react';
import { type Acted, refused } from '@/lib/core/result';
import { useWithFactor } from './factor-context';

/**
 * A form around a server action that keeps what was filled in when the action refuses: React empties a form
 * whose action it calls itself. An action that cannot be reached is a refusal too, and not the end of the page;
 * one that lacks a fresh second factor asks for it and goes on.
 */
export function useKeptForm<Value>(
  action: (last: Acted<Value> | null, form: FormData) => Promise<Acted<Value>>,
  unanswered = 'The console did not answer. Try again.',
) {
  const withFactor = useWithFactor();
  const [state, submit, isPending] = useActionState(
    async (last: Acted<Value> | null, form: FormData) => {
      try {
        return await withFactor(() => action(last, form));
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
