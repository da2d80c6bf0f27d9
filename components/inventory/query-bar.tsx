import Link from 'next/link';
import { Icon } from '@/components/ui/icon';
import {
  type Filter,
  facets,
  type InventoryView,
  toggled,
  viewSearch,
  withBothEnds,
  withoutText,
} from '@/lib/inventory/address';
import { visibleText } from '@/lib/inventory/visible';
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
  const hrefOf = (next: Filter) => `/inventory${viewSearch({ filter: next, range })}`;
  return (
    <form className="query" action="/inventory" method="get">
      <search className="query-in">
        <Icon name="search" size={14} />
        {terms.map(({ facet, value }) => {
          return (
            <Term
              key={`${facet}:${value}`}
              name={facet}
              href={hrefOf(toggled(filter, facet, value))}
            >
              {nameOfValue(facet, value)}
            </Term>
          );
        })}
        {(filter.text ?? []).map((text) => (
          <Term key={`text:${text}`} name="text" href={hrefOf(withoutText(filter, text))}>
            {isPhrase(text) ? `“${text}”` : text}
          </Term>
        ))}
        {filter.isCounted ? (
          <Term name="counted" href={hrefOf(withBothEnds(filter))}>
            each exchange once
          </Term>
        ) : null}
        {[...hidden].map(([name, value]) => (
          <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
        ))}
        <input
          id="query"
          name="q"
          aria-label="Filter interactions"
          defaultValue={view.typed}
          key={view.typed}
          placeholder='kind:tool_call invoice "two seats"'
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

const isPhrase = (text: string) => /\s/.test(text);

function Term({ name, href, children }: { name: string; href: string; children: string }) {
  return (
    <span className="term">
      <b>{name}:</b>
      <span className="trunc">
        <Visible text={children} oneLine />
      </span>
      <Link href={href} aria-label={`Remove ${name} ${visibleText(children)}`} prefetch={false}>
        <Icon name="x" size={12} />
      </Link>
    </span>
  );
}

/** What a search looks through, and what it does not do. */
export function SearchNote({ isOfTeams }: { isOfTeams: boolean }) {
  return (
    <p className="search-note">
      Searched inputs, outputs, tool arguments, instructions and errors for whole words: the
      beginning of a word finds nothing. Of an entry over 64 KB the first 64 KB are searched.{' '}
      {isOfTeams ? 'You may read content of your teams, so nothing else is searched. ' : ''}This
      search is on record.
    </p>
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
