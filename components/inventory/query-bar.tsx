import Link from 'next/link';
import { Icon } from '@/components/ui/icon';
import { facets, type InventoryView, toggled, viewSearch } from '@/lib/inventory/address';
import { Visible } from './visible';

/** What the list is filtered by, as terms that can be taken away, and a place to type more. */
export function QueryBar({
  view,
  nameOfValue,
}: {
  view: InventoryView;
  nameOfValue: (facet: string, value: string) => string;
}) {
  const { filter, range } = view;
  const terms = facets.flatMap((facet) => filter[facet].map((value) => ({ facet, value })));
  const hidden = new URLSearchParams(viewSearch({ filter, range }));
  return (
    <form className="query" action="/inventory" method="get">
      <search className="query-in">
        <Icon name="search" size={14} />
        {terms.map(({ facet, value }) => {
          const name = nameOfValue(facet, value);
          return (
            <span className="term" key={`${facet}:${value}`}>
              <b>{facet}:</b>
              <span className="trunc">
                <Visible text={name} oneLine />
              </span>
              <Link
                href={`/inventory${viewSearch({ filter: toggled(filter, facet, value), range })}`}
                aria-label={`Remove ${facet} filter`}
                prefetch={false}
              >
                <Icon name="x" size={12} />
              </Link>
            </span>
          );
        })}
        {[...hidden].map(([name, value]) => (
          <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
        ))}
        <input
          id="query"
          name="q"
          aria-label="Filter interactions"
          defaultValue={view.typed}
          key={view.typed}
          placeholder="kind:tool_call status:error"
          autoComplete="off"
          spellCheck={false}
          maxLength={2000}
          {...(view.problems.length > 0
            ? { 'aria-invalid': true, 'aria-describedby': 'query-problems' }
            : {})}
        />
        <kbd>/</kbd>
      </search>
    </form>
  );
}

/** One sentence for each thing in the address that could not be understood. */
export function Problems({ problems }: { problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <div className="problems" id="query-problems" role="alert">
      <ul>
        {problems.slice(0, 5).map((problem) => (
          <li key={problem}>
            <Visible text={problem} oneLine />
          </li>
        ))}
        {problems.length > 5 ? <li>And {problems.length - 5} more.</li> : null}
      </ul>
    </div>
  );
}
