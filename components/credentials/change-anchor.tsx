'use client';

import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { PreviewAction } from '@/lib/identities/anchors/schema';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { AnchorUpload, type Preview } from './anchor-upload';

/** Believes other certificates or keys of an authority, beside those of before or in their place. */
export function ChangeAnchor({
  anchor: { id, kind, name, trustDomain },
  change,
  read,
}: {
  anchor: { id: string; kind: 'ca' | 'spiffe'; name: string; trustDomain: string | null };
  change: SettingsAction;
  read: PreviewAction;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();
  const [preview, setPreview] = useState<Preview>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const acted = await change(last, data);
    if (acted.ok) {
      dialog.current?.close();
      router.refresh();
    }
    return acted;
  });
  return (
    <>
      <Button onClick={() => dialog.current?.showModal()}>Rotate</Button>
      <dialog
        ref={dialog}
        className="dialog credential-dialog"
        aria-labelledby="change-anchor-title"
        onClose={() => setPreview(null)}
      >
        <header id="change-anchor-title">Rotate what is believed of {name}</header>
        <form {...form}>
          <div className="b">
            <input type="hidden" name="anchorId" value={id} />
            <input type="hidden" name="kind" value={kind} />
            <input type="hidden" name="trustDomain" value={trustDomain ?? ''} />
            <AnchorUpload
              id="change-anchor"
              kind={kind}
              preview={preview}
              setPreview={setPreview}
              read={read}
            />
            <label className="check" htmlFor="change-anchor-keeps">
              <input
                id="change-anchor-keeps"
                type="checkbox"
                name="keepsFormer"
                value="yes"
                defaultChecked
              />
              Believe those of before beside it, until they are taken away
            </label>
            <ReasonField id="change-anchor-reason" />
            <Refusal state={state} />
          </div>
          <footer>
            <Button onClick={() => dialog.current?.close()}>Leave it</Button>
            <Button
              variant="primary"
              type="submit"
              unavailable={
                isPending
                  ? 'Under way'
                  : preview?.ok === true
                    ? undefined
                    : 'Read it and compare first'
              }
            >
              Believe it
            </Button>
          </footer>
        </form>
      </dialog>
    </>
  );
}
