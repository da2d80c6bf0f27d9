'use client';

import { type ReactNode, useId, useRef, useState } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { visibleText } from '@/lib/inventory/visible';
import type { IdentityAction } from './action-results';
import { WhatStops } from './what-stops';

/** A button whose act on one identity asks first: what it brings about, and why. */
export function LifecycleDialog({
  identity,
  word,
  keep,
  act,
  look = 'plain',
  size = 'medium',
  asksName = false,
  showsStop = false,
  children,
}: {
  identity: { id: string; name: string };
  word: string;
  /** What becomes of it if not. */
  keep: string;
  act: IdentityAction;
  look?: 'plain' | 'danger' | 'ghost';
  size?: 'small' | 'medium';
  /** For what cannot be undone: its name is typed. */
  asksName?: boolean;
  /** Whether what would stop is listed. */
  showsStop?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const acted = await act(last, data);
    if (acted.ok) {
      dialog.current?.close();
      announce(acted.value);
    }
    return acted;
  });
  const name = visibleText(identity.name);
  const isNamed = !asksName || typed === identity.name;
  const isDanger = look !== 'plain';
  return (
    <>
      <Button
        size={size}
        variant={look}
        aria-label={size === 'small' ? `${word} ${name}` : undefined}
        onClick={() => {
          setIsOpen(true);
          dialog.current?.showModal();
        }}
      >
        {word}
      </Button>
      <dialog ref={dialog} className="dialog idn-dialog" aria-labelledby={`${id}-title`}>
        <header id={`${id}-title`}>
          {word} {name}?
        </header>
        <form {...form}>
          <div className="b">
            <p>{children}</p>
            {showsStop && isOpen ? <WhatStops identity={identity.id} /> : null}
            <input type="hidden" name="identityId" value={identity.id} />
            {asksName ? (
              <Field
                id={`${id}-name`}
                label={`Type ${name} to confirm`}
                value={typed}
                onChange={({ target }) => setTyped(target.value)}
                autoComplete="off"
                spellCheck={false}
                required
              />
            ) : null}
            <ReasonField id={`${id}-reason`} />
            <Refusal state={state} />
          </div>
          <footer>
            <Button onClick={() => dialog.current?.close()}>{keep}</Button>
            <Button
              variant={isDanger ? 'danger-solid' : 'primary'}
              type="submit"
              unavailable={
                isPending ? 'Under way' : isNamed ? undefined : 'Type its name, to the letter'
              }
            >
              {word}
            </Button>
          </footer>
        </form>
      </dialog>
    </>
  );
}
