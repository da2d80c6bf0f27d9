'use client';

import { useRouter } from 'next/navigation';
import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import {
  apiKeyDays,
  apiKeyDaysMax,
  type IssueAction,
  type IssuedApiKey,
  overlapHours,
} from '@/lib/people/api-keys/schema';
import { SecretOnce } from './secret-once';

const overlaps = [
  [0, 'Not at all: it ends now'],
  [1, '1 hour'],
  [24, '24 hours'],
  [72, '3 days'],
  [168, '7 days'],
] as const;

/** Makes the successor of a key and shows its secret once; the key itself goes on for the overlap. */
export function RotateDialog({
  id,
  name,
  rotate,
}: {
  id: string;
  name: string;
  rotate: IssueAction;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();
  const { state, isPending, form } = useKeptForm<IssuedApiKey>(rotate);
  return (
    <>
      <Button
        size="small"
        variant="ghost"
        aria-label={`Rotate ${name}`}
        onClick={() => dialog.current?.showModal()}
      >
        Rotate
      </Button>
      <dialog
        ref={dialog}
        className="dialog"
        aria-labelledby={`rotate-${id}-title`}
        onClose={() => {
          if (state?.ok === true) router.refresh();
        }}
      >
        <header id={`rotate-${id}-title`}>
          {state?.ok === true ? `${name} was rotated` : `Rotate ${name}?`}
        </header>
        {state?.ok === true ? (
          <>
            <div className="b">
              <SecretOnce issued={state.value} />
            </div>
            <footer>
              <Button onClick={() => dialog.current?.close()}>Close</Button>
            </footer>
          </>
        ) : (
          <form {...form}>
            <div className="b">
              <p>
                It gets a successor with its name, scopes and networks. Whoever uses it changes over
                while both work.
              </p>
              <input type="hidden" name="id" value={id} />
              <SelectField
                id={`rotate-${id}-overlap`}
                name="overlapHours"
                label="The key of before goes on working for"
                defaultValue={overlapHours}
              >
                {overlaps.map(([hours, words]) => (
                  <option key={hours} value={hours}>
                    {words}
                  </option>
                ))}
              </SelectField>
              <Field
                id={`rotate-${id}-days`}
                name="days"
                label="Days until the successor expires"
                type="number"
                inputMode="numeric"
                min={1}
                max={apiKeyDaysMax}
                step={1}
                required
                defaultValue={apiKeyDays}
              />
              <ReasonField id={`rotate-${id}-reason`} />
              <Refusal state={state} />
            </div>
            <footer>
              <Button onClick={() => dialog.current?.close()}>Leave it</Button>
              <Button
                variant="primary"
                type="submit"
                unavailable={isPending ? 'Being rotated' : undefined}
              >
                Rotate
              </Button>
            </footer>
          </form>
        )}
      </dialog>
    </>
  );
}
