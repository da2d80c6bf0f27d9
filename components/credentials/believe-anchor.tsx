'use client';

import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { PreviewAction } from '@/lib/identities/anchors/schema';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { AnchorUpload, type Preview } from './anchor-upload';

/** The button and dialog by which an authority is believed. */
export function BelieveAnchor({ add, read }: { add: SettingsAction; read: PreviewAction }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();
  const [turn, setTurn] = useState(0);
  return (
    <>
      <Button variant="primary" onClick={() => dialog.current?.showModal()}>
        Believe an authority
      </Button>
      <dialog
        ref={dialog}
        className="dialog credential-dialog"
        aria-labelledby="believe-anchor-title"
        onClose={() => setTurn(turn + 1)}
      >
        <header id="believe-anchor-title">Believe an authority</header>
        <AnchorForm
          key={turn}
          add={add}
          read={read}
          close={() => dialog.current?.close()}
          done={() => {
            dialog.current?.close();
            router.refresh();
          }}
        />
      </dialog>
    </>
  );
}

function AnchorForm({
  add,
  read,
  close,
  done,
}: {
  add: SettingsAction;
  read: PreviewAction;
  close: () => void;
  done: () => void;
}) {
  const [kind, choose] = useState<'ca' | 'spiffe'>('ca');
  const [preview, setPreview] = useState<Preview>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const acted = await add(last, data);
    if (acted.ok) done();
    return acted;
  });
  return (
    <form {...form}>
      <div className="b">
        <SelectField
          id="anchor-kind"
          name="kind"
          label="Kind"
          value={kind}
          onChange={({ target }) => {
            choose(target.value === 'spiffe' ? 'spiffe' : 'ca');
            setPreview(null);
          }}
        >
          <option value="ca">Certificate authority</option>
          <option value="spiffe">SPIFFE trust domain</option>
        </SelectField>
        <div className="settings-pair">
          <Field
            id="anchor-name"
            name="name"
            label="Name"
            required
            maxLength={80}
            autoComplete="off"
          />
          {kind === 'spiffe' ? (
            <Field
              id="anchor-domain"
              name="trustDomain"
              label="Trust domain"
              placeholder="example.org"
              required
              maxLength={255}
              autoComplete="off"
              spellCheck={false}
              onChange={() => setPreview(null)}
            />
          ) : null}
        </div>
        <AnchorUpload
          id="anchor"
          kind={kind}
          preview={preview}
          setPreview={setPreview}
          read={read}
        />
        <ReasonField id="anchor-reason" />
        <Refusal state={state} />
      </div>
      <footer>
        <Button onClick={close}>Believe nothing</Button>
        <Button
          variant="primary"
          type="submit"
          unavailable={
            isPending ? 'Under way' : preview?.ok === true ? undefined : 'Read it and compare first'
          }
        >
          Believe it
        </Button>
      </footer>
    </form>
  );
}
