'use client';

import { type RefObject, useActionState, useRef } from 'react';
import { Button } from '@/components/ui/button';
import { thousands } from '@/lib/inventory/labels';
import type { Replay } from '@/lib/inventory/quarantine/schema';

/** Sends items through the pipeline again, where the reason may be gone by now. */
export function ReplayForm({
  fields,
  replay,
  label,
  confirm,
  unavailable,
}: {
  /** What to replay: ids of items, reasons, or, in so many words, all. */
  fields: readonly (readonly [name: 'id' | 'reason' | 'all', value: string])[];
  replay: Replay;
  label: string;
  /** What is asked before, where more is meant than what the reader sees. */
  confirm?: { question: string; sentence: string };
  /** Why there is nothing to replay. */
  unavailable?: string | undefined;
}) {
  const [state, submit, isPending] = useActionState(replay, null);
  const dialog = useRef<HTMLDialogElement>(null);
  const why = unavailable ?? (isPending ? 'Asking' : undefined);
  return (
    <form action={submit} className="quarantine-actions">
      {fields.map(([name, value]) => (
        <input key={value} type="hidden" name={name} value={value} />
      ))}
      {confirm === undefined ? (
        <Button type="submit" unavailable={why}>
          {label}
        </Button>
      ) : (
        <>
          <Button unavailable={why} onClick={() => dialog.current?.showModal()}>
            {label}
          </Button>
          <Confirm dialog={dialog} label={label} {...confirm} />
        </>
      )}
      <span className="s12 t2" role="status">
        {state === null
          ? ''
          : state.ok
            ? state.value === 0
              ? 'They wait or were accepted already.'
              : `${thousands(state.value)} asked for; the gateway answers within seconds.`
            : state.message}
      </span>
    </form>
  );
}

function Confirm({
  dialog,
  question,
  sentence,
  label,
}: {
  dialog: RefObject<HTMLDialogElement | null>;
  question: string;
  sentence: string;
  label: string;
}) {
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="replay-title">
      <header id="replay-title">{question}</header>
      <div className="b">
        <p>{sentence}</p>
      </div>
      <footer>
        <Button onClick={close}>Leave them</Button>
        <Button type="submit" variant="primary" onClick={close}>
          {label}
        </Button>
      </footer>
    </dialog>
  );
}
