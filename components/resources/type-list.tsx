'use client';

import { useRef } from 'react';
import { Visible } from '@/components/inventory/visible';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { Table } from '@/components/ui/table';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { thousands } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import type { ResourceType } from '@/lib/resources/queries';

/** Types of the organisation's own, beside those that telemetry tells of. */
export function TypeList({
  types,
  add,
  remove,
}: {
  types: readonly ResourceType[];
  add: SettingsAction;
  remove: SettingsAction;
}) {
  const { line, say } = useSaid();
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const added = await add(last, data);
    if (added.ok) fields.current?.reset();
    return added;
  });
  return (
    <section className="sec stack-3" aria-labelledby="types">
      <h2 id="types">Types of your own</h2>
      {types.length === 0 ? (
        <p className="s12 t2">
          None yet. Models, tools, MCP servers, datasets, data sources and endpoints are there
          already.
        </p>
      ) : (
        <Table
          caption="Types of your own"
          rows="entity"
          inset
          head={
            <>
              <th scope="col">Type</th>
              <th scope="col">Name</th>
              <th scope="col" className="num">
                Resources
              </th>
              <th scope="col">
                <span className="vh">Actions</span>
              </th>
            </>
          }
        >
          {types.map(({ name, label, resources }) => (
            <tr key={name}>
              <th scope="row">
                <Visible text={label} oneLine />
              </th>
              <td className="mono">{name}</td>
              <td className="num">{thousands(resources)}</td>
              <td className="num">
                <ReasonDialog
                  id={`remove-${name}`}
                  word="Remove"
                  label={`Remove ${visibleText(label)}`}
                  title={`Remove ${visibleText(label)}?`}
                  keep="Keep it"
                  act={remove}
                  fields={{ name }}
                  done={say}
                >
                  A type goes only when nothing is of it.
                </ReasonDialog>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <p ref={line} className="s12 t2" role="status" tabIndex={-1} />
      <form {...form} ref={fields} className="resource-form" aria-labelledby="new-type">
        <h3 id="new-type">Create a type</h3>
        <div className="resource-pairs">
          <Field
            id="type-label"
            name="label"
            label="What it is called"
            required
            maxLength={80}
            autoComplete="off"
          />
          <Field
            id="type-name"
            name="name"
            label="Name for machines"
            required
            maxLength={40}
            pattern="[a-z][a-z0-9_]*"
            title="Small letters, digits and underscores"
            autoComplete="off"
            spellCheck={false}
            help="Small letters, digits and underscores, as message_queue."
          />
        </div>
        <ReasonField id="type-reason" />
        <Outcome state={state} />
        <div className="row wrap">
          <Button type="submit" unavailable={isPending ? 'Being created' : undefined}>
            Create type
          </Button>
        </div>
      </form>
    </section>
  );
}
