'use client';

import { useActionState, useSyncExternalStore } from 'react';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { type AcceptErrors, accept } from './actions';

type Tried = { errors: AcceptErrors; values: Record<string, string> };

const noChanges = () => () => {};
const codeOfAddress = () => location.hash.slice(1);

export function InvitationForm() {
  const code = useSyncExternalStore(noChanges, codeOfAddress, () => '');
  const [{ errors, values }, submit, isPending] = useActionState(
    async (_: Tried, form: FormData): Promise<Tried> => {
      const tried = { code: textOf(form, 'code'), email: textOf(form, 'email') };
      const errors = await accept(form);
      // A full load, which leaves the code behind.
      if (Object.keys(errors).length === 0) location.replace('/sign-in');
      return { errors, values: tried };
    },
    { errors: {}, values: {} },
  );
  const shown = values.code ?? code;
  return (
    <form className="stack-4" action={submit}>
      <Field
        key={shown}
        id="code"
        name="code"
        label="Code of the link"
        autoComplete="off"
        spellCheck={false}
        defaultValue={shown}
        error={errors.code}
        help="It comes with the link that you were given."
        maxLength={200}
        required
        large
      />
      <Field
        id="email"
        name="email"
        label="Work e-mail"
        type="email"
        autoComplete="username"
        defaultValue={values.email}
        error={errors.email}
        help="The one that the link is for."
        maxLength={254}
        required
        large
      />
      <Field
        id="password"
        name="password"
        label="New password"
        type="password"
        autoComplete="new-password"
        error={errors.password}
        help="12 characters or more, of any kind. A second factor is set up at your next sign-in."
        minLength={12}
        maxLength={1024}
        required
        large
      />
      <Button type="submit" variant="primary" size="large" aria-busy={isPending}>
        Set my password
      </Button>
    </form>
  );
}

const textOf = (form: FormData, field: string): string => String(form.get(field) ?? '');
