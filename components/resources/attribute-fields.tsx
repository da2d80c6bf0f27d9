import { Field, SelectField } from '@/components/ui/field';
import { visibleText } from '@/lib/inventory/visible';
import { classificationLabels, sideEffectLabels, trustLabels } from '@/lib/resources/labels';
import type { ResourceAttributes } from '@/lib/resources/schema';

type Choice = { id: string; name: string };
export type AttributeChoices = {
  people: readonly (Choice & { email: string })[];
  teams: readonly Choice[];
  zones: readonly Choice[];
};

/** What can be said of a resource. What nobody says counts as the worst. */
export function AttributeFields({
  id,
  value,
  choices,
}: {
  /** Before the ids of the fields. */
  id: string;
  value: Partial<ResourceAttributes>;
  choices: AttributeChoices;
}) {
  return (
    <>
      <div className="resource-pairs">
        <Words
          id={`${id}-classification`}
          name="classification"
          label="Classification"
          value={value.classification}
          words={classificationLabels}
          none="Not said: counts as secret"
        />
        <Words
          id={`${id}-trust`}
          name="trust"
          label="Trust of what comes out"
          value={value.trust}
          words={trustLabels}
          none="Not said: counts as untrusted"
        />
        <Words
          id={`${id}-effect`}
          name="sideEffect"
          label="Side effect"
          value={value.sideEffect}
          words={sideEffectLabels}
          none="Not said: counts as any"
        />
        <SelectField
          id={`${id}-owner`}
          name="ownerId"
          label="Owner"
          defaultValue={value.ownerId ?? ''}
        >
          <option value="">Nobody</option>
          {choices.people.map(({ id: person, name, email }) => (
            <option key={person} value={person}>
              {visibleText(name)}, {email}
            </option>
          ))}
        </SelectField>
        <Choices
          id={`${id}-team`}
          name="teamId"
          label="Team"
          value={value.teamId}
          among={choices.teams}
        />
        <Choices
          id={`${id}-zone`}
          name="zoneId"
          label="Zone"
          value={value.zoneId}
          among={choices.zones}
        />
      </div>
      <Field
        id={`${id}-purpose`}
        name="purpose"
        label="Purpose"
        defaultValue={value.purpose ?? ''}
        maxLength={1000}
        autoComplete="off"
      />
      <div className="resource-pairs">
        <Field
          id={`${id}-tags`}
          name="tags"
          label="Tags"
          defaultValue={value.tags?.join(', ') ?? ''}
          autoComplete="off"
          help="Separated by commas."
        />
        <Field
          id={`${id}-hosts`}
          name="hostNames"
          label="Host names"
          defaultValue={value.hostNames?.join(', ') ?? ''}
          autoComplete="off"
          spellCheck={false}
          help="Names alone, as api.example.com."
        />
      </div>
    </>
  );
}

function Words({
  id,
  name,
  label,
  value,
  words,
  none,
}: {
  id: string;
  name: string;
  label: string;
  value: string | null | undefined;
  words: Readonly<Record<string, string>>;
  none: string;
}) {
  return (
    <SelectField id={id} name={name} label={label} defaultValue={value ?? ''}>
      <option value="">{none}</option>
      {Object.entries(words).map(([word, says]) => (
        <option key={word} value={word}>
          {says}
        </option>
      ))}
    </SelectField>
  );
}

function Choices({
  id,
  name,
  label,
  value,
  among,
}: {
  id: string;
  name: string;
  label: string;
  value: string | null | undefined;
  among: readonly Choice[];
}) {
  return (
    <SelectField id={id} name={name} label={label} defaultValue={value ?? ''}>
      <option value="">None</option>
      {among.map((each) => (
        <option key={each.id} value={each.id}>
          {visibleText(each.name)}
        </option>
      ))}
    </SelectField>
  );
}
