import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { shorten } from '@/lib/inventory/address';
import { withinReach } from '@/lib/inventory/reach';
import { allOf, sql } from '@/lib/inventory/sql';
import type { RegistryFilter } from '../address';
import type { IdentityFilter } from '../schema';

const named = ['team', 'owner', 'zone'] as const;
const dayMs = 86_400_000;
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Turns what an address asks for into what a list is narrowed by: names into ids, days into times. A name that means
 * nothing matches nothing, and a sentence says so: a filter is never widened by a slip.
 */
export async function resolveAsked(
  scope: ReadScope,
  asked: RegistryFilter,
  now: Date,
  db: Queryable = pool(),
): Promise<{ filter: IdentityFilter; problems: string[] }> {
  const problems: string[] = [];
  const references: Partial<Record<(typeof named)[number], string[]>> = {};
  const found = await find(scope, asked, db);
  for (const what of named) {
    references[what] = asked[what].flatMap((text) => {
      if (text.toLowerCase() === 'none') return ['none'];
      const ids = found
        .filter((each) => each.what === what && each.asked === text.toLowerCase())
        .map(({ id }) => id);
      if (ids.length > 0) return ids;
      problems.push(`${what}:${shorten(text)} names no ${what}, so nothing matches it.`);
      return [nobody];
    });
  }
  const days = asked.expires.map((text) => Number(text.slice(1, -1)));
  return {
    filter: {
      kind: asked.kind,
      state: asked.state.length === 0 ? ['active', 'suspended'] : asked.state,
      trust: asked.trust,
      environment: asked.environment,
      tag: asked.tag,
      isUnowned: asked.isUnowned,
      search: asked.words.join(' '),
      ...(days.length === 0
        ? {}
        : { endsBefore: new Date(now.getTime() + Math.max(...days) * dayMs) }),
      ...(asked.assurance.length === 0 ? {} : { assurance: levelsOf(asked.assurance) }),
      ...references,
    },
    problems,
  };
}

/** The levels that any of these means: `<2` is 0 and 1. */
function levelsOf(texts: readonly string[]): number[] {
  return [0, 1, 2, 3].filter((level) =>
    texts.some((text) => {
      const value = Number(text.at(-1));
      if (text.startsWith('<')) return level < value;
      return text.startsWith('>') ? level > value : level === value;
    }),
  );
}

type Found = { what: (typeof named)[number]; asked: string; id: string };

async function find(scope: ReadScope, asked: RegistryFilter, db: Queryable): Promise<Found[]> {
  const texts = named.flatMap((what) => asked[what]);
  if (texts.length === 0) return [];
  const low = texts.map((text) => text.toLowerCase());
  const isOwner = allOf([sql`i.owner_id = p.id`, ...withinReach(sql`i.id`, scope.sees)]);
  const { text, values } = sql`WITH a AS (SELECT DISTINCT unnest(${low}::text[]) AS asked)
    SELECT 'team' AS what, a.asked, t.id FROM team t JOIN a ON lower(t.name) = a.asked OR t.id::text = a.asked
    UNION ALL
    SELECT 'zone', a.asked, z.id FROM zone z JOIN a ON lower(z.name) = a.asked OR z.id::text = a.asked
    UNION ALL
    SELECT 'owner', a.asked, p.id FROM person p JOIN a
      ON lower(p.name) = a.asked OR lower(p.email) = a.asked OR p.id::text = a.asked
      WHERE EXISTS (SELECT FROM identity i WHERE ${isOwner})`;
  const { rows } = await db.query<Found>(text, values);
  return rows;
}
