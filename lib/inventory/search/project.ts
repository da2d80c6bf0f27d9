import { setImmediate as turn } from 'node:timers/promises';
import { type ContentKey, contentKey } from '@/lib/core/secrets';
import { copyIn } from '@/lib/db/copy-in';
import type { PoolClient } from '@/lib/db/pool';
import { BodyDamaged, type BodyOpener, createBodyOpener } from '@/lib/log/body-key';
import { CopyRows } from '@/lib/log/copy-rows';
import { decodeFrame, type FramedBody } from '@/lib/log/frame';
import type { Batch, Cursor, Projection } from '@/lib/log/projection';
import type { EntryPlace } from '@/lib/log/schema';
import { documentOf } from './document';
import { createWordHash, type WordHash } from './hash-words';

/** Held while bodies are read and until what was made of them can be seen; an erasure waits for it. */
const erasureLock = 7_305_006;
/** Of all that a batch reads: what is one transaction under that lock is over within seconds. */
const batchCharsMax = 4 * 1024 * 1024;
/** Bodies in memory at once, and rows in one COPY. */
const chunkBytes = 4 * 1024 * 1024;
const chunkRows = 250;
const columns = 'received_at, shard, position, document, truncated';

type BodyPlace = { receivedAt: Date; position: bigint; bytes: number };
type Sealed = { received_at: Date; position: bigint; key_id: string; content: Buffer };
type Tools = { openBody: BodyOpener; hashOf: WordHash; charsMax: number };

/** What content is found by: a document of hashed words for each body whose text is kept. */
export function createSearchProjection(keyOf: () => ContentKey): Projection {
  let hashOf: WordHash | null = null;
  return {
    name: 'search',
    batchEntriesMax: 1_000,

    async apply(client, batch) {
      const content = keyOf();
      hashOf ??= createWordHash(content);
      const openBody = createBodyOpener(client, { content });
      await client.query('SELECT pg_advisory_xact_lock($1, $2)', [erasureLock, batch.shard]);
      // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
      await client.query('SET LOCAL enable_seqscan = off');
      let chars = 0;
      for (const chunk of chunksOf(await listBodies(client, batch))) {
        const charsMax = batchCharsMax - chars;
        const done = await projectChunk(client, batch.shard, chunk, { openBody, hashOf, charsMax });
        if (done.last !== null) return done.last;
        chars += done.chars;
      }
      return undefined;
    },

    async clear(client) {
      await client.query('DELETE FROM search_document');
      const { rows } = await client.query<{ from: Date | null }>(
        'SELECT min(received_at) AS "from" FROM body',
      );
      return rows[0]?.from ?? new Date(0);
    },
  };
}

export const searchProjection = createSearchProjection(contentKey);

async function listBodies(
  client: PoolClient,
  { shard, after, through }: Batch,
): Promise<BodyPlace[]> {
  const { rows } = await client.query<BodyPlace>(
    `SELECT received_at AS "receivedAt", position, octet_length(content) AS bytes FROM body
     WHERE shard = $1 AND received_at BETWEEN $2 AND $4
       AND (received_at, shard, position) > ($2, $1, $3) AND (received_at, shard, position) <= ($4, $1, $5)
     ORDER BY received_at, shard, position`,
    [
      shard,
      after.receivedAt,
      after.position.toString(),
      through.receivedAt,
      through.position.toString(),
    ],
  );
  return rows;
}

function chunksOf(places: readonly BodyPlace[]): BodyPlace[][] {
  const chunks: BodyPlace[][] = [];
  let bytes = 0;
  for (const place of places) {
    const open = chunks.at(-1);
    if (open === undefined || open.length >= chunkRows || bytes + place.bytes > chunkBytes) {
      chunks.push([place]);
      bytes = place.bytes;
    } else {
      open.push(place);
      bytes += place.bytes;
    }
  }
  return chunks;
}

/** How many characters there were; the last body that was read, where those behind it are too many. */
async function projectChunk(
  client: PoolClient,
  shard: number,
  chunk: readonly BodyPlace[],
  { openBody, hashOf, charsMax }: Tools,
): Promise<{ chars: number; last: Cursor | null }> {
  const [first, last] = [chunk[0], chunk.at(-1)];
  if (first === undefined || last === undefined) return { chars: 0, last: null };
  const { rows } = await client.query<Sealed>(
    `SELECT received_at, position, key_id, content FROM body
     WHERE shard = $1 AND received_at BETWEEN $2 AND $4
       AND (received_at, shard, position) >= ($2, $1, $3) AND (received_at, shard, position) <= ($4, $1, $5)
     ORDER BY received_at, shard, position`,
    [shard, first.receivedAt, first.position.toString(), last.receivedAt, last.position.toString()],
  );
  const copied = new CopyRows(256 * 1024);
  let chars = 0;
  let reached: Cursor | null = null;
  for (const { received_at: receivedAt, position, key_id: keyId, content } of rows) {
    // One text at a time keeps the other projections of this process waiting.
    await turn();
    const bodies = await readFrame(openBody, keyId, content, { receivedAt, shard, position });
    for (const { text } of bodies) chars += text?.length ?? 0;
    const document = documentOf(bodies, hashOf);
    if (chars > charsMax) reached = { receivedAt, position };
    if (document === null) {
      if (reached !== null) break;
      continue;
    }
    copied.row(5);
    copied.timestamp(receivedAt);
    copied.int4(shard);
    copied.int8(position);
    copied.bytes(document.bytes);
    copied.bytes(Buffer.of(document.isTruncated ? 1 : 0));
    if (reached !== null) break;
  }
  if (copied.rows > 0)
    await copyIn(client, `COPY search_document (${columns}) FROM STDIN (FORMAT binary)`, [
      copied.finish(),
    ]);
  return { chars, last: reached };
}

/** Nothing, where a body is not what its maker sealed: one such body must not stop all that follow. */
async function readFrame(
  openBody: BodyOpener,
  keyId: string,
  content: Buffer,
  place: EntryPlace,
): Promise<FramedBody[]> {
  try {
    return decodeFrame(await openBody(keyId, content, place));
  } catch (error) {
    // Anything else, such as a data key that this process's key does not open, is told and tried again.
    if (error instanceof BodyDamaged || error instanceof RangeError) return [];
    throw error;
  }
}
