import { createHash } from 'node:crypto';
import { type ContentKey, contentKey } from '@/lib/core/secrets';
import type { Pool, PoolClient } from '@/lib/db/pool';
import { createBodyOpener } from '@/lib/log/body-key';
import type { FramedBody } from '@/lib/log/frame';
import type { Projection } from '@/lib/log/projection';
import { erasureLock } from '../project';
import { resourceIdOf } from '../resource-id';
import { leaveOut } from './admit';
import { type Offered, readOffered } from './bodies';
import { createMemory } from './memory';
import { readServer, readTools } from './read';
import { type Definition, definitionLimits } from './schema';
import { createSealer, type DefinitionSealer } from './seal';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** A definition as a batch has it. */
type Sighting = {
  id: string;
  resourceId: string;
  kind: string;
  name: string;
  definition: Definition;
  reporter: string;
  hour: Date;
  day: string;
  firstAt: Date;
  receivedAt: Date;
  position: bigint;
};
type Unread = { digests: number; digestsAt: Date | null; unread: number; unreadAt: Date | null };

/** What tools and MCP servers say they are: one row for each definition that was offered, until somebody decides on it. */
export function createDefinitionsProjection(keyOf: () => ContentKey): Projection {
  const memory = createMemory();
  let sealer: DefinitionSealer | null = null;
  return {
    name: 'definitions',
    everyMs: 500,
    batchEntriesMax: 2_000,

    async apply(client, batch) {
      const content = keyOf();
      await client.query(`SELECT pg_advisory_xact_lock_shared(${erasureLock})`);
      // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
      await client.query('SET LOCAL enable_seqscan = off');
      memory.begin(batch, await timesForgotten(client));
      const collected = createCollection(batch.shard, memory.isKnown);
      const reached = await readOffered(
        client,
        batch,
        createBodyOpener(client, { content }),
        collected.take,
      );
      const sightings = [...collected.sightings.values()];
      const left =
        sightings.length === 0 ? new Set<Sighting>() : await leaveOut(client, batch, sightings);
      const kept = sightings.filter((sighting) => !left.has(sighting));
      if (kept.length > 0) {
        const sealerOf = async () => {
          if (sealer === null || !(await hasKey(client, sealer.keyId)))
            sealer = await createSealer(client, content);
          return sealer;
        };
        await write(client, batch.shard, kept, sealerOf);
        await boundVersions(client, [...new Set(kept.map(({ resourceId }) => resourceId))]);
      }
      await noteUnread(client, batch.shard, collected.unread);
      // What found no room is read again in an hour that has some.
      const keys = left.size > 0 ? [] : collected.read;
      memory.bring(batch.shard, reached ?? batch.through, keys);
      return reached;
    },

    // What somebody decided stays; what is no longer held is not offered again.
    async clear(client) {
      memory.clear();
      await client.query(`SELECT pg_advisory_xact_lock_shared(${erasureLock})`);
      await client.query(`DELETE FROM resource_definition WHERE state = 'unapproved'`);
      await client.query('DELETE FROM resource_definition_hour');
      await client.query('DELETE FROM resource_definition_change');
      await client.query('DELETE FROM resource_definition_unread');
      await client.query('UPDATE resource_definition_forgotten SET times = times + 1');
      await client.query(
        `DELETE FROM resource r WHERE r.state = 'observed' AND r.alias_of IS NULL AND r.proposal IS NULL
           AND NOT EXISTS (SELECT FROM resource_seen s WHERE s.resource_id = r.id)
           AND NOT EXISTS (SELECT FROM resource_definition d WHERE d.resource_id = r.id)`,
      );
      const { rows } = await client.query<{ from: Date | null }>(
        'SELECT min(received_at) AS "from" FROM body',
      );
      return rows[0]?.from ?? new Date(0);
    },
  };
}

export const definitions = createDefinitionsProjection(contentKey);

async function timesForgotten(client: PoolClient): Promise<bigint> {
  const { rows } = await client.query<{ times: bigint }>(
    'SELECT times FROM resource_definition_forgotten WHERE id = 1',
  );
  return BigInt(rows[0]?.times ?? 0);
}

/** Whether the transaction in which a key was made was committed. */
async function hasKey(client: PoolClient, id: string): Promise<boolean> {
  return (await client.query('SELECT FROM data_key WHERE id = $1', [id])).rows.length > 0;
}

/** What the entries of a batch offer, each definition once a day. */
function createCollection(shard: number, isKnown: (key: string, day: string) => boolean) {
  const sightings = new Map<string, Sighting>();
  const read: [key: string, day: string][] = [];
  const unread: Unread = { digests: 0, digestsAt: null, unread: 0, unreadAt: null };
  const see = (offered: Offered, kind: string, definition: Definition, day: string) => {
    const resourceId = resourceIdOf({ kind, name: definition.name });
    const id = definitionIdOf(resourceId, definition.digest);
    const key = `${id} ${day}`;
    if (sightings.has(key)) return;
    sightings.set(key, {
      id,
      resourceId,
      kind,
      name: definition.name,
      definition,
      reporter: offered.reporter,
      hour: new Date(Math.floor(offered.receivedAt.getTime() / hourMs) * hourMs),
      day,
      firstAt: offered.at,
      receivedAt: offered.receivedAt,
      position: offered.position,
    });
  };
  return {
    sightings,
    read,
    unread,
    take(offered: Offered, bodies: readonly FramedBody[]): void {
      const day = dayOf(offered.receivedAt);
      const server = offered.resourceKind === 'mcp_server' ? offered.resource : null;
      for (const { role, text } of bodies) {
        const isServer = offered.isListing && role === 'output' && server !== null;
        if (role !== 'tools' && !isServer) continue;
        if (text === null) {
          unread.digests += 1;
          unread.digestsAt = offered.receivedAt;
          continue;
        }
        const own = offered.resourceKind === 'tool' ? offered.resource : null;
        const of = isServer ? `server ${server}` : `tools ${own ?? ''}`;
        const key = `${shard} ${of} ${createHash('sha256').update(text).digest('base64')}`;
        if (isKnown(key, day)) continue;
        read.push([key, day]);
        if (isServer) {
          const definition = readServer(text, server);
          if (definition !== null) see(offered, 'mcp_server', definition, day);
          continue;
        }
        const found = readTools(text, own);
        for (const definition of found.definitions) see(offered, 'tool', definition, day);
        if (found.unread > 0) {
          unread.unread += found.unread;
          unread.unreadAt = offered.receivedAt;
        }
      }
    },
  };
}

const dayOf = (at: Date) =>
  new Date(Math.floor(at.getTime() / dayMs) * dayMs).toISOString().slice(0, 10);

function definitionIdOf(resourceId: string, digest: string): string {
  return resourceIdOf({ kind: resourceId, name: digest });
}

async function write(
  client: PoolClient,
  shard: number,
  sightings: readonly Sighting[],
  sealerOf: () => Promise<DefinitionSealer>,
): Promise<void> {
  const column = <Name extends keyof Sighting>(name: Name) => sightings.map((one) => one[name]);
  await client.query(
    `INSERT INTO resource (id, kind, name, created_at, changed_at)
     SELECT DISTINCT ON (id) id, kind, name, at, at
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS n(id, kind, name, at) ORDER BY id, at
     ON CONFLICT DO NOTHING`,
    [column('resourceId'), column('kind'), column('name'), column('receivedAt')],
  );
  const { rows: known } = await client.query<{ id: string }>(
    'SELECT id FROM resource_definition WHERE id = ANY ($1::uuid[])',
    [column('id')],
  );
  const knownIds = new Set(known.map(({ id }) => id));
  const sealedOf = new Map<string, { keyId: string; sealed: Buffer }>();
  for (const { id, definition } of sightings) {
    if (knownIds.has(id) || definition.text === null || sealedOf.has(id)) continue;
    const { keyId, seal } = await sealerOf();
    sealedOf.set(id, { keyId, sealed: seal(id, definition.text) });
  }
  // Each day of a batch by itself: of one row one statement writes once.
  for (const day of [...new Set(column('day'))].sort()) {
    const those = sightings.filter((sighting) => sighting.day === day);
    const of = <Value>(value: (sighting: Sighting) => Value) => those.map(value);
    await client.query(
      `INSERT INTO resource_definition AS d (id, resource_id, digest, bytes, sealed, key_id, first_at, last_on,
         source_received_at, source_shard, source_position)
       SELECT id, resource_id, digest, bytes, sealed, key_id, first_at, $2::date, received_at, $1, position
       FROM unnest($3::uuid[], $4::uuid[], $5::bytea[], $6::int[], $7::bytea[], $8::uuid[], $9::timestamptz[],
         $10::timestamptz[], $11::bigint[])
         AS s(id, resource_id, digest, bytes, sealed, key_id, first_at, received_at, position)
       ORDER BY id
       ON CONFLICT (id) DO UPDATE SET first_at = least(d.first_at, excluded.first_at), last_on = excluded.last_on,
         source_received_at = excluded.source_received_at, source_shard = excluded.source_shard,
         source_position = excluded.source_position
       WHERE excluded.last_on > d.last_on`,
      [
        shard,
        day,
        of(({ id }) => id),
        of(({ resourceId }) => resourceId),
        of(({ definition }) => Buffer.from(definition.digest, 'hex')),
        of(({ definition }) => definition.bytes),
        of(({ id }) => sealedOf.get(id)?.sealed ?? null),
        of(({ id }) => sealedOf.get(id)?.keyId ?? null),
        of(({ firstAt }) => firstAt),
        of(({ receivedAt }) => receivedAt),
        of(({ position }) => String(position)),
      ],
    );
  }
}

/** Of each resource the newest are kept, and whatever somebody decided. */
async function boundVersions(client: PoolClient, resources: readonly string[]): Promise<void> {
  await client.query(
    `DELETE FROM resource_definition d USING (
       SELECT id, row_number() OVER (PARTITION BY resource_id
         ORDER BY state <> 'unapproved' DESC, last_on DESC, first_at DESC, id DESC) AS newest
       FROM resource_definition WHERE resource_id = ANY ($1::uuid[])
     ) o WHERE o.id = d.id AND o.newest > ${definitionLimits.versionsMax} AND d.state = 'unapproved'`,
    [resources],
  );
}

async function noteUnread(client: PoolClient, shard: number, unread: Unread): Promise<void> {
  if (unread.digests + unread.unread === 0) return;
  await client.query(
    `INSERT INTO resource_definition_unread AS u (shard, digests, digests_at, unread, unread_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (shard) DO UPDATE SET digests = u.digests + excluded.digests,
       digests_at = greatest(u.digests_at, excluded.digests_at), unread = u.unread + excluded.unread,
       unread_at = greatest(u.unread_at, excluded.unread_at)`,
    [shard, unread.digests, unread.digestsAt, unread.unread, unread.unreadAt],
  );
}

/** Forgets what nobody decided on and whose entry's content has expired. */
export async function forgetDefinitions(pool: Pool): Promise<void> {
  const { rowCount } = await pool.query(
    `DELETE FROM resource_definition WHERE state = 'unapproved' AND source_received_at < (
       SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD'))::timestamp AT TIME ZONE 'UTC'
       FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE h.inhparent = 'body'::regclass)`,
  );
  if ((rowCount ?? 0) > 0)
    await pool.query('UPDATE resource_definition_forgotten SET times = times + 1');
}
