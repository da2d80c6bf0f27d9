'use client';

import { type ReactNode, useRef } from 'react';
import { Button } from '@/components/ui/button';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { SettingsAction } from '@/lib/people/organisation/schema';

/** A button whose act asks first: what it does, and why it is done. */
export function ReasonDialog({
  id,
  word,
  label,
  title,
  keep,
  act,
  fields,
  done,
  children,
}: {
  id: string;
  word: string;
  /** What the button is called where several say the same word. */
  label: string;
  title: string;
  /** What becomes of it if not. */
  keep: string;
  act: SettingsAction;
  fields: Readonly<Record<string, string>>;
  /** Is told what to say of it. */
  done: (sentence: string) => void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const acted = await act(last, data);
    if (acted.ok) {
      dialog.current?.close();
      done(acted.value);
    }
    return acted;
  });
  return (
    <>
      <Button
        size="small"
        variant="ghost"
        aria-label={label}
        onClick={() => dialog.current?.showModal()}
      >
        {word}
      </Button>
      <dialog ref={dialog} className="dialog" aria-labelledby={`${id}-title`}>
        <header id={`${id}-title`}>{title}</header>
        <form {...form}>
          <div className="b">
            <p>{children}</p>
            {Object.entries(fields).map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            <ReasonField id={`${id}-reason`} />
            <Refusal state={state} />
          </div>
          <footer>
            <Button onClick={() => dialog.current?.close()}>{keep}</Button>
            <Button
              variant="danger-solid"
              type="submit"
              unavailable={isPending ? 'Under way' : undefined}
            >
              {word}
            </Button>
          </footer>
        </form>
      </dialog>
    </>
  );
}
