'use client';

import { useActionState } from 'react';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { signInFromBrowser } from '@/lib/auth/sign-in';

type Tried = { email: string; error: string | undefined };

/** The first step; `next` is a path of this console, where the second factor is asked for. */
export function SignInForm({ next }: { next: string }) {
  const [tried, submit, isPending] = useActionState(
    async (_: Tried, form: FormData): Promise<Tried> => {
      const email = String(form.get('email'));
      const refusal = await signInFromBrowser(email, String(form.get('password')));
      // A full load: nothing that this page held for whoever was here before stays.
      if (refusal === null) location.replace(next);
      return { email, error: refusal ?? undefined };
    },
    { email: '', error: undefined },
  );
  return (
    <form className="stack-4" action={submit}>
      <Field
        id="email"
        name="email"
        label="Work e-mail"
        type="email"
        autoComplete="username"
        defaultValue={tried.email}
        required
        large
      />
      <Field
        id="password"
        name="password"
        label="Password"
        type="password"
        autoComplete="current-password"
        maxLength={1024}
        required
        large
        error={tried.error}
      />
      <Button type="submit" variant="primary" size="large" aria-busy={isPending}>
        Continue
      </Button>
    </form>
  );
}
