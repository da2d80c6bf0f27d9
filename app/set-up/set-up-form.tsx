'use client';

import { useActionState, useSyncExternalStore } from 'react';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { signInFromBrowser } from '@/lib/auth/sign-in';
import { type SetUpErrors, setUp } from './actions';

type Tried = { errors: SetUpErrors; values: Record<string, string> };

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const noChanges = () => () => {};

export function SetUpForm({ zones }: { zones: readonly string[] }) {
  const zone = useSyncExternalStore(noChanges, browserZone, () => 'UTC');
  const [{ errors, values }, submit, isPending] = useActionState(
    async (_: Tried, form: FormData): Promise<Tried> => {
      const values = Object.fromEntries(
        [...form].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
      );
      const errors = await setUp(form);
      if (Object.keys(errors).length > 0) return { errors, values };
      const refusal = await signInFromBrowser(values.email ?? '', values.password ?? '');
      location.replace(refusal === null ? '/sign-in/enrol' : '/sign-in');
      return { errors: {}, values };
    },
    { errors: {}, values: {} },
  );
  const chosen = values.timeZone ?? zone;
  const options = [...new Set(['UTC', ...zones, chosen])].sort();
  return (
    <form className="stack-4" action={submit}>
      <Field
        id="code"
        name="code"
        label="Code from the terminal"
        autoComplete="one-time-code"
        spellCheck={false}
        defaultValue={values.code}
        error={errors.code}
        help="Printed where Sallyport was started."
        required
        large
      />
      <Field
        id="organisation"
        name="organisation"
        label="Organisation"
        autoComplete="organization"
        defaultValue={values.organisation}
        error={errors.organisation}
        maxLength={120}
        required
        large
      />
      <SelectField
        key={chosen}
        id="timeZone"
        name="timeZone"
        label="Time zone of the organisation"
        defaultValue={chosen}
        error={errors.timeZone}
        help="For working hours in policies and for days in reports."
        large
      >
        {options.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <Field
        id="name"
        name="name"
        label="Your name"
        autoComplete="name"
        defaultValue={values.name}
        error={errors.name}
        maxLength={120}
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
        maxLength={254}
        required
        large
      />
      <Field
        id="password"
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        defaultValue={values.password}
        error={errors.password}
        help="12 characters or more, of any kind. You will be the administrator."
        minLength={12}
        maxLength={1024}
        required
        large
      />
      <Button type="submit" variant="primary" size="large" aria-busy={isPending}>
        Set up and sign in
      </Button>
    </form>
  );
}
