import type { PoolClient, Queryable } from '@/lib/db/pool';
import { batchValues, inBatch } from '@/lib/inventory/activity/batch';
import { keptSince } from '@/lib/log/kept-since';
import type { Batch, Projection } from '@/lib/log/projection';
import { foldHost } from './host-name';

/** Beyond so many of one API, shard and hour they are counted and not listed: whoever names an API can send any number. */
export const listedPerHourMax = 1_000;
const spellingsMax = 1_000;

/** Steps and events are no exchanges, and what an API calls itself is not the API. */
const entries = `
  version AS MATERIALIZED (
    SELECT * FROM (
      SELECT identity_id AS api, since, hosts, names,
        lead(since, 1, 'infinity'::timestamptz) OVER (PARTITION BY identity_id ORDER BY since) AS until
      FROM external_api_version
    ) v WHERE since <= $4 AND until > $2
  ), entry AS MATERIALIZED (
    SELECT i.received_at, i.position, i.identity, i.span_kind, lower(i.provider) AS provider,
      CASE WHEN i.resource_kind IN ('endpoint', 'mcp_server') THEN lower(i.resource) END AS peer,
      coalesce(f.folded, rtrim(lower(i.server_address), '.')) AS host
    FROM interaction i LEFT JOIN unnest($6::text[], $7::text[]) AS f(spelt, folded) ON f.spelt = i.server_address
    WHERE ${inBatch('i')} AND i.kind NOT IN ('step', 'event')
  ), known AS (SELECT api, since, until, unnest(names) AS name FROM version),
  host AS (SELECT api, since, until, unnest(hosts) AS host FROM version)`;

const inForce = (version: string) =>
  `e.received_at >= ${version}.since AND e.received_at < ${version}.until`;
const by = (condition: string, from: 'known' | 'host' | 'version', isHost = false) =>
  `SELECT e.received_at, e.position, k.api, ${isHost} AS is_host FROM entry e JOIN ${from} k ON ${condition} AND ${inForce('k')}`;

/** What says that it is a registered API, and whether it answered from one of its hosts. */
const judged = `
  judged AS MATERIALIZED (
    SELECT received_at, position, api, bool_or(is_host) AS is_verified, date_bin('1 hour', received_at, 'epoch') AS hour
    FROM (
      ${[
        by('k.name = e.provider', 'known'),
        by('k.name = e.peer', 'known'),
        by(`k.host = regexp_replace(e.peer, ':[0-9]{1,5}$', '')`, 'host'),
        by(
          `k.api = e.identity AND e.span_kind IS DISTINCT FROM 'client' AND cardinality(k.hosts) > 0`,
          'version',
        ),
        by('k.host = e.host', 'host', true),
        by(`k.host = regexp_replace(e.host, '^[^.]+', '*')`, 'host', true),
      ].join('\n      UNION ALL ')}
    ) told GROUP BY received_at, position, api
  )`;

/** Interactions with registered external APIs whose server is none of their hosts, by what was registered when they arrived. */
export const originProjection: Projection = {
  name: 'origin',
  everyMs: 500,

  async apply(client, batch) {
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    const { rows } = await client.query<{ any: boolean }>(
      'SELECT EXISTS (SELECT FROM external_api_version WHERE since <= $1) AS any',
      [batch.through.receivedAt],
    );
    if (rows[0]?.any !== true) return undefined;
    const spellings = await foldSpellings(client, batch);
    await client.query(
      `WITH ${entries}, ${judged}, counted AS (
         INSERT INTO external_hour AS h (identity, hour, shard, interactions, unverified)
         SELECT api, hour, $1, count(*), count(*) FILTER (WHERE NOT is_verified) FROM judged GROUP BY 1, 2
         ON CONFLICT (identity, hour, shard) DO UPDATE SET interactions = h.interactions + excluded.interactions,
           unverified = h.unverified + excluded.unverified
       ), numbered AS (
         SELECT j.*, row_number() OVER (PARTITION BY j.api, j.hour ORDER BY j.position) + coalesce(h.unverified, 0) AS number
         FROM judged j LEFT JOIN external_hour h ON (h.identity, h.hour, h.shard) = (j.api, j.hour, $1)
         WHERE NOT j.is_verified
       )
       INSERT INTO external_mismatch (received_at, shard, position, identity)
       SELECT received_at, $1, position, api FROM numbered WHERE number <= ${listedPerHourMax}
       ON CONFLICT DO NOTHING`,
      [
        ...batchValues(batch),
        spellings.map(({ spelt }) => spelt),
        spellings.map(({ folded }) => folded),
      ],
    );
    return undefined;
  },

  async clear(client) {
    const { arrival } = await keptSince(client);
    await client.query('DELETE FROM external_mismatch');
    await client.query('DELETE FROM external_hour WHERE hour >= $1', [arrival]);
    return arrival;
  },
};

/** Names that are written in other letters than ASCII: what they are to whoever connects. */
async function foldSpellings(
  client: PoolClient,
  batch: Batch,
): Promise<{ spelt: string; folded: string }[]> {
  const { rows } = await client.query<{ spelt: string }>(
    `SELECT DISTINCT i.server_address AS spelt FROM interaction i
     WHERE ${inBatch('i')} AND i.server_address ~ '[^\\x01-\\x7f]' ORDER BY 1 LIMIT ${spellingsMax}`,
    batchValues(batch),
  );
  return rows.flatMap(({ spelt }) => {
    const folded = foldHost(spelt);
    return folded === null ? [] : [{ spelt, folded }];
  });
}

/** Lists what the log still holds, and counts for as long. Returns whether there may be more to forget. */
export async function forgetOrigins(db: Queryable): Promise<boolean> {
  const { arrival } = await keptSince(db);
  const { rowCount } = await db.query(
    `DELETE FROM external_mismatch WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM external_mismatch WHERE received_at < $1 LIMIT 10000))`,
    [arrival],
  );
  await db.query('DELETE FROM external_hour WHERE hour < $1', [arrival]);
  return (rowCount ?? 0) > 0;
}
