import { setImmediate as turn } from 'node:timers/promises';
import type { PoolClient } from '@/lib/db/pool';
import { batchValues, inBatch } from '@/lib/inventory/activity/batch';
import { BodyDamaged, type BodyOpener } from '@/lib/log/body-key';
import { decodeFrame, type FramedBody } from '@/lib/log/frame';
import type { Batch, Cursor } from '@/lib/log/projection';
import { bodyRoles } from '@/lib/telemetry/schema';

/** Of one chunk in memory, and of one batch: what is one transaction is over within seconds. */
const chunkBytes = 4 * 1024 * 1024;
const batchCharsMax = 16 * 1024 * 1024;

export type Offered = {
  receivedAt: Date;
  position: bigint;
  reporter: string;
  at: Date;
  /** What is acted on: of a listing the server, of a call of a tool that tool. */
  resourceKind: string | null;
  resource: string | null;
  isListing: boolean;
};
type Place = Offered & { bytes: number };
type Sealed = { position: bigint; received_at: Date; key_id: string; content: Buffer };

// Role, size and digest of a body take 37 bytes, the role comes first: see lib/log/leaf.ts.
const hasTools = bodyRoles
  .map(
    (_, at) =>
      `(length(i.bodies) > ${37 * at} AND get_byte(i.bodies, ${37 * at}) = ${bodyRoles.indexOf('tools')})`,
  )
  .join(' OR ');
const isListing = `(i.kind = 'mcp' AND (i.operation = 'tools/list' OR i.name LIKE 'tools/list%'))`;

/**
 * Reads what the batch's entries offer, in the order of the log. `take` is given each with its bodies; returns the last
 * that was read where those behind it are too much for one batch.
 */
export async function readOffered(
  client: PoolClient,
  batch: Batch,
  openBody: BodyOpener,
  take: (offered: Offered, bodies: readonly FramedBody[]) => void,
): Promise<Cursor | undefined> {
  const { rows: places } = await client.query<Place>(
    `SELECT i.received_at AS "receivedAt", i.position, i.reporter, i.resource_kind AS "resourceKind", i.resource,
       ${isListing} AS "isListing", octet_length(b.content) AS bytes, i.received_at AS at
     FROM interaction i JOIN body b ON (b.received_at, b.shard, b.position) = (i.received_at, i.shard, i.position)
     WHERE ${inBatch('i')} AND (${isListing} OR ${hasTools}) ORDER BY i.received_at, i.position`,
    batchValues(batch),
  );
  let chars = 0;
  for (const chunk of chunksOf(places)) {
    const { rows } = await client.query<Sealed>(
      `SELECT b.received_at, b.position, b.key_id, b.content
       FROM unnest($2::timestamptz[], $3::bigint[]) AS p(received_at, position)
       JOIN body b ON (b.received_at, b.shard, b.position) = (p.received_at, $1, p.position)`,
      [
        batch.shard,
        chunk.map(({ receivedAt }) => receivedAt),
        chunk.map(({ position }) => String(position)),
      ],
    );
    const sealed = new Map(rows.map((row) => [row.position, row]));
    for (const place of chunk) {
      // One text at a time keeps the other projections of this process waiting.
      await turn();
      const row = sealed.get(place.position);
      if (row === undefined) continue;
      const bodies = await readFrame(openBody, row, batch.shard);
      take(place, bodies);
      for (const { text } of bodies) chars += text?.length ?? 0;
      if (chars > batchCharsMax) return { receivedAt: place.receivedAt, position: place.position };
    }
  }
  return undefined;
}

function chunksOf(places: readonly Place[]): Place[][] {
  const chunks: Place[][] = [];
  let bytes = 0;
  for (const place of places) {
    const last = chunks.at(-1);
    if (last === undefined || bytes + place.bytes > chunkBytes) {
      chunks.push([place]);
      bytes = place.bytes;
    } else {
      last.push(place);
      bytes += place.bytes;
    }
  }
  return chunks;
}

/** Nothing, where a body is not what its maker sealed: one such body must not stop all that follow. */
async function readFrame(
  openBody: BodyOpener,
  { key_id: keyId, content, received_at: receivedAt, position }: Sealed,
  shard: number,
): Promise<FramedBody[]> {
  try {
    return decodeFrame(await openBody(keyId, content, { receivedAt, shard, position }));
  } catch (error) {
    if (error instanceof BodyDamaged || error instanceof RangeError) return [];
    throw error;
  }
}
