import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { unpackBodies } from '@/lib/log/leaf';
import type { InteractionKind, Signal } from '@/lib/telemetry/schema';
import { type Arrived, arrivedMax, judgeArrived } from './arrived';

const lastMs = 15 * 60_000;
/** No index finds what a reporter sent for others: so much of the newest of all is looked through for it. */
const lookedThroughMax = 20_000;

type Row = {
  signal: Signal | null;
  kind: InteractionKind;
  usage: boolean;
  conversation: string | null;
  on_behalf_of: string | null;
  bodies: Buffer;
  identity: string | null;
  declared: string | null;
  fingerprint: string | null;
};

/** What came by one identity's keys in the last quarter of an hour, for itself or for others; the newest of it. */
export async function getArrived(
  _scope: ReadScope,
  identity: string,
  now: Date,
  db: Queryable = pool(),
): Promise<Arrived> {
  const from = new Date(now.getTime() - lastMs);
  const columns = `signal, kind, input_tokens IS NOT NULL OR output_tokens IS NOT NULL AS usage,
    conversation, on_behalf_of, bodies, identity, coalesce(declared_name, declared_id, service) AS declared,
    encode(fingerprint, 'hex') AS fingerprint`;
  const [{ rows }, refused] = await Promise.all([
    db.query<Row>(
      `(SELECT ${columns} FROM (
          SELECT * FROM interaction WHERE identity = $1 AND received_at >= $2
          ORDER BY received_at DESC LIMIT $4
        ) own WHERE reporter = $1 LIMIT $3)
       UNION ALL
       (SELECT ${columns} FROM (
          SELECT * FROM interaction WHERE received_at >= $2
          ORDER BY received_at DESC, shard DESC, position DESC LIMIT $4
        ) newest WHERE reporter = $1 AND identity IS DISTINCT FROM $1 LIMIT $3)`,
      [identity, from, arrivedMax, lookedThroughMax],
    ),
    db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM (
         SELECT FROM quarantine WHERE received_at >= $2 AND reporter = $1 LIMIT $3) refused`,
      [identity, from, arrivedMax],
    ),
  ]);
  return judgeArrived(
    rows.map((row) => ({
      signal: row.signal,
      kind: row.kind,
      hasUsage: row.usage,
      hasConversation: row.conversation !== null,
      hasOnBehalfOf: row.on_behalf_of !== null,
      roles: unpackBodies(row.bodies).map(({ role }) => role),
      identity: row.identity,
      declared: row.declared,
      fingerprint: row.fingerprint,
    })),
    refused.rows[0]?.n ?? 0,
  );
}
