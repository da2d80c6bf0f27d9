import type { Queryable } from '@/lib/db/pool';
import { sql } from '@/lib/inventory/sql';

/** Rows made by SQL, for tests of reading: nothing here hashes or encrypts. */
export type Seeded = {
  receivedAt: Date;
  shard?: number;
  position: number;
  identity?: string | null;
  kind?: string;
  resourceKind?: string | null;
  resource?: string | null;
  model?: string | null;
  status?: string;
  session?: string;
  name?: string;
  declaredName?: string | null;
  onBehalfOf?: string | null;
  errorType?: string | null;
  marks?: number;
  /** When it says it happened, in nanoseconds; at its arrival unless told. */
  startedNs?: string;
};

const reporter = '00000000-0000-7000-8000-000000000001';
const session = '00000000-0000-7000-8000-0000000000aa';

export async function seedInteraction(db: Queryable, row: Seeded): Promise<void> {
  const ns = BigInt(row.startedNs ?? BigInt(row.receivedAt.getTime()) * 1_000_000n);
  const shard = row.shard ?? 1;
  const statement = sql`
    WITH entry AS (
      INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
      VALUES (${row.receivedAt}, ${shard}, ${row.position}, 'interaction', ${reporter}, sha256('leaf'))
    )
    INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, declared_name, on_behalf_of,
      session, dialect, kind, name, model, resource_kind, resource, status, error_type, started_ns, ended_ns, marks,
      bodies, salt)
    VALUES (${row.receivedAt}, ${shard}, ${row.position}, ${reporter}, ${row.identity ?? null}, 'self',
      ${row.declaredName ?? null}, ${row.onBehalfOf ?? null}, ${row.session ?? session}, 'genai',
      ${row.kind ?? 'tool_call'}, ${row.name ?? 'execute_tool'}, ${row.model ?? null}, ${row.resourceKind ?? 'tool'},
      ${row.resource ?? 'send_money'}, ${row.status ?? 'ok'}, ${row.errorType ?? null}, ${ns.toString()},
      ${(ns + 312_000_000n).toString()}, ${row.marks ?? 0}, '', sha256('salt'))`;
  await db.query(statement.text, statement.values);
}
