'use client';

import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { useWithFactor } from '@/components/ui/factor-context';
import { Refusal } from '@/components/ui/outcome';
import type { Acted } from '@/lib/core/result';
import {
  type AnchorPreview,
  bundleMax,
  type PreviewAction,
  pemMax,
} from '@/lib/identities/anchors/schema';
import { AnchorContents } from './anchor-contents';
import { UploadArea } from './upload-area';

export type Preview = Acted<AnchorPreview> | null;

/** What is uploaded of an authority, read before anybody believes it. */
export function AnchorUpload({
  id,
  kind,
  preview,
  setPreview,
  read,
}: {
  id: string;
  kind: 'ca' | 'spiffe';
  preview: Preview;
  setPreview: (preview: Preview) => void;
  read: PreviewAction;
}) {
  const withFactor = useWithFactor();
  const [isReading, setReading] = useState(false);
  const readNow = async (form: HTMLFormElement | null) => {
    if (form === null) return;
    setReading(true);
    const answered = await withFactor(() => read(new FormData(form))).catch(() => unanswered);
    setPreview(answered);
    setReading(false);
  };
  return (
    <>
      <UploadArea
        key={kind}
        id={`${id}-text`}
        name="text"
        label={kind === 'ca' ? 'Certificates, PEM' : 'Bundle, JSON'}
        help={
          kind === 'ca'
            ? 'Of the authority itself, 50 at most; never a private key.'
            : 'As spire-server bundle show -format spiffe writes it.'
        }
        placeholder={kind === 'ca' ? '-----BEGIN CERTIFICATE-----' : '{"keys":[…]}'}
        max={kind === 'ca' ? pemMax : bundleMax}
        onText={() => setPreview(null)}
      />
      <div className="row">
        <Button
          onClick={({ currentTarget }) => void readNow(currentTarget.form)}
          unavailable={isReading ? 'Being read' : undefined}
        >
          Read it
        </Button>
        <span className="s12 t3">Compare what it shows before you believe it.</span>
      </div>
      <Refusal state={preview} />
      {preview?.ok === true ? (
        <section className="stack-3" aria-label="What would be believed" aria-live="polite">
          {preview.value.notes.map((note) => (
            <Callout key={note} tone="review">
              {note}
            </Callout>
          ))}
          <AnchorContents {...preview.value} now={new Date()} />
        </section>
      ) : null}
    </>
  );
}

const unanswered: Preview = {
  ok: false,
  reason: 'refused',
  message: 'The console did not answer. Try again.',
};
