import { parseArgs } from 'node:util';
import { createPool, databaseUrl } from '@/lib/db/pool';
import { refuseOtherSchema, SCHEMA_VERSION } from '@/lib/db/schema-version';
import { projections } from '@/lib/log/project';
import { listLags } from '@/lib/log/projection';

/** Figures of the whole installation, read from the database; what runs tells of itself there. */
export async function status(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
  const figures = await readStatus(new Date());
  if (values.json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return;
  }
  const { interactions, quarantined, lagMs, identities, schema, processes } = figures;
  process.stdout.write(
    [
      `Interactions  ${interactions}`,
      `Quarantined   ${quarantined}`,
      `Lag           ${lagMs} ms`,
      `Identities    ${identities}`,
      `Schema        ${schema}`,
      ...processes.map(
        ({ role, id, seenMsAgo }) => `Running       ${role} ${id}, seen ${seenMsAgo} ms ago`,
      ),
      '',
    ].join('\n'),
  );
}

async function readStatus(now: Date) {
  const pool = createPool(databaseUrl(), { applicationName: 'operator', max: 2 });
  try {
    await refuseOtherSchema(pool);
    const { rows } = await pool.query<{
      interactions: bigint;
      quarantined: bigint;
      identities: bigint;
    }>(
      `SELECT (SELECT coalesce(sum(next_position), 0)::bigint FROM shard WHERE kind = 'telemetry') AS interactions,
         (SELECT count(*) FROM quarantine WHERE replay_state IS DISTINCT FROM 'accepted') AS quarantined,
         (SELECT count(*) FROM identity) AS identities`,
    );
    const lags = await listLags(pool, projections);
    const { rows: running } = await pool.query<{ id: string; role: string; seen_at: Date }>(
      `SELECT id, role, seen_at FROM process_status WHERE seen_at > $1 ORDER BY role, id`,
      [new Date(now.getTime() - 60_000)],
    );
    return {
      interactions: Number(rows[0]?.interactions ?? 0n),
      quarantined: Number(rows[0]?.quarantined ?? 0n),
      /** Age of the oldest entry that some projection has not read yet. */
      lagMs: Math.max(
        0,
        ...lags.map(({ oldestAt }) => (oldestAt ? now.getTime() - oldestAt.getTime() : 0)),
      ),
      identities: Number(rows[0]?.identities ?? 0n),
      schema: SCHEMA_VERSION,
      processes: running.map(({ id, role, seen_at }) => ({
        id,
        role,
        seenMsAgo: Math.max(0, now.getTime() - seen_at.getTime()),
      })),
    };
  } finally {
    await pool.end();
  }
}
