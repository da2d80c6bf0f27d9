import type { Pool } from '@/lib/db/pool';
import { rangeOf } from '@/lib/inventory/address';
import type { Resolved } from '@/lib/inventory/conditions';
import { listFacets } from '@/lib/inventory/counts/queries';
import { listInteractions } from '@/lib/inventory/queries';
import type { WordHash } from '@/lib/inventory/search/hash-words';
import { searchQuery } from '@/lib/inventory/search/terms';
import { none, scope } from './inventory-reader';
import { seeded, seededWords } from './inventory-seed';
import { type Figure, figure, quantileOf } from './report';
import { times } from './times';

const rareMax = { max: 200 };

/** Words from one entry in 90,001 to every third, alone, together and within facets: first page and counts. */
export async function searchFigures(db: Pool, hashOf: WordHash): Promise<Figure[]> {
  const range = rangeOf('24h', new Date());
  const { rare, frequent, uncommon, absent } = seededWords;
  const searching = (text: string[], within: Partial<Resolved> = {}): Resolved => ({
    ...none,
    ...within,
    text,
    words: searchQuery(text, hashOf) ?? '',
  });
  const searches: [string, Resolved, { max: number }?][] = [
    ['rare word', searching([rare]), rareMax],
    ['absent word', searching([absent]), rareMax],
    ['rare word without a frequent one', searching([rare, `-${frequent}`]), rareMax],
    ['rare word within a kind', searching([rare], { kind: [seeded.kind.frequent] }), rareMax],
    ['word in one of 200', searching([uncommon])],
    ['phrase of frequent words', searching([`${frequent} ${uncommon}`])],
    ['frequent word', searching([frequent])],
    [
      'frequent word within a rare identity',
      searching([frequent], { identity: [seeded.identity.rare] }),
    ],
  ];
  const figures: Figure[] = [];
  for (const [name, filter, bound] of searches) {
    const [pages, counts] = await times(
      [
        () => listInteractions(scope, { filter, range, cursor: null }, db),
        () => listFacets(scope, { filter, range }, db),
      ],
      20,
    );
    figures.push(
      figure(`${name}, first page p95`, quantileOf(pages, 0.95), 'ms', bound),
      figure(`${name}, counts p95`, quantileOf(counts, 0.95), 'ms', bound && { max: 300 }),
    );
  }
  return figures;
}
