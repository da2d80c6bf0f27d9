import Link from 'next/link';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '@/components/ui/button';
import { visibleText } from '@/lib/inventory/visible';
import { isNarrowed, type ResourceView, resourcesHref } from '@/lib/resources/address';
import {
  classificationLabels,
  resourceStateLabels,
  sideEffectLabels,
  trustLabels,
} from '@/lib/resources/labels';
import type { AttributeChoices } from './attribute-fields';

/** By what is said of them; the address says which, so it works without script. */
export function ResourceFilters({
  view,
  choices,
}: {
  view: ResourceView;
  choices: AttributeChoices;
}) {
  return (
    <form className="toolbar" action="/resources" aria-label="Filters">
      {view.type === null ? null : <input type="hidden" name="type" value={view.type} />}
      {view.definitions === null ? null : (
        <input type="hidden" name="definitions" value={view.definitions} />
      )}
      <input
        key={view.q}
        className="input resource-q"
        type="search"
        name="q"
        defaultValue={view.q ?? ''}
        maxLength={200}
        placeholder="Name, purpose, tag or host"
        aria-label="Name, purpose, tag or host"
        autoComplete="off"
      />
      <Select name="state" label="State" value={view.state}>
        <option value="">Any state</option>
        <Options words={resourceStateLabels} />
      </Select>
      <Select name="classification" label="Classification" value={view.classification}>
        <option value="">Any classification</option>
        <Options words={classificationLabels} />
        <option value="unsaid">Not classified</option>
      </Select>
      <Select name="trust" label="Trust" value={view.trust}>
        <option value="">Any trust</option>
        <Options words={trustLabels} />
        <option value="unsaid">Trust not said</option>
      </Select>
      <Select name="effect" label="Side effect" value={view.effect}>
        <option value="">Any side effect</option>
        <Options words={sideEffectLabels} />
        <option value="unsaid">Side effect not said</option>
      </Select>
      <Select name="zone" label="Zone" value={view.zone}>
        <option value="">Any zone</option>
        <Choices among={choices.zones} />
        <option value="unsaid">No zone</option>
      </Select>
      {choices.people.length === 0 ? null : (
        <Select name="owner" label="Owner" value={view.owner}>
          <option value="">Any owner</option>
          <Choices among={choices.people} />
          <option value="unsaid">No owner</option>
        </Select>
      )}
      <Select name="team" label="Team" value={view.team}>
        <option value="">Any team</option>
        <Choices among={choices.teams} />
        <option value="unsaid">No team</option>
      </Select>
      <Button type="submit">Filter</Button>
      {isNarrowed(view) ? (
        <Link
          className={buttonClass({ variant: 'ghost' })}
          href={resourcesHref({ type: view.type })}
          prefetch={false}
        >
          Clear filters
        </Link>
      ) : null}
    </form>
  );
}

const Options = ({ words }: { words: Readonly<Record<string, string>> }) =>
  Object.entries(words).map(([word, says]) => (
    <option key={word} value={word}>
      {says}
    </option>
  ));

const Choices = ({ among }: { among: readonly { id: string; name: string }[] }) =>
  among.map(({ id, name }) => (
    <option key={id} value={id}>
      {visibleText(name)}
    </option>
  ));

function Select({
  name,
  label,
  value,
  children,
}: {
  name: string;
  label: string;
  value: string | null;
  children: ReactNode;
}) {
  return (
    <select
      key={value}
      className="select fit resource-select"
      name={name}
      aria-label={label}
      defaultValue={value ?? ''}
    >
      {children}
    </select>
  );
}
