'use client';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Field } from '@/components/ui/field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Acted } from '@/lib/core/result';

/** Changes a person's own password. */
export function OwnPassword({
  email,
  change,
}: {
  email: string;
  change: (last: Acted<null> | null, form: FormData) => Promise<Acted<null>>;
}) {
  const { state, isPending, form } = useKeptForm<null>(change);
  return (
    <section aria-labelledby="password">
      <h2 id="password">Password</h2>
      <form {...form} className="stack-3 narrow">
        <input type="hidden" name="email" autoComplete="username" value={email} />
        <Field
          id="current"
          name="current"
          label="Password of now"
          type="password"
          autoComplete="current-password"
          maxLength={1024}
          required
        />
        <Field
          id="next"
          name="next"
          label="New password"
          type="password"
          autoComplete="new-password"
          help="12 characters or more, of any kind. Every other sign-in of yours ends."
          maxLength={1024}
          required
        />
        {state === null ? null : (
          <Callout tone={state.ok ? 'allow' : 'critical'} live>
            {state.ok ? 'Changed. Every other sign-in of yours has ended.' : state.message}
          </Callout>
        )}
        <p>
          <Button type="submit" unavailable={isPending ? 'Changing it' : undefined}>
            Change password
          </Button>
        </p>
      </form>
    </section>
  );
}
