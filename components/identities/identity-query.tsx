import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import {
  type IdentitiesView,
  identitiesHref,
  type RegistryFilter,
  toggledField,
} from '@/lib/identities/registry/address';
import { registryFieldNames } from '@/lib/identities/registry/fields';
import { visibleText } from '@/lib/inventory/visible';

type Choice = { id: string; name: string };

/** What the list is filtered by, as terms that can be taken away, a place to type more, and the two that are asked most. */
export function IdentityQuery({
  view,
  teams,
  zones,
}: {
  view: IdentitiesView;
  teams: readonly Choice[];
  zones: readonly Choice[];
}) {
  const { filter, sort, typed, problems } = view;
  const hrefOf = (next: RegistryFilter) => identitiesHref({ filter: next, sort });
  const kept = [...new URLSearchParams(hrefOf(filter).split('?')[1] ?? '')];
  return (
    <form className="toolbar identities-query" action="/identities" method="get">
      <div className="query">
        <search className="query-in">
          <Icon name="search" size={14} />
          {registryFieldNames.flatMap((field) =>
            filter[field].map((value) => (
              <Term
                key={`${field}:${value}`}
                name={field}
                value={nameOf(value, field === 'team' ? teams : field === 'zone' ? zones : [])}
                href={hrefOf(toggledField(filter, field, value))}
              />
            )),
          )}
          {filter.isUnowned ? (
            <Term name="owned" value="no" href={hrefOf({ ...filter, isUnowned: false })} />
          ) : null}
          {filter.words.map((word) => (
            <Term
              key={`text:${word}`}
              name="text"
              value={word}
              href={hrefOf({ ...filter, words: filter.words.filter((other) => other !== word) })}
            />
          ))}
          {kept
            .filter(([name]) => name !== 'team' && name !== 'zone')
            .map(([name, value]) => (
              <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
            ))}
          <input
            id="query"
            name="q"
            aria-label="Filter identities"
            defaultValue={typed}
            key={typed}
            placeholder="team:treasury assurance:<2 expires:<7d unowned"
            autoComplete="off"
            spellCheck={false}
            maxLength={2000}
            {...(problems.length > 0
              ? { 'aria-invalid': true, 'aria-describedby': 'query-problems' }
              : {})}
          />
          <kbd>/</kbd>
        </search>
      </div>
      <Select name="team" label="Team" any="Any team" values={filter.team} choices={teams} />
      <Select name="zone" label="Zone" any="Any zone" values={filter.zone} choices={zones} />
      <Button type="submit">Filter</Button>
    </form>
  );
}

const nameOf = (value: string, choices: readonly Choice[]): string =>
  choices.find(({ id }) => id === value)?.name ?? value;

function Select({
  name,
  label,
  any,
  values,
  choices,
}: {
  name: string;
  label: string;
  any: string;
  values: readonly string[];
  choices: readonly Choice[];
}) {
  const [first = '', ...others] = values;
  const isOffered = choices.some(({ name: each }) => each === first) || first === 'none';
  if (choices.length === 0)
    return values.map((value) => <input key={value} type="hidden" name={name} value={value} />);
  return (
    <>
      <select
        key={values.join()}
        className="select fit"
        name={name}
        aria-label={label}
        defaultValue={first}
      >
        <option value="">{any}</option>
        {first !== '' && !isOffered ? (
          <option value={first}>{visibleText(nameOf(first, choices))}</option>
        ) : null}
        {choices.map((each) => (
          <option key={each.id} value={each.name}>
            {visibleText(each.name)}
          </option>
        ))}
        <option value="none">None</option>
      </select>
      {others.map((value) => (
        <input key={value} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

function Term({ name, value, href }: { name: string; value: string; href: string }) {
  return (
    <span className="term">
      <b>{name}:</b>
      <span className="trunc">
        <Visible text={value} oneLine />
      </span>
      <Link href={href} aria-label={`Remove ${name} ${visibleText(value)}`} prefetch={false}>
        <Icon name="x" size={12} />
      </Link>
    </span>
  );
}
