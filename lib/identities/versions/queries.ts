import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { requireReached } from '../registry/queries';
import { type AttributeName, attributeNames, changedNames } from './changed-parts';
import { IdentityAttributes } from './schema';

export const versionsPerPage = 50;

export type IdentityVersion = {
  revision: number;
  at: Date;
  /** `person:ID`, `operator:NAME`, `api_key:ID`, or `rule` where trust was earned or lost. */
  by: string;
  reason: string | null;
  attributes: IdentityAttributes;
  /** What it changed; of the first all that there was. */
  changed: AttributeName[];
};

export type Versions = {
  versions: IdentityVersion[];
  /** For `before` of the next page; null on the last. */
  next: number | null;
  /** What people, teams, zones and identities in them are called now, by id. */
  names: Map<string, string>;
};

/**
 * The past of an identity, the newest version first, each with what it changed. Throws `not_found` where none that the
 * scope reaches has this id.
 */
export async function listVersions(
  scope: ReadScope,
  { id, before = null }: { id: string; before?: number | null },
  db: Queryable = pool(),
): Promise<Versions> {
  await requireReached(scope, id, db);
  const { rows } = await db.query<Omit<IdentityVersion, 'changed'>>(
    `SELECT v.revision, v.at, v.by, v.reason, v.attributes FROM identity_version v
     WHERE v.identity_id = $1 AND ($2::int IS NULL OR v.revision < $2) ORDER BY v.revision DESC LIMIT $3`,
    [id, before, versionsPerPage + 1],
  );
  const parsed = rows.map((row) => ({
    ...row,
    attributes: IdentityAttributes.parse(row.attributes),
  }));
  const versions = parsed.slice(0, versionsPerPage).map((row, index) => {
    const former = parsed[index + 1];
    const changed =
      former === undefined ? [...attributeNames] : changedNames(former.attributes, row.attributes);
    return { ...row, changed };
  });
  return {
    versions,
    next: parsed.length > versionsPerPage ? (versions.at(-1)?.revision ?? null) : null,
    names: await listNames(scope, versions, db),
  };
}

/** Names of other identities only where they are reached. */
async function listNames(
  { sees }: ReadScope,
  versions: readonly IdentityVersion[],
  db: Queryable,
): Promise<Map<string, string>> {
  const ids = new Set<string>();
  for (const { by, attributes } of versions) {
    const { owner, sponsor, team, zone, actsFor, reportsFor } = attributes;
    const people = actsFor === 'all' ? [] : [...actsFor.people, ...actsFor.teams];
    const reported = reportsFor === 'all' ? [] : reportsFor;
    const who = /^(?:person|api_key):([0-9a-f-]{36})$/.exec(by)?.[1] ?? null;
    for (const each of [owner, sponsor, team, zone, who, ...people, ...reported])
      if (each !== null) ids.add(each);
  }
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT id, name FROM person WHERE id = ANY ($1::uuid[]) UNION ALL SELECT id, name FROM team WHERE id = ANY ($1::uuid[])
     UNION ALL SELECT id, name FROM zone WHERE id = ANY ($1::uuid[])
     UNION ALL SELECT id, name FROM api_key WHERE id = ANY ($1::uuid[])
     UNION ALL SELECT id, name FROM identity WHERE id = ANY ($1::uuid[]) AND ($2::uuid[] IS NULL OR team_id = ANY ($2))`,
    [[...ids], sees === 'all' ? null : sees],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
