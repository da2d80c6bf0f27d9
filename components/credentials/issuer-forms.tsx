'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { jwksMax } from '@/lib/identities/issuers/schema';
import { issuerPresets } from '@/lib/identities/proofs/issuer-presets';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { UploadArea } from './upload-area';

/** The button and dialog by which an issuer of tokens is believed. */
export function BelieveIssuer({ add }: { add: SettingsAction }) {
  const [preset, choose] = useState(issuerPresets[0]);
  return (
    <IssuerDialog
      id="believe-issuer"
      button="Believe an issuer"
      title="Believe an issuer of tokens"
      act={add}
      leave="Believe nothing"
      word="Believe it"
    >
      <SelectField
        id="believe-issuer-preset"
        label="What it is"
        value={preset?.id}
        onChange={({ target }) => choose(issuerPresets.find(({ id }) => id === target.value))}
      >
        {issuerPresets.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </SelectField>
      <p className="s12 t3">{preset?.hint}</p>
      <Field
        id="believe-issuer-name"
        name="name"
        label="Name"
        required
        maxLength={80}
        autoComplete="off"
      />
      <Field
        key={preset?.id}
        id="believe-issuer-issuer"
        name="issuer"
        label="Issuer, as it stands in iss"
        defaultValue={preset?.issuer ?? ''}
        placeholder="https://issuer.example.org"
        required
        maxLength={2048}
        autoComplete="off"
        spellCheck={false}
      />
      <KeyFields id="believe-issuer" jwksUrl={preset?.jwksUrl ?? null} />
    </IssuerDialog>
  );
}

/** The same for the keys of one that is believed. */
export function ChangeIssuer({
  issuer: { id, name, jwksUrl },
  change,
}: {
  issuer: { id: string; name: string; jwksUrl: string | null };
  change: SettingsAction;
}) {
  return (
    <IssuerDialog
      id="change-issuer"
      button="Change keys"
      title={`Change the keys of ${name}`}
      act={change}
      leave="Leave them"
      word="Change keys"
    >
      <input type="hidden" name="issuerId" value={id} />
      <KeyFields id="change-issuer" jwksUrl={jwksUrl} />
    </IssuerDialog>
  );
}

function KeyFields({ id, jwksUrl }: { id: string; jwksUrl: string | null }) {
  const [way, choose] = useState<'fetched' | 'uploaded'>('fetched');
  return (
    <>
      <SelectField
        id={`${id}-way`}
        label="Its keys are"
        value={way}
        onChange={({ target }) => choose(target.value === 'uploaded' ? 'uploaded' : 'fetched')}
      >
        <option value="fetched">Fetched from its address, and again as they change</option>
        <option value="uploaded">Uploaded here, where gateways do not reach it</option>
      </SelectField>
      {way === 'fetched' ? (
        <Field
          key={jwksUrl}
          id={`${id}-url`}
          name="jwksUrl"
          label="Address of its keys or description, if not the usual one"
          defaultValue={jwksUrl ?? ''}
          help="Left empty, its description is looked for at /.well-known/openid-configuration. They are fetched once now."
          maxLength={2048}
          autoComplete="off"
          spellCheck={false}
        />
      ) : (
        <UploadArea
          id={`${id}-jwks`}
          name="jwks"
          label="Keys, a JWK Set"
          help="Public keys only. They stay until somebody changes them here."
          placeholder={'{"keys":[…]}'}
          max={jwksMax}
        />
      )}
    </>
  );
}

function IssuerDialog({
  id,
  button,
  title,
  act,
  leave,
  word,
  children,
}: {
  id: string;
  button: string;
  title: string;
  act: SettingsAction;
  leave: string;
  word: string;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const fields = useRef<HTMLFormElement>(null);
  const router = useRouter();
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const acted = await act(last, data);
    if (acted.ok) {
      dialog.current?.close();
      fields.current?.reset();
      router.refresh();
    }
    return acted;
  });
  return (
    <>
      <Button onClick={() => dialog.current?.showModal()}>{button}</Button>
      <dialog ref={dialog} className="dialog credential-dialog" aria-labelledby={`${id}-title`}>
        <header id={`${id}-title`}>{title}</header>
        <form {...form} ref={fields}>
          <div className="b">
            {children}
            <ReasonField id={`${id}-reason`} />
            <Refusal state={state} />
          </div>
          <footer>
            <Button onClick={() => dialog.current?.close()}>{leave}</Button>
            <Button
              variant="primary"
              type="submit"
              unavailable={isPending ? 'Keys are being asked for' : undefined}
            >
              {word}
            </Button>
          </footer>
        </form>
      </dialog>
    </>
  );
}
