'use client';

import { type IdentityChoices, WhoFields } from '@/components/identities/identity-fields';
import { RegisteredNote } from '@/components/identities/register-identity-form';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import { Refusal } from '@/components/ui/outcome';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Register, ShadowReporter } from '@/lib/inventory/coverage/schema';
import { counted } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';

/** Makes an identity of an unregistered actor, with what it declares filled in. */
export function RegisterForm({
  fingerprint,
  name,
  names,
  isNameless,
  reporter,
  reporters,
  register,
  choices,
  me,
}: {
  fingerprint: string;
  name: string;
  /** What it declares of itself and may be a name. */
  names: readonly string[];
  /** Whether it declares something that no identity may be called. */
  isNameless: boolean;
  /** As whom it is told of here. */
  reporter: string;
  reporters: readonly ShadowReporter[];
  register: Register;
  choices: IdentityChoices;
  /** Who registers it, and answers for it unless somebody else is chosen. */
  me: string;
}) {
  const { state, isPending, form } = useKeptForm(register);
  if (state?.ok === true)
    return (
      <>
        <RegisteredNote registered={state.value} />
        <p className="s12 t3">What it did until now stays as it was told.</p>
      </>
    );
  const further = names.filter((each) => each !== name);
  return (
    <form {...form} className="stack-3 coverage-form">
      <input type="hidden" name="fingerprint" value={fingerprint} />
      <Field
        id="name"
        name="name"
        label="Name"
        defaultValue={name}
        help="Letters, digits, dots, dashes or underscores, unique in the organisation."
        required
        maxLength={63}
        autoComplete="off"
        spellCheck={false}
      />
      <SelectField id="kind" name="kind" label="Kind" defaultValue="agent">
        <option value="agent">Agent</option>
        <option value="daemon">Daemon</option>
        <option value="service">Service</option>
      </SelectField>
      <div className="field">
        <label htmlFor="names">Further names, one a line</label>
        <textarea
          id="names"
          name="names"
          className="input"
          rows={2}
          defaultValue={further.join('\n')}
          spellCheck={false}
          aria-describedby="names-help"
        />
        <p className="help" id="names-help">
          {isNameless
            ? 'What it declares holds characters that no name may have, so it stays unregistered until it declares another.'
            : 'What declares one of these names is this identity, where its reporter may speak for it.'}
        </p>
      </div>
      <Reporters shown={reporter} reporters={reporters} />
      <details>
        <summary>
          <Icon name="right" size={12} className="chev" />
          Owner, team, zone, purpose and what is expected
        </summary>
        <div className="stack-3 coverage-who">
          <WhoFields
            id="who"
            values={{
              owner: me,
              sponsor: me,
              team: '',
              zone: '',
              purpose: '',
              tags: [],
              actsFor: { people: [], teams: [] },
              expects: [],
            }}
            choices={choices}
          />
        </div>
      </details>
      <Refusal state={state} />
      <p>
        <Button
          variant="primary"
          type="submit"
          unavailable={isPending ? 'Registering it' : undefined}
        >
          Register
        </Button>
      </p>
    </form>
  );
}

/**
 * Whether what they send is attributed from now on is a matter of whom they may speak for. Whoever copies the names of
 * an actor is among its reporters, so only the one that is looked at is chosen beforehand.
 */
function Reporters({ shown, reporters }: { shown: string; reporters: readonly ShadowReporter[] }) {
  const collectors = reporters.filter(
    ({ kind, reportsForAll }) => kind === 'service' && !reportsForAll,
  );
  const others = reporters.filter(({ kind }) => kind !== 'service');
  const all = reporters.filter(({ reportsForAll }) => reportsForAll);
  return (
    <>
      {collectors.length === 0 ? null : (
        <fieldset className="stack">
          <legend className="label">May report for it</legend>
          {collectors.map(({ id, name, interactions }) => (
            <label key={id} className="row s12">
              <input type="checkbox" name="reportedBy" value={id} defaultChecked={id === shown} />
              {visibleText(name)}, {counted(interactions, 'entry', 'entries')}
            </label>
          ))}
          {collectors.some(({ id }) => id !== shown) ? (
            <p className="s12 t3">
              Others use the same names. Choose one only if you know that it sends this actor.
            </p>
          ) : null}
        </fieldset>
      )}
      {all.length === 0 ? null : (
        <p className="s12 t2">
          {inWords(all)} {all.length === 1 ? 'reports' : 'report'} for all identities: what comes
          that way is attributed from the next export.
        </p>
      )}
      {others.length === 0 ? null : (
        <p className="s12 t2">
          {inWords(others)} sent it with {others.length === 1 ? 'its' : 'their'} own key, which may
          speak for nobody else. Give this identity the key that is made here.
        </p>
      )}
    </>
  );
}

const inWords = (reporters: readonly ShadowReporter[]): string =>
  reporters.map(({ name }) => visibleText(name)).join(', ');
