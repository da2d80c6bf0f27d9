'use client';

import Link from 'next/link';
import { useRef, useState } from 'react';
import { clearReason } from '@/components/settings/clear-reason';
import { Button, buttonClass } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { kindLabels } from '@/lib/identities/posture/labels';
import {
  type PostureAction,
  type PostureKind,
  type PostureType,
  postureKinds,
} from '@/lib/identities/posture/schema';

/** Registers a fact that can be attested; one that is chosen in the table is there to be changed. */
export function TypeForm({ chosen, save }: { chosen: PostureType | null; save: PostureAction }) {
  const fields = useRef<HTMLFormElement>(null);
  const [kind, setKind] = useState<PostureKind>(chosen?.type ?? 'boolean');
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok && chosen === null) {
      fields.current?.reset();
      setKind('boolean');
    }
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="type-title">
      <h2 id="type-title">{chosen === null ? 'Register a fact' : 'Change a fact'}</h2>
      <input type="hidden" name="seenAt" value={chosen?.changedAt.toISOString() ?? ''} />
      {chosen === null ? (
        <Field
          id="type-name"
          name="name"
          label="Name"
          help="As policies will read it: small letters, digits and underscores, such as disk_encrypted."
          required
          maxLength={60}
          autoComplete="off"
          spellCheck={false}
        />
      ) : (
        <input type="hidden" name="name" value={chosen.name} />
      )}
      {chosen === null ? (
        <SelectField
          id="type-kind"
          name="type"
          label="What is said"
          help="It stays what it is, since policies go by it."
          value={kind}
          onChange={({ target }) =>
            setKind(postureKinds.find((each) => each === target.value) ?? 'boolean')
          }
        >
          {postureKinds.map((each) => (
            <option key={each} value={each}>
              {kindLabels[each]}
            </option>
          ))}
        </SelectField>
      ) : (
        <input type="hidden" name="type" value={chosen.type} />
      )}
      {kind === 'choice' ? (
        <div className="field">
          <label htmlFor="type-choices">Choices, one a line</label>
          <textarea
            id="type-choices"
            name="choices"
            className="input mono"
            rows={4}
            defaultValue={chosen?.choices.join('\n') ?? ''}
            required
            spellCheck={false}
          />
        </div>
      ) : null}
      <Field
        id="type-description"
        name="description"
        label="Description"
        defaultValue={chosen?.description ?? ''}
        required
        maxLength={300}
        autoComplete="off"
      />
      <Field
        id="type-minutes"
        name="longestMinutes"
        label="Longest validity, in minutes"
        help="From when it was measured. After that it counts as absent. 1,440 is a day."
        type="number"
        inputMode="numeric"
        min={1}
        max={527_040}
        step={1}
        required
        defaultValue={chosen?.longestMinutes ?? 1440}
      />
      <ReasonField id="type-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          {chosen === null ? 'Register fact' : 'Change fact'}
        </Button>
        {chosen === null ? null : (
          <Link className={buttonClass()} href="/settings/posture">
            Register another
          </Link>
        )}
      </div>
    </form>
  );
}
