'use client';

import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { PeopleAction, Said } from '@/lib/people/members/schema';
import { PeopleOutcome } from './outcome';

/** A sign-in as the page tells of it. */
export type ShownSignIn = {
  id: string;
  title: string;
  sentence: string;
  isThisOne: boolean;
};

/** The open sign-ins of a person; whoever may ends one or all, with one reason. */
export function SignInList({
  personId,
  signIns,
  end,
}: {
  personId: string;
  signIns: readonly ShownSignIn[];
  /** Null for whoever may not. */
  end: PeopleAction | null;
}) {
  const chosen = useRef<HTMLInputElement>(null);
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<Said>(async (last, data) => {
    if (end === null) throw new Error('nobody may end a sign-in here');
    const done = await end(last, data);
    if (done.ok) fields.current?.reset();
    return done;
  });
  const choose = (id: string) => () => {
    if (chosen.current !== null) chosen.current.value = id;
  };
  const busy = isPending ? 'Being ended' : undefined;
  const list = (
    <ul className="people-sign-ins">
      {signIns.map(({ id, title, sentence, isThisOne }) => (
        <li key={id}>
          <div>
            <b>{title}</b>
            {isThisOne ? <span className="t3 s12"> this one</span> : null}
            <p className="t2 s12">{sentence}</p>
          </div>
          {end === null ? null : (
            <Button
              type="submit"
              size="small"
              onClick={choose(id)}
              unavailable={busy}
              aria-label={`End the sign-in of ${title}`}
            >
              End
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
  if (end === null) return list;
  return (
    <form {...form} ref={fields} className="stack-3">
      <input type="hidden" name="personId" value={personId} />
      <input ref={chosen} type="hidden" name="signInId" defaultValue="" />
      {list}
      {signIns.length === 0 ? null : (
        <>
          <ReasonField id="end-reason" placeholder="Not known to this person" />
          <div className="row wrap">
            <Button type="submit" variant="danger" onClick={choose('')} unavailable={busy}>
              End all
            </Button>
          </div>
        </>
      )}
      <PeopleOutcome state={state} />
    </form>
  );
}
