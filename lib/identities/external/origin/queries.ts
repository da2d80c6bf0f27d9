import type { PoolClient } from '@/lib/db/pool';
import type { Origin } from '../schema';
import type { Standing } from './judge';

export type Standings = Standing & { id: string; isInUse: boolean };

/** What speaks for and against each registered external API, of the last day. */
export async function listStandings(client: PoolClient, now: Date): Promise<Standings[]> {
  const { rows } = await client.query<{
    id: string;
    isInUse: boolean;
    hosts: string[];
    probes: (Omit<Standing['probes'][number], 'probedAt'> & { probedAt: number })[] | null;
    count: number;
    unverifiedHour: Date | null;
    verifiedHour: Date | null;
  }>(
    `SELECT a.identity_id AS id, i.state <> 'decommissioned' AS "isInUse", a.hosts,
       (SELECT json_agg(json_build_object('host', p.host, 'outcome', p.outcome, 'reason', p.reason,
          'probedAt', extract(epoch FROM p.probed_at) * 1000)) FROM external_probe p WHERE p.identity_id = a.identity_id) AS probes,
       coalesce(h.count, 0)::int AS count, h.unverified AS "unverifiedHour", h.verified AS "verifiedHour"
     FROM external_api a JOIN identity i ON i.id = a.identity_id
     LEFT JOIN LATERAL (
       SELECT sum(unverified) AS count, max(hour) FILTER (WHERE unverified > 0) AS unverified,
         max(hour) FILTER (WHERE interactions > unverified) AS verified
       FROM external_hour WHERE identity = a.identity_id AND hour > $1::timestamptz - interval '25 hours'
     ) h ON true
     ORDER BY a.identity_id`,
    [now],
  );
  return rows.map(({ id, isInUse, hosts, probes, count, unverifiedHour, verifiedHour }) => ({
    id,
    isInUse,
    hosts,
    probes: (probes ?? []).map((probe) => ({ ...probe, probedAt: new Date(probe.probedAt) })),
    unverified: { count, lastHour: unverifiedHour },
    verified: { lastHour: verifiedHour },
  }));
}

export async function findFact(
  client: PoolClient,
  id: string,
): Promise<{ value: unknown; until: Date } | null> {
  const { rows } = await client.query<{ value: unknown; until: Date }>(
    `SELECT value, until FROM fact WHERE subject = 'identity:' || $1 AND name = 'origin'`,
    [id],
  );
  return rows[0] ?? null;
}

export async function putFact(
  client: PoolClient,
  id: string,
  { origin, until }: { origin: Origin; until: Date },
  now: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO fact (subject, name, value, measured_at, until, source)
     VALUES ('identity:' || $1, 'origin', to_jsonb($2::text), $3, $4, 'projection:origin')
     ON CONFLICT (subject, name) DO UPDATE SET value = excluded.value, measured_at = excluded.measured_at,
       until = excluded.until, source = excluded.source`,
    [id, origin, now, until],
  );
}
