'use client';

import { useId, useRef } from 'react';
import { Button } from '@/components/ui/button';

/** A button of a form that says first what it will do; `onConfirm` runs just before the form is sent. */
export function ConfirmButton({
  label,
  question,
  consequence,
  keep,
  isDangerous = false,
  unavailable,
  onConfirm,
}: {
  label: string;
  question: string;
  consequence: string;
  /** The way back, named by its effect. */
  keep: string;
  isDangerous?: boolean;
  unavailable: string | undefined;
  onConfirm: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  return (
    <>
      <Button
        variant={isDangerous ? 'danger' : 'plain'}
        unavailable={unavailable}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </Button>
      <dialog ref={dialog} className="dialog" aria-labelledby={title}>
        <header id={title}>{question}</header>
        <div className="b">
          <p>{consequence}</p>
        </div>
        <footer>
          <Button onClick={() => dialog.current?.close()}>{keep}</Button>
          <Button
            type="submit"
            variant={isDangerous ? 'danger-solid' : 'primary'}
            formNoValidate
            onClick={() => {
              onConfirm();
              dialog.current?.close();
            }}
          >
            {label}
          </Button>
        </footer>
      </dialog>
    </>
  );
}
