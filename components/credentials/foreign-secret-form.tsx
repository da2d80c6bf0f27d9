'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { dueDays, dueDaysMax } from '@/lib/identities/foreign-secrets/due';
import type { ForeignSecret } from '@/lib/identities/foreign-secrets/schema';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { FingerprintField } from './fingerprint-field';

type People = readonly { id: string; name: string }[];

/** Notes a secret that an identity uses elsewhere. */
export function AddForeignSecret({ people, add }: { people: People; add: SettingsAction }) {
  return (
    <SecretDialog
      id="add-secret"
      variant="primary"
      button="Note a secret"
      title="Note a secret used elsewhere"
      act={add}
      leave="Note nothing"
      word="Note it"
    >
      <Field
        id="add-secret-identity"
        name="identityName"
        label="Identity that uses it, by its name"
        required
        maxLength={63}
        autoComplete="off"
        spellCheck={false}
      />
      <WordFields id="add-secret" secret={null} people={people} />
      <FingerprintField id="add-secret" />
      <div className="settings-pair">
        <Field
          id="add-secret-made"
          name="madeAt"
          label="Made on, if that is known"
          type="date"
          autoComplete="off"
        />
        <DaysField id="add-secret" />
      </div>
    </SecretDialog>
  );
}

export function ChangeForeignSecret({
  secret,
  people,
  change,
}: {
  secret: ForeignSecret;
  people: People;
  change: SettingsAction;
}) {
  const id = `change-${secret.id}`;
  return (
    <SecretDialog
      id={id}
      button="Change"
      title={`Change ${secret.label}`}
      act={change}
      leave="Leave it"
      word="Change it"
    >
      <input type="hidden" name="id" value={secret.id} />
      <WordFields id={id} secret={secret} people={people} />
      <ReasonField id={`${id}-reason`} />
    </SecretDialog>
  );
}

/** Notes that another secret took its place. */
export function RotateForeignSecret({
  secret,
  rotate,
}: {
  secret: ForeignSecret;
  rotate: SettingsAction;
}) {
  const id = `rotated-${secret.id}`;
  return (
    <SecretDialog
      id={id}
      button="Rotated"
      title={`${secret.label} was rotated`}
      act={rotate}
      leave="It was not"
      word="Note it"
    >
      <input type="hidden" name="id" value={secret.id} />
      <FingerprintField id={id} />
      <DaysField id={id} />
      <ReasonField id={`${id}-reason`} />
    </SecretDialog>
  );
}

function WordFields({
  id,
  secret,
  people,
}: {
  id: string;
  secret: ForeignSecret | null;
  people: People;
}) {
  return (
    <>
      <div className="settings-pair">
        <Field
          id={`${id}-issuer`}
          name="issuer"
          label="Who gave it"
          placeholder="OpenAI"
          defaultValue={secret?.issuer ?? ''}
          required
          maxLength={120}
          autoComplete="off"
        />
        <Field
          id={`${id}-label`}
          name="label"
          label="What it is for"
          placeholder="Key of the nightly batch"
          defaultValue={secret?.label ?? ''}
          required
          maxLength={120}
          autoComplete="off"
        />
      </div>
      <SelectField
        id={`${id}-owner`}
        name="owner"
        label="Who rotates it"
        defaultValue={secret?.owner?.id ?? ''}
      >
        <option value="">Whoever answers for the identity</option>
        {people.map(({ id: person, name }) => (
          <option key={person} value={person}>
            {name}
          </option>
        ))}
      </SelectField>
    </>
  );
}

const DaysField = ({ id }: { id: string }) => (
  <Field
    id={`${id}-days`}
    name="days"
    label="Days until it is due"
    type="number"
    inputMode="numeric"
    min={1}
    max={dueDaysMax}
    step={1}
    required
    defaultValue={dueDays}
  />
);

function SecretDialog({
  id,
  variant = 'plain',
  button,
  title,
  act,
  leave,
  word,
  children,
}: {
  id: string;
  variant?: 'primary' | 'plain';
  button: string;
  title: string;
  act: SettingsAction;
  leave: string;
  word: string;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();
  const [turn, setTurn] = useState(0);
  return (
    <>
      <Button
        variant={variant}
        {...(variant === 'plain' ? { size: 'small', variant: 'ghost' } : {})}
        aria-label={variant === 'plain' ? `${button}: ${title}` : undefined}
        onClick={() => dialog.current?.showModal()}
      >
        {button}
      </Button>
      <dialog
        ref={dialog}
        className="dialog credential-dialog"
        aria-labelledby={`${id}-title`}
        onClose={() => setTurn(turn + 1)}
      >
        <header id={`${id}-title`}>{title}</header>
        <SecretForm
          key={turn}
          act={act}
          leave={leave}
          word={word}
          close={() => dialog.current?.close()}
          done={() => {
            dialog.current?.close();
            router.refresh();
          }}
        >
          {children}
        </SecretForm>
      </dialog>
    </>
  );
}

function SecretForm({
  act,
  leave,
  word,
  close,
  done,
  children,
}: {
  act: SettingsAction;
  leave: string;
  word: string;
  close: () => void;
  done: () => void;
  children: ReactNode;
}) {
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const acted = await act(last, data);
    if (acted.ok) done();
    return acted;
  });
  return (
    <form {...form}>
      <div className="b">
        {children}
        <Refusal state={state} />
      </div>
      <footer>
        <Button onClick={close}>{leave}</Button>
        <Button variant="primary" type="submit" unavailable={isPending ? 'Under way' : undefined}>
          {word}
        </Button>
      </footer>
    </form>
  );
}
