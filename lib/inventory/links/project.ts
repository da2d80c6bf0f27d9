import type { PoolClient } from '@/lib/db/pool';
import type { Batch } from '@/lib/log/projection';
import type { EntryPlace } from '@/lib/log/schema';
import { batchValues, inBatch } from '../activity/batch';
import { listCounterparts } from './counterparts';
import { type Match, type PromptMatch, pairCalls, pairPrompts, placeKey } from './pair';
import type { Link, Told, Uncounted } from './schema';

const preference = `CASE i.signal WHEN 'log' THEN 0 WHEN 'metric' THEN 2 ELSE 1 END`;

/** A key within one session of one owner: ids are chosen by senders, and must not reach anybody else's calls. */
const keyOf = (text: string) =>
  `encode(substring(sha256(uuid_send(i.session) || uuid_send(coalesce(i.identity, i.reporter))
     || convert_to(${text}, 'UTF8')) FOR 16), 'hex')::uuid`;

const told = `i.received_at, i.shard, i.position, ${preference} AS preference, i.reporter, i.ended_ns`;

const read = `SELECT ${told}, i.session, i.identity, i.kind, i.model, i.output_tokens, i.prompt_id,
    ARRAY[i.request_id, i.response_id, i.tool_call_id] AS ids
  FROM interaction i WHERE ${inBatch('i')} AND i.kind IN ('inference', 'embedding', 'tool_call')
    AND coalesce(i.request_id, i.response_id, i.tool_call_id, i.prompt_id) IS NOT NULL`;

const keyed = `SELECT ${keyOf(`CASE i.kind WHEN 'tool_call' THEN 't:' ELSE 'm:' END || id.text`)} AS key,
    i.received_at, i.shard, i.position, i.preference, i.reporter, i.ended_ns, id.rank
  FROM read i CROSS JOIN LATERAL unnest(i.ids) WITH ORDINALITY AS id(text, rank) WHERE id.text <> ''`;

const bucketNs = '5000000000';
const promptKey = (preference: string, step: number) =>
  keyOf(`'p:' || ${preference} || ':' || i.output_tokens || ':' || i.ended_ns / ${bucketNs} + ${step} || ':'
    || coalesce(i.model, '') || ':' || i.prompt_id`);
const isPrompted = `i.kind = 'inference' AND i.prompt_id <> '' AND i.output_tokens IS NOT NULL AND i.preference < 2`;
const prompted = `SELECT ${promptKey('i.preference', 0)} AS key, i.received_at, i.shard, i.position, i.preference,
    i.reporter, i.ended_ns, 4 AS rank FROM read i WHERE ${isPrompted}`;

/**
 * Finds which entries of a batch tell of a call that another entry tells of too, and writes it down. Nothing
 * a stranger sends can make somebody else's entry uncounted: ids are looked up within one owner's session,
 * and of the two ends of an exchange only the one that names the other as its parent gives way.
 */
export async function linkBatch(client: PoolClient, batch: Batch): Promise<Uncounted> {
  const calls = await linkCalls(client, batch);
  // What tells of the same call is not its other end too: each would give way to the other.
  const pairs = new Set(calls.map(pairKey));
  const ends = (await listCounterparts(client, batch)).filter((end) => !pairs.has(pairKey(end)));
  const links = [...calls, ...ends];
  if (links.length === 0) return { within: [], before: [] };
  const uncounted = await sortUncounted(client, batch, links);
  await writeLinks(client, links);
  return uncounted;
}

const pairKey = ({ entry, other }: Link): string =>
  [placeKey(entry), placeKey(other)].sort().join(' ');

async function linkCalls(client: PoolClient, batch: Batch): Promise<Link[]> {
  const { rows } = await client.query<{ ids: number; prompts: number; put: number }>(
    `WITH read AS MATERIALIZED (${read}), keyed AS MATERIALIZED (${keyed}), prompted AS MATERIALIZED (${prompted}),
     put AS (
       INSERT INTO call_id (key, received_at, shard, position, preference, reporter, ended_ns)
       SELECT DISTINCT ON (key) key, received_at, shard, position, preference, reporter, ended_ns
       FROM (SELECT * FROM keyed UNION ALL SELECT * FROM prompted) AS found
       ORDER BY key, position ON CONFLICT (key) DO NOTHING RETURNING 1
     )
     SELECT (SELECT count(*) FROM keyed)::int AS ids, (SELECT count(*) FROM prompted)::int AS prompts,
       (SELECT count(*) FROM put)::int AS put`,
    batchValues(batch),
  );
  const { ids, prompts, put } = rows[0] ?? { ids: 0, prompts: 0, put: 0 };
  const isNew = put === ids + prompts;
  const byId = isNew || ids === 0 ? [] : await listMatches(client, batch);
  const { links, moved } = pairCalls(byId);
  if (moved.size > 0) await moveKeys(client, moved);
  if (prompts === 0) return links;
  const linked = new Set(links.flatMap(({ entry, other }) => [placeKey(entry), placeKey(other)]));
  const byPrompt = pairPrompts(await listPromptMatches(client, batch), linked);
  if (byPrompt.spent.length > 0)
    await client.query('DELETE FROM call_id WHERE key = ANY ($1::uuid[])', [byPrompt.spent]);
  return [...links, ...byPrompt.links];
}

type Row = {
  received_at: Date;
  shard: number;
  position: bigint;
  preference: number;
  reporter: string;
  known_received_at: Date;
  known_shard: number;
  known_position: bigint;
  known_preference: number;
  known_reporter: string;
};

const knownColumns = `c.received_at AS known_received_at, c.shard AS known_shard, c.position AS known_position,
  c.preference AS known_preference, c.reporter AS known_reporter`;

const matchOf = (row: Row): { entry: Told; known: Told } => ({
  entry: {
    place: { receivedAt: row.received_at, shard: row.shard, position: row.position },
    preference: row.preference,
    reporter: row.reporter,
  },
  known: {
    place: {
      receivedAt: row.known_received_at,
      shard: row.known_shard,
      position: row.known_position,
    },
    preference: row.known_preference,
    reporter: row.known_reporter,
  },
});

async function listMatches(client: PoolClient, batch: Batch): Promise<Match[]> {
  const { rows } = await client.query<Row & { key: string }>(
    `WITH read AS MATERIALIZED (${read}), keyed AS MATERIALIZED (${keyed})
     SELECT k.*, ${knownColumns} FROM keyed k
     CROSS JOIN LATERAL (SELECT * FROM call_id c WHERE c.key = k.key LIMIT 1) c
     WHERE (c.shard, c.position) <> (k.shard, k.position) ORDER BY k.position, k.rank`,
    batchValues(batch),
  );
  return rows.map((row) => ({ key: row.key, ...matchOf(row) }));
}

/** Each entry looks for those of the other signal; of two in one batch the later one finds the earlier. */
async function listPromptMatches(client: PoolClient, batch: Batch): Promise<PromptMatch[]> {
  const steps = [-1, 0, 1].map(
    (step) =>
      `SELECT i.*, ${promptKey('i.preference', 0)} AS own, ${promptKey('1 - i.preference', step)} AS sought
       FROM read i WHERE ${isPrompted}`,
  );
  const { rows } = await client.query<Row & { own: string; sought: string; gap: bigint }>(
    `WITH read AS MATERIALIZED (${read}), sought AS MATERIALIZED (${steps.join(' UNION ALL ')})
     SELECT s.received_at, s.shard, s.position, s.preference, s.reporter, s.own, s.sought,
       abs(s.ended_ns::numeric - c.ended_ns)::bigint AS gap, ${knownColumns}
     FROM sought s CROSS JOIN LATERAL (SELECT * FROM call_id c WHERE c.key = s.sought LIMIT 1) c
     WHERE NOT (c.shard = s.shard AND c.position > s.position) ORDER BY s.position, s.sought`,
    batchValues(batch),
  );
  return rows.map((row) => ({
    key: row.sought,
    ownKey: row.own,
    gapNs: row.gap,
    ...matchOf(row),
  }));
}

async function moveKeys(client: PoolClient, moved: ReadonlyMap<string, Told>): Promise<void> {
  const to = [...moved.values()];
  await client.query(
    `UPDATE call_id c SET received_at = m.received_at, shard = m.shard, position = m.position,
       preference = m.preference, reporter = m.reporter
     FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::bigint[], $5::smallint[], $6::uuid[])
       AS m(key, received_at, shard, position, preference, reporter) WHERE c.key = m.key`,
    [
      [...moved.keys()],
      ...columnsOf(to.map(({ place }) => place)),
      to.map((each) => each.preference),
      to.map(({ reporter }) => reporter),
    ],
  );
}

const columnsOf = (places: readonly EntryPlace[]) => [
  places.map(({ receivedAt }) => receivedAt),
  places.map(({ shard }) => shard),
  places.map(({ position }) => position.toString()),
];

/** Which entries stop counting by these links, and of those of before only what counted until now. */
async function sortUncounted(
  client: PoolClient,
  { shard, after }: Batch,
  links: readonly Link[],
): Promise<Uncounted> {
  const places = new Map(
    links.map(({ entry, other, uncounted }) => {
      const place = uncounted === 'this' ? entry : other;
      return [placeKey(place), place];
    }),
  );
  const isWithin = (place: EntryPlace) => place.shard === shard && place.position > after.position;
  const all = [...places.values()];
  const before = all.filter((place) => !isWithin(place));
  const { rows } = await client.query<{ shard: number; position: bigint }>(
    `SELECT p.shard, p.position FROM unnest($1::timestamptz[], $2::int[], $3::bigint[]) AS p(received_at, shard, position)
     WHERE EXISTS (SELECT FROM entry_link l WHERE l.uncounted = 'this'
         AND (l.received_at, l.shard, l.position) = (p.received_at, p.shard, p.position))
       OR EXISTS (SELECT FROM entry_link l WHERE l.uncounted = 'other'
         AND (l.other_received_at, l.other_shard, l.other_position) = (p.received_at, p.shard, p.position))`,
    columnsOf(before),
  );
  const already = new Set(rows.map(({ shard: of, position }) => `${of}-${position}`));
  return {
    within: all.filter(isWithin).map(({ position }) => position),
    before: before.filter((place) => !already.has(placeKey(place))),
  };
}

async function writeLinks(client: PoolClient, links: readonly Link[]): Promise<void> {
  await client.query(
    `INSERT INTO entry_link (received_at, shard, position, relation, other_received_at, other_shard, other_position, uncounted)
     SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::bigint[], $4::text[], $5::timestamptz[], $6::int[], $7::bigint[], $8::text[])
     ON CONFLICT DO NOTHING`,
    [
      ...columnsOf(links.map(({ entry }) => entry)),
      links.map(({ relation }) => relation),
      ...columnsOf(links.map(({ other }) => other)),
      links.map(({ uncounted }) => uncounted),
    ],
  );
}

export async function clearLinks(client: PoolClient): Promise<void> {
  for (const table of ['entry_link', 'call_id', 'exchange_end'])
    await client.query(`DELETE FROM ${table}`);
}
