'use client';

import { type ComponentProps, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { CopyTextButton } from '@/components/ui/copy-button';
import { Field, SelectField } from '@/components/ui/field';
import type { Connected } from '@/lib/inventory/connect/schema';
import type { Way } from '@/lib/inventory/connect/ways';
import type { Reporter } from '@/lib/inventory/queries';
import { utcTime } from '@/lib/inventory/time';

const create = 'new';

/** Who sends: an identity that is registered, or a new one. */
export function IdentityForm({
  way,
  choices,
  form,
  isPending,
  mayRegister,
  problem,
}: {
  way: Way;
  choices: readonly Reporter[];
  form: Pick<ComponentProps<'form'>, 'action' | 'onSubmit'>;
  isPending: boolean;
  mayRegister: boolean;
  problem: string | null;
}) {
  const [chosen, setChosen] = useState(create);
  const reporter = choices.find(({ id }) => id === chosen);
  const unavailable = mayRegister
    ? isPending
      ? 'Making the key'
      : undefined
    : 'An administrator registers identities';
  return (
    <form {...form} className="stack connect-form">
      <input type="hidden" name="way" value={way.id} />
      {choices.length === 0 ? (
        <input type="hidden" name="identity" value={create} />
      ) : (
        <SelectField
          id="identity"
          name="identity"
          label="Who sends telemetry"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value={create}>Register a new identity</option>
          {choices.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      {chosen === create ? (
        <>
          <Field
            id="name"
            name="name"
            label="Name"
            placeholder="returns-agent"
            help="Letters, digits, dots, dashes or underscores, unique in the organisation."
            required
            maxLength={63}
            autoComplete="off"
            spellCheck={false}
          />
          {way.id === 'collector' ? (
            <p className="t2 s12">
              It is registered as a service that reports for every identity: the declaration in the
              data selects which.
            </p>
          ) : (
            <SelectField id="kind" name="kind" label="Kind" defaultValue="agent">
              <option value="agent">Agent</option>
              <option value="daemon">Daemon</option>
              <option value="service">Service</option>
            </SelectField>
          )}
        </>
      ) : null}
      {way.declares.length === 0 ? null : (
        <p className="t3 s12">
          {way.title} calls itself {way.declares.join(', ')}, whoever runs it:{' '}
          {reporter?.reportsForOthers === true
            ? 'this identity reports for others, so what comes by this key under such a name stands as shadow activity, unless an identity that it reports for has the name.'
            : 'what comes by this key under such a name is this identity’s.'}
        </p>
      )}
      {problem === null || problem === '' ? null : (
        <Callout tone="critical" live>
          {problem}
        </Callout>
      )}
      <p>
        <Button variant="primary" type="submit" unavailable={unavailable}>
          {chosen === create ? 'Register and make a key' : 'Make a key'}
        </Button>
      </p>
    </form>
  );
}

/** The one time that the key is shown. */
export function KeyShown({ made }: { made: Connected }) {
  return (
    <>
      <p className="t2">
        May only write telemetry of {made.name}. Ends on {utcTime(new Date(made.expiresAt))}.
      </p>
      <div className="row wrap">
        <code className="connect-key">{made.ingestKey}</code>
        <CopyTextButton value={made.ingestKey} label="Copy ingest key" />
      </div>
      <p className="t3 s12">Shown this once. Make another if it is lost.</p>
    </>
  );
}
