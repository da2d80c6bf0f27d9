import type { ReadScope } from '@/lib/auth/scope';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import { pool, type Queryable } from '@/lib/db/pool';
import { recordOnce } from '@/lib/inventory/record-once';
import { canonicalJson } from '@/lib/log/canonical';
import { canReadDefinitions } from './queries';
import { openDefinition } from './seal';

type Opening = { now: Date; db?: Queryable; kek?: KeyEncryptionKey };

/**
 * The canonical JSON of definitions of one resource, by id; nothing of those that were not kept, or for whoever may not
 * read them. Opening them is on record, as of any content: once a minute for the same ones.
 */
export async function openDefinitions(
  scope: ReadScope,
  { resource, ids }: { resource: string; ids: readonly string[] },
  { now, db = pool(), kek = keyEncryptionKey() }: Opening,
): Promise<Map<string, string>> {
  if (!canReadDefinitions(scope)) return new Map();
  const { rows } = await db.query<{ id: string; keyId: string; wrapped: Buffer; sealed: Buffer }>(
    `SELECT d.id, d.key_id AS "keyId", k.wrapped, d.sealed FROM resource_definition d
       JOIN resource r ON r.id = d.resource_id JOIN data_key k ON k.id = d.key_id
     WHERE d.id = ANY ($1::uuid[]) AND (r.id = $2 OR r.alias_of = $2) ORDER BY d.id`,
    [ids, resource],
  );
  if (rows.length === 0) return new Map();
  const definitions = rows.map(({ id }) => id);
  await recordOnce(db, {
    kind: 'content_opened',
    // Of two sign-ins at once both are told: one of them may be a stranger's.
    what: `${canonicalJson(scope.who)} definitions ${definitions.join(' ')}`,
    facts: { ...scope.who, resource, definitions },
    now,
  });
  return new Map(rows.map((row) => [row.id, openDefinition(kek.content, row)]));
}
