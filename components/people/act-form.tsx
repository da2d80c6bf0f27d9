'use client';

import { type ReactNode, useContext, useRef } from 'react';
import { Button } from '@/components/ui/button';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { PeopleAction, Said } from '@/lib/people/members/schema';
import { KeepOutcome } from './kept-outcome';
import { PeopleOutcome } from './outcome';

/**
 * One act on one thing: what it does in a sentence, the reason where one is asked for, and the button. What came of it
 * stays below; what was written goes once it was done.
 */
export function ActForm({
  id,
  action,
  fields,
  button,
  busy,
  look = 'plain',
  hasReason = true,
  isGone = false,
  placeholder,
  children,
}: {
  /** Unique on the page. */
  id: string;
  action: PeopleAction;
  /** What it is about, posted with it. */
  fields: Readonly<Record<string, string>>;
  button: string;
  busy: string;
  look?: 'plain' | 'danger' | 'primary';
  hasReason?: boolean;
  /** Whether the form goes with what it is about: then what came of it is said at the head of the page. */
  isGone?: boolean;
  placeholder?: string;
  children?: ReactNode;
}) {
  const keep = useContext(KeepOutcome);
  const fieldsOfForm = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<Said>(async (last, data) => {
    const done = await action(last, data);
    if (done.ok) fieldsOfForm.current?.reset();
    if (done.ok && isGone) keep(done);
    return done;
  });
  return (
    <form {...form} ref={fieldsOfForm} className="stack-3 people-form">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
      {hasReason ? <ReasonField id={`${id}-reason`} placeholder={placeholder} /> : null}
      <div className="row wrap">
        <Button type="submit" variant={look} unavailable={isPending ? busy : undefined}>
          {button}
        </Button>
      </div>
      <PeopleOutcome state={state} />
    </form>
  );
}
