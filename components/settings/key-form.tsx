'use client';

import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { visibleText } from '@/lib/inventory/visible';
import { scopeLabels } from '@/lib/people/api-keys/labels';
import {
  apiKeyDays,
  apiKeyDaysMax,
  apiScopes,
  type IssueAction,
  type IssuedApiKey,
} from '@/lib/people/api-keys/schema';
import { SecretOnce } from './secret-once';

/** Makes a key, whose secret is shown below it once. */
export function KeyForm({
  networks,
  issue,
}: {
  networks: readonly { id: string; name: string }[];
  issue: IssueAction;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<IssuedApiKey>(async (last, data) => {
    const issued = await issue(last, data);
    if (issued.ok) fields.current?.reset();
    return issued;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="key-title">
      <h2 id="key-title">Make a key</h2>
      <Field
        id="key-name"
        name="name"
        label="Name"
        help="What uses it, as whoever finds it in the log would look for it."
        required
        maxLength={80}
        autoComplete="off"
      />
      <fieldset>
        <legend className="label">Scopes: it may</legend>
        {apiScopes.map((scope) => (
          <div key={scope} className="settings-choice">
            <input
              id={`scope-${scope}`}
              type="checkbox"
              name="scopes"
              value={scope}
              aria-describedby={`scope-${scope}-says`}
            />
            <label htmlFor={`scope-${scope}`} className="mono">
              {scope}
            </label>
            <p className="says s12 t3" id={`scope-${scope}-says`}>
              {scopeLabels[scope]}
            </p>
          </div>
        ))}
      </fieldset>
      <Field
        id="key-days"
        name="days"
        label="Days until it expires"
        type="number"
        inputMode="numeric"
        min={1}
        max={apiKeyDaysMax}
        step={1}
        required
        defaultValue={apiKeyDays}
      />
      <Networks networks={networks} />
      <ReasonField id="key-reason" />
      <Refusal state={state} />
      <div className="foot">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being made' : undefined}>
          Make key
        </Button>
      </div>
      {state?.ok === true ? <SecretOnce issued={state.value} /> : null}
    </form>
  );
}

function Networks({ networks }: { networks: readonly { id: string; name: string }[] }) {
  if (networks.length === 0)
    return (
      <p className="s12 t3">It may be used from anywhere: no networks are named to bind it to.</p>
    );
  return (
    <fieldset>
      <legend className="label">Networks it may come from; with none chosen, any</legend>
      {networks.map(({ id, name }) => (
        <div key={id} className="settings-choice">
          <input id={`bound-${id}`} type="checkbox" name="networks" value={id} />
          <label htmlFor={`bound-${id}`}>{visibleText(name)}</label>
        </div>
      ))}
    </fieldset>
  );
}
