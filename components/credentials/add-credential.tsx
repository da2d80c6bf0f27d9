'use client';

import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Field, SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { credentialKindLabels } from '@/lib/identities/credentials/labels';
import {
  type CredentialAction,
  type CredentialChoices,
  type CredentialKind,
  classOf,
  credentialKinds,
  daysMaxOf,
  type RegisteredCredential,
} from '@/lib/identities/credentials/schema';
import { CredentialFields } from './credential-fields';
import { CredentialOutcome } from './secret-once';

/** The button and dialog that give an identity something to prove itself with; a secret is shown in it once. */
export function AddCredential({
  identity,
  choices,
  add,
  variant = 'primary',
}: {
  /** Null asks for its name. */
  identity: { id: string; name: string } | null;
  choices: CredentialChoices;
  add: CredentialAction;
  variant?: 'primary' | 'plain';
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [kind, choose] = useState<CredentialKind>('x509_svid');
  const [turn, setTurn] = useState(0);
  const router = useRouter();
  const close = () => {
    setTurn(turn + 1);
    router.refresh();
  };
  return (
    <>
      <Button variant={variant} onClick={() => dialog.current?.showModal()}>
        Add credential
      </Button>
      <dialog
        ref={dialog}
        className="dialog credential-dialog"
        aria-labelledby="add-credential-title"
        onClose={close}
      >
        <header id="add-credential-title">
          {identity === null ? 'Add a credential' : `Add a credential of ${identity.name}`}
        </header>
        <AddForm
          key={turn}
          identity={identity}
          choices={choices}
          add={add}
          kind={kind}
          choose={choose}
          close={() => dialog.current?.close()}
        />
      </dialog>
    </>
  );
}

function AddForm({
  identity,
  choices,
  add,
  kind,
  choose,
  close,
}: {
  identity: { id: string } | null;
  choices: CredentialChoices;
  add: CredentialAction;
  kind: CredentialKind;
  choose: (kind: CredentialKind) => void;
  close: () => void;
}) {
  const { state, isPending, form } = useKeptForm<RegisteredCredential>(add);
  if (state?.ok === true)
    return (
      <>
        <div className="b">
          <CredentialOutcome made={state.value} />
        </div>
        <footer>
          <Button onClick={close}>Close</Button>
        </footer>
      </>
    );
  const isBearer = classOf[kind] === 'bearer';
  return (
    <form {...form}>
      <div className="b">
        {identity === null ? (
          <Field
            id="add-credential-identity"
            name="identityName"
            label="Identity, by its name"
            required
            maxLength={63}
            autoComplete="off"
            spellCheck={false}
          />
        ) : (
          <input type="hidden" name="identityId" value={identity.id} />
        )}
        <SelectField
          id="add-credential-kind"
          name="kind"
          label="Kind"
          value={kind}
          onChange={({ target }) =>
            choose(credentialKinds.find((each) => each === target.value) ?? 'x509_svid')
          }
        >
          {credentialKinds.map((each) => (
            <option key={each} value={each}>
              {credentialKindLabels[each].word}
            </option>
          ))}
        </SelectField>
        {isBearer ? (
          <Callout tone="review">{credentialKindLabels[kind].proves}</Callout>
        ) : (
          <p className="s12 t2 credential-proves">{credentialKindLabels[kind].proves}</p>
        )}
        <CredentialFields key={kind} id="add-credential" kind={kind} choices={choices} />
        <div className="settings-pair">
          <Field
            id="add-credential-name"
            name="name"
            label="Name, if it needs one"
            maxLength={80}
            autoComplete="off"
          />
          <Field
            key={isBearer ? 'bearer' : 'other'}
            id="add-credential-days"
            name="days"
            label={`Days until it ends, ${daysMaxOf(kind)} at most`}
            type="number"
            inputMode="numeric"
            min={1}
            max={daysMaxOf(kind)}
            step={1}
            required
            defaultValue={isBearer ? 30 : 90}
          />
        </div>
        <Refusal state={state} />
      </div>
      <footer>
        <Button onClick={close}>Add nothing</Button>
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being added' : undefined}>
          Add credential
        </Button>
      </footer>
    </form>
  );
}
