import type { Pool } from '@/lib/db/pool';
import { type Filter, rangeOf, unregistered } from '@/lib/inventory/address';
import { listFacets, listPulse } from '@/lib/inventory/counts/queries';
import { listInteractions } from '@/lib/inventory/queries';
import { none, scope } from './inventory-reader';
import { seeded } from './inventory-seed';
import { type Figure, figure, quantileOf } from './report';
import { times } from './times';

const pageMax = { max: 80 };
const countsMax = { max: 300 };
const rounds = 5;

type Case = { name: string; filter: Filter };

/** Every value of the seed alone, and each two of different facets: those that never meet are the hard ones. */
function cases(): { one: Case[]; two: Case[] } {
  const one = Object.entries(seeded).flatMap(([facet, values]) =>
    Object.entries(values).map(([often, value]) => ({
      facet,
      name: `${often} ${facet}`,
      // The seed's values are of their facet.
      filter: { ...none, [facet]: [value] } as Filter,
    })),
  );
  const two = one.flatMap((a, index) =>
    one
      .slice(index + 1)
      .filter((b) => b.facet !== a.facet)
      .map((b) => ({
        name: `${a.name}, ${b.name}`,
        filter: { ...a.filter, [b.facet]: b.filter[b.facet as keyof Filter] },
      })),
  );
  return { one, two };
}

/** The slowest case by its p95 in each class, and the p95 of all measured together. */
export async function facetFigures(db: Pool): Promise<Figure[]> {
  const now = new Date();
  const range = rangeOf('24h', now);
  const { one, two } = cases();
  const others: Case[] = [
    { name: 'nobody registered', filter: { ...none, identity: [unregistered] } },
    {
      name: 'session',
      filter: { ...none, session: ['00000000-0000-8000-8000-000000001000'] },
    },
  ];
  const figures: Figure[] = [];
  for (const [what, all] of [
    ['one facet', [...one, ...others]],
    ['two facets', two],
  ] as const) {
    const pages = await slowest(all, ({ filter }) =>
      listInteractions(scope, { filter, range, cursor: null }, db),
    );
    figures.push(
      figure(`${what}, first page p95 of ${all.length}`, pages.p95, 'ms', pageMax),
      figure(`${what}, slowest: ${pages.name}`, pages.max, 'ms', pageMax),
    );
    const counts = await slowest(all, ({ filter }) => listFacets(scope, { filter, range }, db));
    figures.push(
      figure(`${what}, counts p95 of ${all.length}`, counts.p95, 'ms', countsMax),
      figure(`${what}, slowest counts: ${counts.name}`, counts.max, 'ms', countsMax),
    );
  }
  const [counts, bars] = await times(
    [
      () => listFacets(scope, { filter: none, range }, db),
      () => listPulse(scope, { filter: none, range }, now, db),
    ],
    20,
  );
  figures.push(
    figure('counts of everything p95', quantileOf(counts, 0.95), 'ms', countsMax),
    figure('bars p95', quantileOf(bars, 0.95), 'ms'),
  );
  return figures;
}

async function slowest(
  all: readonly Case[],
  read: (one: Case) => Promise<unknown>,
): Promise<{ p95: number; name: string; max: number }> {
  const taken: number[] = [];
  let worst = { name: '', max: 0 };
  for (const each of all) {
    const [measured] = await times([() => read(each)], rounds);
    taken.push(...measured);
    const max = quantileOf(measured, 0.95);
    if (max > worst.max) worst = { name: each.name, max };
  }
  return { p95: quantileOf(taken, 0.95), ...worst };
}
