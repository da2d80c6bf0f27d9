import type { Pool, PoolClient } from '@/lib/db/pool';
import { keptSince } from '@/lib/log/kept-since';
import type { Batch } from '@/lib/log/projection';
import type { EntryPlace } from '@/lib/log/schema';
import { batchValues } from '../activity/batch';
import { type KeyTable, keyTables } from './keys';
import { pairHolders, placeKey } from './pair';
import { type Facts, type Holder, type Link, roles, type Uncounted } from './schema';

/** More parts of one key than so many registered identities are not compared. */
const holdersMax = 200;

/**
 * Finds which entries of a batch tell of a call that another entry tells of too, and writes it down. What a key
 * says follows from the entries that hold it and not from when they were read: an earlier entry that is read later
 * takes the part of the one that held it, which then counts again. Nothing a stranger sends can make somebody
 * else's entry uncounted: keys are those of one owner, except the ends of an exchange, where each of two
 * registered identities must have said which end it was, and a calling end stands for one other.
 */
export async function linkBatch(client: PoolClient, batch: Batch): Promise<Uncounted> {
  const holders: Holder[] = [];
  const replaced: Replaced[] = [];
  for (const keyTable of keyTables) {
    const changed = await register(client, batch, keyTable);
    if (changed.keys.length === 0) continue;
    holders.push(...(await listHolders(client, keyTable, changed.keys)));
    replaced.push(...changed.replaced);
  }
  if (holders.length === 0) return { within: [], before: [], again: [] };
  const links = await listLinks(
    client,
    [...holders, ...replaced].map(({ place }) => place),
  );
  const { added, dropped } = settle(holders, replaced, links);
  await dropLinks(client, dropped);
  await addLinks(client, added);
  return tellUncounted(batch, links, { added, dropped });
}

/** An entry that held a part in a key until one that stands before it in the log was read. */
type Replaced = { key: string; place: EntryPlace };
type PlaceRow = { received_at: Date; shard: number; position: bigint };
const placeOf = ({ received_at: receivedAt, shard, position }: PlaceRow): EntryPlace => ({
  receivedAt,
  shard,
  position,
});

/** Puts the keys of a batch down. Returns those that changed and have more than one holder. */
async function register(
  client: PoolClient,
  batch: Batch,
  { table, window, found }: KeyTable,
): Promise<{ keys: string[]; replaced: Replaced[] }> {
  const isEarlier = (a: string, b: string) =>
    `(${a}.received_at, ${a}.shard, ${a}.position) < (${b}.received_at, ${b}.shard, ${b}.position)
      AND ${b}.received_at - ${a}.received_at <= interval '${window}'`;
  // LIMIT keeps the planner from joining with the whole table.
  const { rows } = await client.query<Partial<PlaceRow> & { key: string }>(
    `WITH ${found}, known AS MATERIALIZED (
       SELECT c.* FROM (SELECT DISTINCT key FROM found) f
       CROSS JOIN LATERAL (SELECT * FROM ${table} c WHERE c.key = f.key LIMIT ${holdersMax}) c
     ), put AS (
       INSERT INTO ${table} AS t (key, role, who, received_at, shard, position)
       SELECT key, role, who, received_at, shard, position FROM found ORDER BY key, role, who
       ON CONFLICT (key, role, who) DO UPDATE SET received_at = excluded.received_at, shard = excluded.shard,
         position = excluded.position
       WHERE ${isEarlier('excluded', 't')} OR excluded.received_at - t.received_at > interval '${window}'
       RETURNING key, role, who, received_at, shard, position
     ), shared AS (
       SELECT key FROM (SELECT key, role, who FROM found UNION SELECT key, role, who FROM known) held
       GROUP BY key HAVING count(*) > 1
     )
     SELECT DISTINCT p.key, k.received_at, k.shard, k.position FROM put p JOIN shared USING (key)
     LEFT JOIN known k ON (k.key, k.role, k.who) = (p.key, p.role, p.who) AND ${isEarlier('p', 'k')}`,
    batchValues(batch),
  );
  return {
    keys: [...new Set(rows.map(({ key }) => key))],
    replaced: rows.flatMap(({ key, received_at, shard, position }) =>
      received_at == null || shard == null || position == null
        ? []
        : [{ key, place: { receivedAt: received_at, shard, position } }],
    ),
  };
}

type HolderRow = PlaceRow & { key: string; role: number; who: string } & {
  kind: string | null;
  status: string;
  span_kind: string | null;
  ended_ns: bigint;
  input_tokens: bigint | null;
  output_tokens: bigint | null;
  cost: number | null;
  request_id: string | null;
  response_id: string | null;
  tool_call_id: string | null;
};

async function listHolders(
  client: PoolClient,
  { table }: KeyTable,
  keys: readonly string[],
): Promise<Holder[]> {
  // OFFSET keeps the planner from walking all keys in order of arrival, which it does before the table has statistics.
  const { rows } = await client.query<HolderRow>(
    `SELECT c.*, i.* FROM unnest($1::uuid[]) AS k(key)
     CROSS JOIN LATERAL (SELECT * FROM (SELECT * FROM ${table} c WHERE c.key = k.key OFFSET 0) c
       ORDER BY c.received_at, c.shard, c.position LIMIT ${holdersMax}) c
     LEFT JOIN LATERAL (
       SELECT o.kind, o.status, o.span_kind, o.ended_ns, o.input_tokens, o.output_tokens, o.cost, o.request_id, o.response_id, o.tool_call_id
       FROM interaction o WHERE c.role >= ${roles.prompt}
         AND o.received_at = c.received_at AND o.shard = c.shard AND o.position = c.position LIMIT 1
     ) i ON true`,
    [keys],
  );
  return rows.map((row) => ({
    key: row.key,
    role: row.role,
    who: row.who,
    place: placeOf(row),
    facts: factsOf(row),
  }));
}

const factsOf = (row: HolderRow): Facts | null =>
  row.kind === null
    ? null
    : {
        kind: row.kind,
        status: row.status,
        spanKind: row.span_kind,
        endedNs: row.ended_ns,
        inputTokens: row.input_tokens,
        outputTokens: row.output_tokens,
        cost: row.cost,
        requestId: row.request_id,
        responseId: row.response_id,
        toolCallId: row.tool_call_id,
      };

/** The links in which any of these entries stands, on either side. */
async function listLinks(client: PoolClient, places: readonly EntryPlace[]): Promise<Link[]> {
  const unique = [...new Map(places.map((place) => [placeKey(place), place])).values()];
  const columns = `l.received_at, l.shard, l.position, l.key, l.relation, l.uncounted, l.other_received_at, l.other_shard, l.other_position`;
  const { rows } = await client.query<
    PlaceRow &
      Pick<Link, 'key' | 'relation' | 'uncounted'> & {
        other_received_at: Date;
        other_shard: number;
        other_position: bigint;
      }
  >(
    `WITH p AS (SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::bigint[]) AS p(received_at, shard, position))
     SELECT l.* FROM p CROSS JOIN LATERAL (SELECT ${columns} FROM entry_link l
       WHERE l.received_at = p.received_at AND l.shard = p.shard AND l.position = p.position LIMIT ${holdersMax}) l
     UNION
     SELECT l.* FROM p CROSS JOIN LATERAL (SELECT ${columns} FROM entry_link l
       WHERE l.other_received_at = p.received_at AND l.other_shard = p.shard AND l.other_position = p.position
       LIMIT ${holdersMax}) l`,
    columnsOf(unique),
  );
  return rows.map((row) => ({
    entry: placeOf(row),
    key: row.key,
    relation: row.relation,
    uncounted: row.uncounted,
    other: {
      receivedAt: row.other_received_at,
      shard: row.other_shard,
      position: row.other_position,
    },
  }));
}

type Changes = { added: Link[]; dropped: Link[] };

const sameLink = (a: Link, b: Link): boolean =>
  placeKey(a.entry) === placeKey(b.entry) &&
  placeKey(a.other) === placeKey(b.other) &&
  a.uncounted === b.uncounted;

/** What the holders of each key come to, against what was written before. */
function settle(
  holders: readonly Holder[],
  replaced: readonly Replaced[],
  links: readonly Link[],
): Changes {
  const [byKey, goneByKey, linksByKey] = [groupOf(holders), groupOf(replaced), groupOf(links)];
  const added: Link[] = [];
  const dropped: Link[] = [];
  for (const [key, all] of byKey) {
    const here = [...all, ...(goneByKey.get(key) ?? [])];
    const known = new Set(here.map(({ place }) => placeKey(place)));
    const before = linksByKey.get(key) ?? [];
    // What a forgotten entry took part in stands, and takes part in nothing else.
    const kept = before.filter(
      ({ entry, other }) => !known.has(placeKey(entry)) || !known.has(placeKey(other)),
    );
    const taken = new Set(
      kept.flatMap(({ entry, other, relation }) =>
        relation === 'counterpart' ? [placeKey(entry), placeKey(other)] : [placeKey(entry)],
      ),
    );
    const after = pairHolders(all.filter(({ place }) => !taken.has(placeKey(place))));
    added.push(...after.filter((link) => !before.some((each) => sameLink(each, link))));
    dropped.push(
      ...before.filter(
        (link) => !kept.includes(link) && !after.some((each) => sameLink(each, link)),
      ),
    );
  }
  return { added, dropped };
}

function groupOf<Each extends { key: string }>(all: readonly Each[]): Map<string, Each[]> {
  const groups = new Map<string, Each[]>();
  for (const each of all) {
    const group = groups.get(each.key);
    if (group === undefined) groups.set(each.key, [each]);
    else group.push(each);
  }
  return groups;
}

/** Which entries stopped counting, or count again: several keys may say so of one. */
function tellUncounted(
  { shard, after }: Batch,
  links: readonly Link[],
  { added, dropped }: Changes,
): Uncounted {
  const counts = new Map<string, { place: EntryPlace; was: number; is: number }>();
  const count = (all: readonly Link[], was: number, is: number) => {
    for (const { entry, uncounted } of all) {
      if (uncounted === 'none') continue;
      const at = counts.get(placeKey(entry)) ?? { place: entry, was: 0, is: 0 };
      counts.set(placeKey(entry), { ...at, was: at.was + was, is: at.is + is });
    }
  };
  count(links, 1, 1);
  count(dropped, 0, -1);
  count(added, 0, 1);
  const isOfBatch = (place: EntryPlace) => place.shard === shard && place.position > after.position;
  const all = [...counts.values()];
  const stopped = all.filter(({ was, is }) => was === 0 && is > 0).map(({ place }) => place);
  return {
    within: stopped.filter(isOfBatch).map(({ position }) => position),
    before: stopped.filter((place) => !isOfBatch(place)),
    again: all.filter(({ was, is }) => was > 0 && is === 0).map(({ place }) => place),
  };
}

const columnsOf = (places: readonly EntryPlace[]) => [
  places.map(({ receivedAt }) => receivedAt),
  places.map(({ shard }) => shard),
  places.map(({ position }) => position.toString()),
];

async function dropLinks(client: PoolClient, links: readonly Link[]): Promise<void> {
  if (links.length === 0) return;
  await client.query(
    `DELETE FROM entry_link l USING unnest($1::timestamptz[], $2::int[], $3::bigint[], $4::uuid[]) AS d(received_at, shard, position, key)
     WHERE (l.received_at, l.shard, l.position, l.key) = (d.received_at, d.shard, d.position, d.key)`,
    [...columnsOf(links.map(({ entry }) => entry)), links.map(({ key }) => key)],
  );
}

async function addLinks(client: PoolClient, links: readonly Link[]): Promise<void> {
  if (links.length === 0) return;
  await client.query(
    `INSERT INTO entry_link (received_at, shard, position, other_received_at, other_shard, other_position, key, relation, uncounted)
     SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::bigint[], $4::timestamptz[], $5::int[], $6::bigint[], $7::uuid[], $8::text[], $9::text[])`,
    [
      ...columnsOf(links.map(({ entry }) => entry)),
      ...columnsOf(links.map(({ other }) => other)),
      links.map(({ key }) => key),
      links.map(({ relation }) => relation),
      links.map(({ uncounted }) => uncounted),
    ],
  );
}

export async function clearLinks(client: PoolClient): Promise<void> {
  for (const table of ['entry_link', 'call_id', 'exchange_end'])
    await client.query(`DELETE FROM ${table}`);
}

const forgetBatch = 10_000;

/** Forgets one batch of links of entries whose facts are no longer kept. Returns whether there may be more. */
export async function forgetLinks(pool: Pool): Promise<boolean> {
  const { arrival } = await keptSince(pool);
  const { rowCount } = await pool.query(
    `DELETE FROM entry_link WHERE (received_at, shard, position, key) IN (
       SELECT received_at, shard, position, key FROM entry_link WHERE received_at < $1
       ORDER BY received_at LIMIT $2)`,
    [arrival, forgetBatch],
  );
  return rowCount === forgetBatch;
}
