'use client';

import { useRouter } from 'next/navigation';
import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { credentialKindLabels } from '@/lib/identities/credentials/labels';
import type { ListedCredential } from '@/lib/identities/credentials/listed';
import {
  type CredentialAction,
  classOf,
  daysMaxOf,
  type RegisteredCredential,
  rotationHours,
} from '@/lib/identities/credentials/schema';
import { AreaField } from './area-field';
import { CredentialOutcome } from './secret-once';

const overlaps = [
  [0, 'Not at all: it ends now'],
  [1, '1 hour'],
  [24, '24 hours'],
  [72, '3 days'],
  [168, '7 days'],
  [720, '30 days'],
] as const;

/** Makes the successor of a credential; the one of before goes on for the overlap. */
export function RotateCredential({
  credential: { id, kind },
  rotate,
}: {
  credential: Pick<ListedCredential, 'id' | 'kind'>;
  rotate: CredentialAction;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();
  const { state, isPending, form } = useKeptForm<RegisteredCredential>(rotate);
  const { word } = credentialKindLabels[kind];
  const isBearer = classOf[kind] === 'bearer';
  const hasOverlap = isBearer || kind === 'public_key' || kind === 'certificate';
  return (
    <>
      <Button onClick={() => dialog.current?.showModal()}>{hasOverlap ? 'Rotate' : 'Renew'}</Button>
      <dialog
        ref={dialog}
        className="dialog credential-dialog"
        aria-labelledby={`rotate-${id}-title`}
        onClose={() => {
          if (state?.ok === true) router.refresh();
        }}
      >
        <header id={`rotate-${id}-title`}>
          {state?.ok === true
            ? `${word} was ${hasOverlap ? 'rotated' : 'renewed'}`
            : `${hasOverlap ? 'Rotate' : 'Renew'} this ${word}?`}
        </header>
        {state?.ok === true ? (
          <>
            <div className="b">
              <CredentialOutcome made={state.value} />
            </div>
            <footer>
              <Button onClick={() => dialog.current?.close()}>Close</Button>
            </footer>
          </>
        ) : (
          <form {...form}>
            <div className="b">
              <p>
                {hasOverlap
                  ? 'It gets a successor. Whoever uses it changes over while both work.'
                  : 'It gets a successor that shows the same and takes over at once, without a gap.'}
              </p>
              <input type="hidden" name="credentialId" value={id} />
              {kind === 'public_key' ? (
                <AreaField
                  id={`rotate-${id}-key`}
                  name="key"
                  label="Public key of the successor"
                  required
                  help="A JWK or PEM. Never the private key."
                />
              ) : null}
              {kind === 'certificate' ? (
                <Field
                  id={`rotate-${id}-value`}
                  name="value"
                  label="What the next certificate shows, if something else"
                  maxLength={2000}
                  autoComplete="off"
                />
              ) : null}
              {hasOverlap ? (
                <SelectField
                  id={`rotate-${id}-overlap`}
                  name="overlapHours"
                  label="The one of before goes on working for"
                  defaultValue={rotationHours}
                >
                  {overlaps.map(([hours, words]) => (
                    <option key={hours} value={hours}>
                      {words}
                    </option>
                  ))}
                </SelectField>
              ) : (
                <input type="hidden" name="overlapHours" value="0" />
              )}
              <Field
                id={`rotate-${id}-days`}
                name="days"
                label={`Days until the successor ends, ${daysMaxOf(kind)} at most`}
                type="number"
                inputMode="numeric"
                min={1}
                max={daysMaxOf(kind)}
                step={1}
                required
                defaultValue={isBearer ? 30 : 90}
              />
              <ReasonField id={`rotate-${id}-reason`} />
              <Refusal state={state} />
            </div>
            <footer>
              <Button onClick={() => dialog.current?.close()}>Leave it</Button>
              <Button
                variant="primary"
                type="submit"
                unavailable={isPending ? 'Under way' : undefined}
              >
                {hasOverlap ? 'Rotate' : 'Renew'}
              </Button>
            </footer>
          </form>
        )}
      </dialog>
    </>
  );
}
