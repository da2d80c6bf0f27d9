import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { can } from '@/lib/people/permissions';
import type { DefinitionState } from './schema';

export type DefinitionRow = {
  id: string;
  /** The name under which it was offered: the resource's own, or a further one. */
  name: string;
  /** SHA-256 of its canonical JSON, hex. */
  digest: string;
  bytes: number;
  isKept: boolean;
  firstAt: Date;
  /** `2026-11-30`, by arrival in UTC. */
  lastOn: string;
  /** The first entry of that day that has it. */
  source: { receivedAt: Date; shard: number; position: bigint };
  state: DefinitionState;
  decidedBy: string | null;
  decidedAt: Date | null;
  reason: string | null;
};

/** What was offered under a resource's names, the newest first. */
export async function listDefinitions(
  _scope: ReadScope,
  resourceId: string,
  db: Queryable = pool(),
): Promise<DefinitionRow[]> {
  const { rows } = await db.query<
    Omit<DefinitionRow, 'source'> & { received_at: Date; shard: number; position: bigint }
  >(
    `SELECT d.id, r.name, encode(d.digest, 'hex') AS digest, d.bytes, d.sealed IS NOT NULL AS "isKept",
       d.first_at AS "firstAt", to_char(d.last_on, 'YYYY-MM-DD') AS "lastOn", d.source_received_at AS received_at,
       d.source_shard AS shard, d.source_position AS position, d.state, p.name AS "decidedBy",
       d.decided_at AS "decidedAt", d.reason
     FROM resource r JOIN resource_definition d ON d.resource_id = r.id LEFT JOIN person p ON p.id = d.decided_by
     WHERE r.id = $1 OR r.alias_of = $1
     ORDER BY d.first_at DESC, d.id DESC LIMIT 400`,
    [resourceId],
  );
  return rows.map(({ received_at: receivedAt, shard, position, ...row }) => ({
    ...row,
    source: { receivedAt, shard, position },
  }));
}

/**
 * Whether what definitions say may be read: it was offered to a model and is content, so by whoever approves it or may
 * read all content.
 */
export const canReadDefinitions = (scope: ReadScope): boolean =>
  can(scope, 'resources.approve') || scope.content.read === 'all';

export type Undecided = {
  /** Resources with a definition that nobody decided on; of those, such as had an approved one. */
  resources: number;
  changed: number;
};

/** How many tools and servers wait for a person, the retired aside. */
export async function countUndecided(
  _scope: ReadScope,
  db: Queryable = pool(),
): Promise<Undecided> {
  const { rows } = await db.query<Undecided>(
    `SELECT count(*)::int AS resources, count(*) FILTER (WHERE EXISTS (
       SELECT FROM resource_definition a WHERE a.resource_id = u.resource_id AND a.state = 'approved'))::int AS changed
     FROM (SELECT DISTINCT d.resource_id FROM resource_definition d JOIN resource r ON r.id = d.resource_id
       WHERE d.state = 'unapproved' AND r.state <> 'retired') u`,
  );
  return rows[0] ?? { resources: 0, changed: 0 };
}

/** What came and could not be read, of all shards. */
export async function getUnread(
  _scope: ReadScope,
  db: Queryable = pool(),
): Promise<{ digests: number; digestsAt: Date | null; unread: number }> {
  const { rows } = await db.query<{ digests: number; digestsAt: Date | null; unread: number }>(
    `SELECT coalesce(sum(digests), 0)::float8 AS digests, max(digests_at) AS "digestsAt",
       coalesce(sum(unread), 0)::float8 AS unread FROM resource_definition_unread`,
  );
  return rows[0] ?? { digests: 0, digestsAt: null, unread: 0 };
}
