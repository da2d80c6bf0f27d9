import Link from 'next/link';
import {
  type Facet,
  type Filter,
  type Range,
  toggled,
  unregistered,
  viewSearch,
} from '@/lib/inventory/address';
import type { FacetCounts } from '@/lib/inventory/counts/queries';
import { exchange } from '@/lib/inventory/kinds';
import { countText, kindLabels, statusLabels } from '@/lib/inventory/labels';
import { Visible } from './visible';

const groups = [
  ['kind', 'Kind'],
  ['identity', 'Identity'],
  ['status', 'Status'],
  ['resource', 'Resource'],
  ['model', 'Model'],
] as const satisfies (readonly [Facet, string])[];

const shown = 7;

/** What a value is called where people read it. */
export function valueName(
  facet: string,
  value: string,
  identities: ReadonlyMap<string, string>,
): string {
  if (value === exchange && facet === 'kind') return 'Exchange';
  if (facet === 'kind')
    return (kindLabels as Record<string, { word: string } | undefined>)[value]?.word ?? value;
  if (facet === 'status')
    return (statusLabels as Record<string, { word: string } | undefined>)[value]?.word ?? value;
  if (facet === 'identity')
    return value === unregistered ? 'Unregistered' : (identities.get(value) ?? value);
  return value;
}

/** Counts by value; each is a link that adds or takes away its term, so it works without script. */
export function FacetGroups({
  counts,
  filter,
  range,
  identities,
}: {
  counts: FacetCounts;
  filter: Filter;
  range: Range;
  identities: ReadonlyMap<string, string>;
}) {
  return groups.map(([facet, title]) => {
    const values = counts.values[facet] ?? [];
    const set: string[] = filter[facet];
    const listed = values.filter(({ value }, index) => index < shown || set.includes(value));
    if (listed.length === 0) return null;
    return (
      <fieldset key={facet}>
        <legend>
          {title}
          {counts.sampled.includes(facet) ? ', of 10,000' : null}
        </legend>
        <ul>
          {listed.map(({ value, count }) => {
            const isSet = set.includes(value);
            return (
              <li key={value}>
                <Link
                  className="facet plain"
                  href={`/inventory${viewSearch({ filter: toggled(filter, facet, value), range })}`}
                  aria-current={isSet ? 'true' : undefined}
                  prefetch={false}
                  scroll={false}
                >
                  <span className="box" aria-hidden="true" />
                  <span className="trunc">
                    <Visible text={valueName(facet, value, identities)} oneLine />
                  </span>
                  <span className="n">{countText(count)}</span>
                </Link>
              </li>
            );
          })}
        </ul>
        {values.length > listed.length ? (
          <p className="s11 t3">{values.length - listed.length} more</p>
        ) : null}
      </fieldset>
    );
  });
}
