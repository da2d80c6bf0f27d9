'use client';

import { useState } from 'react';
import { Field, SelectField } from '@/components/ui/field';
import { identityKindLabels } from '@/lib/identities/labels';
import { type IdentityKind, identityKinds } from '@/lib/identities/schema';
import { thousands } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';
import { type Choice, PickMany } from './pick-many';

/** What can be chosen for an identity. */
export type IdentityChoices = {
  people: readonly (Choice & { email: string })[];
  teams: readonly Choice[];
  zones: readonly (Choice & { environment: string })[];
  /** That a collector may report for. */
  identities: readonly Choice[];
  /** That it may be expected to act on. */
  resources: readonly Choice[];
  /** Names of what is chosen already and may be on none of these lists. */
  chosen: readonly Choice[];
  /** How many a list has where it has not all. */
  cutAt: { identities: number | null; resources: number | null };
};

/** What is said of an identity: ids, and empty text for what is not. */
export type IdentityValues = {
  kind: IdentityKind;
  name: string;
  names: readonly string[];
  owner: string;
  sponsor: string;
  team: string;
  zone: string;
  purpose: string;
  tags: readonly string[];
  actsFor: 'all' | { people: readonly string[]; teams: readonly string[] };
  expects: readonly string[];
  reportsFor: 'all' | readonly string[];
};

/** All that is said of an identity by whoever registers or changes it. */
export function IdentityFields({
  id,
  values,
  choices,
  isNew,
}: {
  /** Unique on the page. */
  id: string;
  values: IdentityValues;
  choices: IdentityChoices;
  /** A kind is chosen once. */
  isNew: boolean;
}) {
  const [kind, setKind] = useState(values.kind);
  return (
    <>
      <div className="idn-pair">
        <Field
          id={`${id}-name`}
          name="name"
          label="Name"
          defaultValue={values.name}
          help="Letters, digits, dots, dashes or underscores, unique in the organisation."
          required
          maxLength={63}
          autoComplete="off"
          spellCheck={false}
        />
        {isNew ? (
          <SelectField
            id={`${id}-kind`}
            name="kind"
            label="Kind"
            value={kind}
            onChange={({ target }) =>
              setKind(identityKinds.find((each) => each === target.value) ?? kind)
            }
            help={kindHelp[kind]}
          >
            {identityKinds.map((each) => (
              <option key={each} value={each}>
                {identityKindLabels[each].word}
              </option>
            ))}
          </SelectField>
        ) : (
          <input type="hidden" name="kind" value={kind} />
        )}
      </div>
      <Lines
        id={`${id}-names`}
        name="names"
        label="Further names, one a line"
        help="What declares one of these names is this identity, where its reporter may speak for it."
        values={values.names}
      />
      <WhoFields id={id} values={values} choices={choices} />
      {kind === 'service' ? <ReportsFor id={id} values={values} choices={choices} /> : null}
    </>
  );
}

const kindHelp: Record<IdentityKind, string> = {
  agent: 'A program that decides by a model what to do, for people or by itself.',
  daemon: 'A program that runs by itself, on a schedule or on events.',
  service: 'A system of yours; a collector that reports for others is one.',
  external_api: 'A system of others, which proves itself to you.',
};

/** Who answers for it, where it belongs, what for, and what is expected of it. */
export function WhoFields({
  id,
  values,
  choices,
}: {
  id: string;
  values: Omit<IdentityValues, 'kind' | 'name' | 'names' | 'reportsFor'>;
  choices: IdentityChoices;
}) {
  const person = (which: 'owner' | 'sponsor', label: string, help: string) => (
    <SelectField
      id={`${id}-${which}`}
      name={`${which}Id`}
      label={label}
      help={help}
      defaultValue={choices.people.some((each) => each.id === values[which]) ? values[which] : ''}
      required
    >
      <option value="">Choose a person</option>
      {choices.people.map((each) => (
        <option key={each.id} value={each.id}>
          {visibleText(each.name)}, {each.email}
        </option>
      ))}
    </SelectField>
  );
  return (
    <>
      <div className="idn-pair">
        {person('owner', 'Owner', 'Answers for it, and hears of what concerns it.')}
        {person('sponsor', 'Sponsor', 'Wants it to be there, and decides when the owner is gone.')}
      </div>
      <div className="idn-pair">
        <SelectField
          id={`${id}-team`}
          name="teamId"
          label="Team"
          help="Who is let see or read by team sees it by this one."
          defaultValue={values.team}
        >
          <option value="">None</option>
          {choices.teams.map((each) => (
            <option key={each.id} value={each.id}>
              {visibleText(each.name)}
            </option>
          ))}
        </SelectField>
        <SelectField
          id={`${id}-zone`}
          name="zoneId"
          label="Zone"
          help="Its environment is that of its zone."
          defaultValue={values.zone}
        >
          <option value="">None</option>
          {choices.zones.map((each) => (
            <option key={each.id} value={each.id}>
              {visibleText(each.name)}, {each.environment}
            </option>
          ))}
        </SelectField>
      </div>
      <Field
        id={`${id}-purpose`}
        name="purpose"
        label="Purpose"
        defaultValue={values.purpose}
        placeholder="Pays approved invoices and answers balance questions"
        maxLength={1000}
        autoComplete="off"
      />
      <Field
        id={`${id}-tags`}
        name="tags"
        label="Tags, with commas between them"
        defaultValue={values.tags.join(', ')}
        autoComplete="off"
        maxLength={2600}
      />
      <ActsForFields id={id} actsFor={values.actsFor} choices={choices} />
      {choices.resources.length === 0 ? (
        values.expects.map((each) => <input key={each} type="hidden" name="expects" value={each} />)
      ) : (
        <PickMany
          id={`${id}-expects`}
          name="expects"
          label="Expected resources"
          one="a resource"
          choices={choices.resources}
          known={choices.chosen}
          selected={values.expects}
          help={`What else it touches is shown as unexpected. ${cutNote(choices.cutAt.resources)}`.trim()}
        />
      )}
    </>
  );
}

function ActsForFields({
  id,
  actsFor,
  choices,
}: {
  id: string;
  actsFor: IdentityValues['actsFor'];
  choices: IdentityChoices;
}) {
  const [whom, setWhom] = useState(whomOf(actsFor));
  const { people, teams } = actsFor === 'all' ? { people: [], teams: [] } : actsFor;
  return (
    <fieldset className="stack-3">
      <legend className="label">May act for</legend>
      <div className="row wrap">
        {(['nobody', 'some', 'all'] as const).map((each) => (
          <label key={each} className="check">
            <input
              type="radio"
              name="actsFor"
              value={each}
              checked={whom === each}
              onChange={() => setWhom(each)}
            />
            {whomWords[each]}
          </label>
        ))}
      </div>
      {whom === 'some' ? (
        <div className="idn-pair">
          <PickMany
            id={`${id}-acts-people`}
            name="actsForPeople"
            label="People it may act for"
            one="a person"
            choices={choices.people}
            known={choices.chosen}
            selected={people}
          />
          {choices.teams.length === 0 ? null : (
            <PickMany
              id={`${id}-acts-teams`}
              name="actsForTeams"
              label="Teams it may act for"
              one="a team"
              choices={choices.teams}
              selected={teams}
            />
          )}
        </div>
      ) : null}
    </fieldset>
  );
}

const cutNote = (max: number | null): string =>
  max === null
    ? ''
    : `The list has the first ${thousands(max)}; Import takes any by a line of a file.`;

const whomWords = { nobody: 'Nobody', some: 'These people and teams', all: 'Everybody' } as const;
const whomOf = (actsFor: IdentityValues['actsFor']) => {
  if (actsFor === 'all') return 'all';
  return actsFor.people.length + actsFor.teams.length === 0 ? 'nobody' : 'some';
};

function ReportsFor({
  id,
  values,
  choices,
}: {
  id: string;
  values: IdentityValues;
  choices: IdentityChoices;
}) {
  const { reportsFor } = values;
  const note = cutNote(choices.cutAt.identities);
  const [isAll, setIsAll] = useState(reportsFor === 'all');
  return (
    <fieldset className="stack-3">
      <legend className="label">Reports for others, as a collector does</legend>
      <label className="check">
        <input
          type="checkbox"
          name="reportsForAll"
          value="yes"
          checked={isAll}
          onChange={({ target }) => setIsAll(target.checked)}
        />
        For every identity, by what each item declares
      </label>
      {isAll ? null : (
        <PickMany
          id={`${id}-reports`}
          name="reportsFor"
          label="Identities it reports for"
          one="an identity"
          choices={choices.identities}
          known={choices.chosen}
          selected={reportsFor === 'all' ? [] : reportsFor}
          {...(note === '' ? {} : { help: note })}
        />
      )}
    </fieldset>
  );
}

function Lines({
  id,
  name,
  label,
  help,
  values,
}: {
  id: string;
  name: string;
  label: string;
  help: string;
  values: readonly string[];
}) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        className="input"
        rows={2}
        defaultValue={values.join('\n')}
        spellCheck={false}
        aria-describedby={`${id}-help`}
      />
      <p className="help" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}
