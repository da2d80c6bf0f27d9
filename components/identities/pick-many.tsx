'use client';

import { useRef, useState } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { visibleText } from '@/lib/inventory/visible';

export type Choice = { id: string; name: string };

/** Several of what is offered: each is added from a list and can be taken away again; posted as repeated fields. */
export function PickMany({
  id,
  name,
  label,
  one,
  choices,
  known = [],
  selected,
  help,
}: {
  /** Unique on the page. */
  id: string;
  name: string;
  label: string;
  /** What one of them is called: "a person". */
  one: string;
  choices: readonly Choice[];
  /** Names of what is selected and no choice. */
  known?: readonly Choice[];
  selected: readonly string[];
  help?: string;
}) {
  const [chosen, setChosen] = useState<readonly string[]>(selected);
  const list = useRef<HTMLSelectElement>(null);
  const left = choices.filter((each) => !chosen.includes(each.id));
  const wordOf = (of: string) =>
    visibleText([...choices, ...known].find((each) => each.id === of)?.name ?? of);
  const add = () => {
    const value = list.current?.value ?? '';
    if (value === '') return;
    setChosen([...chosen, value]);
    announce(`${wordOf(value)} added`);
  };
  const remove = (value: string) => {
    setChosen(chosen.filter((other) => other !== value));
    announce(`${wordOf(value)} removed`);
    list.current?.focus();
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {chosen.length === 0 ? null : (
        <ul className="idn-chips" aria-label={`${label}, chosen`}>
          {chosen.map((value) => (
            <li key={value} className="idn-chip">
              <span className="trunc">{wordOf(value)}</span>
              <button
                type="button"
                aria-label={`Remove ${wordOf(value)}`}
                onClick={() => remove(value)}
              >
                <Icon name="x" size={12} />
              </button>
              <input type="hidden" name={name} value={value} />
            </li>
          ))}
        </ul>
      )}
      <div className="idn-pick">
        <select
          // What is left to choose is another list each time.
          key={chosen.length}
          ref={list}
          id={id}
          className="select"
          // Said, so that a panel that is left knows that nothing was chosen here.
          defaultValue=""
          {...(help === undefined ? {} : { 'aria-describedby': `${id}-help` })}
        >
          <option value="">Choose {one}</option>
          {left.map((each) => (
            <option key={each.id} value={each.id}>
              {visibleText(each.name)}
            </option>
          ))}
        </select>
        <Button onClick={add} aria-label={`Add to ${label.toLowerCase()}`}>
          Add
        </Button>
      </div>
      {help === undefined ? null : (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
