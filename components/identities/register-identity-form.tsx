'use client';

import Link from 'next/link';
import { Button, buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Refusal } from '@/components/ui/outcome';
import { ShownOnce } from '@/components/ui/shown-once';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { visibleText } from '@/lib/inventory/visible';
import type { NewIdentity, NewIdentityAction } from './action-results';
import { type IdentityChoices, IdentityFields, type IdentityValues } from './identity-fields';

/** Registers an identity by hand, and shows its first key once. */
export function RegisterIdentityForm({
  values,
  choices,
  register,
}: {
  values: IdentityValues;
  choices: IdentityChoices;
  register: NewIdentityAction;
}) {
  const { state, isPending, form } = useKeptForm<NewIdentity>(register);
  if (state?.ok === true) return <RegisteredNote registered={state.value} />;
  return (
    <form {...form} className="idn-form" aria-label="Register identity">
      <IdentityFields id="new" values={values} choices={choices} isNew />
      <label className="check">
        <input type="checkbox" name="issuesKey" value="yes" defaultChecked />
        Make its first ingest key, a bearer secret for 30 days
      </label>
      <p className="s12 t3">
        Without it, it proves itself by what you register on its page: a certificate, a key, a
        workload identity. An external API gets none.
      </p>
      <Refusal state={state} />
      <div className="row wrap">
        <Button
          variant="primary"
          type="submit"
          unavailable={isPending ? 'Registering it' : undefined}
        >
          Register
        </Button>
        <Link className={buttonClass({ variant: 'ghost' })} href="/identities">
          Cancel
        </Link>
      </div>
    </form>
  );
}

/** What was made, and the one time that its key is shown. */
export function RegisteredNote({ registered }: { registered: NewIdentity }) {
  return (
    <div className="idn-form" role="status">
      <Callout tone="allow">
        Registered as{' '}
        <Link href={`/identities/${registered.id}`}>{visibleText(registered.name)}</Link>.
      </Callout>
      {registered.ingestKey === null ? null : (
        <>
          <ShownOnce value={registered.ingestKey} label="Copy ingest key" />
          <p className="t3 s12">
            Its ingest key, shown this once. <Link href="/connect">Connect</Link> says how to use
            it.
          </p>
        </>
      )}
      <p>
        <Link className={buttonClass()} href={`/identities/${registered.id}`}>
          Open its page
        </Link>
      </p>
    </div>
  );
}
