import { newId } from '@/lib/core/ids';
import type { Queryable } from '@/lib/db/pool';

/** The row of the settings and one administrator, written as the migrator. Returns the person's id. */
export async function setUpOrganisation(db: Queryable): Promise<string> {
  await db.query(
    `INSERT INTO setting (id, organisation, time_zone, content, retention_body_days, retention_facts_days, created_at)
     VALUES (1, 'Blue Sparrow', 'UTC', 'redact', 30, 365, now()) ON CONFLICT DO NOTHING`,
  );
  return addPerson(db, {});
}

/** A person, written as the migrator. */
export async function addPerson(
  db: Queryable,
  { name = 'Ada', reach = 'all' }: { name?: string; reach?: 'all' | 'teams' },
): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO person (id, email, name, roles, reach, content_read, content_export, created_at)
     VALUES ($1, $2, $3, '{admin}', $4, 'all', 'all', now())`,
    [id, `${id}@example.org`, name, reach],
  );
  return id;
}

/** Every control entry of these kinds, oldest first. */
export async function listControl(
  db: Queryable,
  kinds: readonly string[],
): Promise<{ kind: string; facts: Record<string, unknown> }[]> {
  const { rows } = await db.query<{ kind: string; facts: string }>(
    'SELECT kind, facts FROM control_event WHERE kind = ANY ($1) ORDER BY position',
    [kinds],
  );
  return rows.map(({ kind, facts }) => ({ kind, facts: JSON.parse(facts) }));
}
