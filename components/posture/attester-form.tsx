'use client';

import Link from 'next/link';
import { useRef, useState } from 'react';
import { clearReason } from '@/components/settings/clear-reason';
import { Button, buttonClass } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { factWords } from '@/lib/identities/posture/labels';
import type { Attester } from '@/lib/identities/posture/queries';
import { attesterReaches, type PostureAction } from '@/lib/identities/posture/schema';
import { visibleText } from '@/lib/inventory/visible';

type Named = { id: string; name: string };
type Reach = (typeof attesterReaches)[number];
const reachLabels: Record<Reach, string> = {
  all: 'All identities',
  identities: 'These identities',
  team: 'Identities of a team',
};

/** Lets a service attest; one that is chosen in the table is there to be changed. */
export function AttesterForm({
  chosen,
  services,
  facts,
  teams,
  save,
}: {
  chosen: Attester | null;
  services: readonly Named[];
  facts: readonly string[];
  teams: readonly Named[];
  save: PostureAction;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const [reach, setReach] = useState<Reach>(chosen?.reach ?? 'all');
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok && chosen === null) {
      fields.current?.reset();
      setReach('all');
    }
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="attester-title">
      <h2 id="attester-title">
        {chosen === null ? 'Let a service attest' : `Change ${visibleText(chosen.name)}`}
      </h2>
      <input type="hidden" name="seenAt" value={chosen?.changedAt.toISOString() ?? ''} />
      {chosen === null ? (
        <SelectField
          id="attester-service"
          name="identityId"
          label="Service"
          help="A registered, active service. Its ingest key does not do: it proves itself by certificate, registered key or federated token."
          required
          defaultValue=""
        >
          <option value="">Choose</option>
          {services.map(({ id, name }) => (
            <option key={id} value={id}>
              {visibleText(name)}
            </option>
          ))}
        </SelectField>
      ) : (
        <input type="hidden" name="identityId" value={chosen.identity} />
      )}
      <fieldset>
        <legend className="label">Facts it may say</legend>
        <div className="posture-checks">
          {facts.map((name) => (
            <div key={name} className="settings-choice">
              <input
                id={`fact-${name}`}
                type="checkbox"
                name="facts"
                value={name}
                defaultChecked={chosen?.facts.includes(name) ?? false}
              />
              <label htmlFor={`fact-${name}`}>{factWords(name)}</label>
            </div>
          ))}
        </div>
      </fieldset>
      <SelectField
        id="attester-reach"
        name="reach"
        label="Of whom"
        value={reach}
        onChange={({ target }) =>
          setReach(attesterReaches.find((each) => each === target.value) ?? 'all')
        }
      >
        {attesterReaches.map((each) => (
          <option key={each} value={each}>
            {reachLabels[each]}
          </option>
        ))}
      </SelectField>
      {reach === 'identities' ? (
        <div className="field">
          <label htmlFor="attester-identities">Names of identities, one a line</label>
          <textarea
            id="attester-identities"
            name="identities"
            className="input mono"
            rows={4}
            defaultValue={chosen?.named.join('\n') ?? ''}
            required
            spellCheck={false}
          />
        </div>
      ) : null}
      {reach === 'team' ? (
        <SelectField
          id="attester-team"
          name="teamId"
          label="Team"
          required
          defaultValue={chosen?.team ?? ''}
        >
          <option value="">Choose</option>
          {teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {visibleText(name)}
            </option>
          ))}
        </SelectField>
      ) : null}
      <ReasonField id="attester-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          {chosen === null ? 'Let it attest' : 'Change'}
        </Button>
        {chosen === null ? null : (
          <Link className={buttonClass()} href="/settings/posture">
            Let another attest
          </Link>
        )}
      </div>
    </form>
  );
}
