'use client';

import { useEffect, useState } from 'react';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import type { AttributeChoices } from './attribute-fields';
import { ResourceForm } from './resource-form';

/** Registers what is ticked in the table above with the same attributes. */
export function BulkForm({ save, choices }: { save: SettingsAction; choices: AttributeChoices }) {
  const [count, setCount] = useState(0);
  // Once something was ticked what was written, and what came of it, stays in sight.
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const recount = () => {
      const ticked = document.querySelectorAll('input[name="chosen"]:checked').length;
      setCount(ticked);
      if (ticked > 0) setIsOpen(true);
    };
    recount();
    document.addEventListener('change', recount);
    return () => document.removeEventListener('change', recount);
  });
  // The boxes stand in the table, outside of the form.
  const saveTicked: SettingsAction = async (last, data) => {
    const boxes = document.querySelectorAll<HTMLInputElement>('input[name="chosen"]:checked');
    for (const box of boxes) data.append('chosen', box.value);
    return save(last, data);
  };
  if (!isOpen)
    return (
      <p className="s12 t2">
        Tick observed resources to register several with the same attributes.
      </p>
    );
  return (
    <ResourceForm
      id="bulk"
      title={
        count === 0
          ? 'Register several at once'
          : `Register ${count === 1 ? 'the one that is' : `the ${count} that are`} ticked`
      }
      button="Register"
      save={saveTicked}
      hidden={{}}
      value={{}}
      choices={choices}
      names={null}
      empties
    >
      <p className="s12 t2">They are registered with these attributes, all of them or none.</p>
    </ResourceForm>
  );
}
