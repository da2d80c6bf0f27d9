import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import type { BehindView } from '@/lib/people/behind/address';

/** Whom the list is narrowed to; a plain form, so that the address says it. */
export function BehindFilters({
  view: {
    filter: { show, identity, who },
    sort,
  },
  identities,
}: {
  view: BehindView;
  identities: ReadonlyMap<string, string>;
}) {
  return (
    <search>
      <form className="behind-filters" action="/people/agents" method="get">
        {show === 'all' ? null : <input type="hidden" name="show" value={show} />}
        {sort === 'last' ? null : <input type="hidden" name="sort" value={sort} />}
        <Field
          id="behind-who"
          name="who"
          label="On behalf of, in full"
          defaultValue={who ?? ''}
          placeholder="ada@example.org"
          autoComplete="off"
          spellCheck={false}
          maxLength={512}
        />
        <Field
          id="behind-identity"
          name="identity"
          label="Agent"
          list="behind-identities"
          defaultValue={identity === null ? '' : (identities.get(identity) ?? identity)}
          autoComplete="off"
          maxLength={256}
        />
        <datalist id="behind-identities">
          <option value="unregistered" />
          {[...identities.values()].slice(0, 500).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button type="submit">Apply</Button>
      </form>
    </search>
  );
}
