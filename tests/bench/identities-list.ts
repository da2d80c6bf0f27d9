import type { Pool } from '@/lib/db/pool';
import { countIdentities, listIdentities } from '@/lib/identities/registry/queries';
import type { IdentityFilter, IdentitySort } from '@/lib/identities/registry/schema';
import { scopeOf } from '../support/people';
import type { Seeded } from './identities-seed';
import { type Figure, figure, quantileOf } from './report';
import { times } from './times';

const rounds = 40;
const dayMs = 86_400_000;
const goal = { max: 100 };

/** The list of all that are registered, by each filter, in each order, at its beginning and deep in it. */
export async function listFigures(db: Pool, seeded: Seeded): Promise<Figure[]> {
  const now = new Date();
  const scope = scopeOf();
  const [team = ''] = seeded.teams;
  const [, owner = ''] = seeded.owners;
  const [zone = ''] = seeded.zones;
  const byName: IdentitySort = { by: 'name', isDescending: false };
  const asked: [name: string, filter: IdentityFilter, sort?: IdentitySort][] = [
    ['all', {}],
    ['kind', { kind: ['agent'] }],
    ['state', { state: ['suspended', 'proposed'] }],
    ['trust', { trust: ['trusted'] }],
    ['team', { team: [team] }],
    ['of no team', { team: ['none'] }],
    ['owner', { owner: [owner] }],
    ['owned by nobody', { isUnowned: true }],
    ['sponsor', { sponsor: [owner] }],
    ['zone', { zone: [zone] }],
    ['environment', { environment: ['production'] }],
    ['tag', { tag: ['cost-7'] }],
    ['ends within 30 days', { endsBefore: new Date(now.getTime() + 30 * dayMs) }],
    ['not seen for 30 days', { seenBefore: new Date(now.getTime() - 30 * dayMs) }],
    ['seen since yesterday', { seenAfter: new Date(now.getTime() - dayMs) }],
    ['a frequent word', { search: 'billing' }],
    ['two words', { search: 'returns region' }],
    ['a rare word', { search: '9999' }],
    ['an absent word', { search: 'zebra' }],
    [
      'kind, state, team and word',
      { kind: ['agent'], state: ['active'], team: [team], search: 'a' },
    ],
    ['in order of registration', {}, { by: 'registered', isDescending: true }],
    ['in order of last seen', {}, { by: 'seen', isDescending: true }],
    ['in order of what ends', {}, { by: 'ends', isDescending: false }],
  ];
  const page = (filter: IdentityFilter, sort: IdentitySort, place: string | null = null) =>
    listIdentities(
      scope,
      { filter, sort, cursor: place === null ? null : { direction: 'after', place }, now },
      db,
    );
  let deep: string | null = null;
  for (let pages = 0; pages < 100; pages += 1) deep = (await page({}, byName, deep)).after;
  const runs = [
    ...asked.map(
      ([, filter, sort = byName]) =>
        () =>
          page(filter, sort),
    ),
    () => page({}, byName, deep),
    () => countIdentities(scope, db),
  ];
  const names = [...asked.map(([name]) => name), 'page 101', 'counts of kinds and states'];
  const taken = (await times(runs, rounds)).map((each) => quantileOf(each, 0.95));
  const worst = taken.indexOf(Math.max(...taken));
  return [
    ...names.map((name, index) => figure(`list, ${name}, p95`, taken[index] ?? 0, 'ms')),
    figure(`list of 10,000, p95 of the slowest (${names[worst]})`, taken[worst] ?? 0, 'ms', goal),
  ];
}
