import type { Metadata } from 'next';
import '@/components/resources/resources.css';
import '@/components/settings/settings.css';
import { ResourceForm } from '@/components/resources/resource-form';
import { TypeList } from '@/components/resources/type-list';
import { Field, SelectField } from '@/components/ui/field';
import { NoPermission } from '@/components/ui/no-permission';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { noResourceView } from '@/lib/resources/address';
import { listTypes } from '@/lib/resources/queries';
import { addType, deleteType, saveResource } from '../actions';
import { listChoices } from '../choices';

export const metadata: Metadata = { title: 'Register a resource' };

/** What was not seen yet, and the types that things can be of. */
export default async function RegisterPage() {
  const { scope, person } = await requirePerson();
  if (!can(person, 'registry.write'))
    return (
      <>
        <PageHead title="Register a resource" />
        <NoPermission permission="registry.write" />
      </>
    );
  const [types, choices] = await Promise.all([
    listTypes(scope, noResourceView),
    listChoices(scope, person),
  ]);
  return (
    <>
      <PageHead title="Register a resource" meta="One that is not listed yet" />
      <section className="sec">
        <ResourceForm
          id="new"
          title="What it is"
          button="Register resource"
          save={saveResource}
          hidden={{}}
          value={{}}
          choices={choices}
          names={[]}
          empties
        >
          <div className="resource-pairs">
            <SelectField id="new-kind" name="kind" label="Type" defaultValue="tool">
              {types.map(({ name, label }) => (
                <option key={name} value={name}>
                  {visibleText(label)}
                </option>
              ))}
            </SelectField>
            <Field
              id="new-name"
              name="name"
              label="Name"
              required
              maxLength={512}
              autoComplete="off"
              spellCheck={false}
              help="Exactly as telemetry has it, or it is not recognised there."
            />
          </div>
        </ResourceForm>
      </section>
      <TypeList types={types.filter(({ isOwn }) => isOwn)} add={addType} remove={deleteType} />
    </>
  );
}
