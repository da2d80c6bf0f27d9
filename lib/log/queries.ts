import type { ReadScope } from '@/lib/auth/scope';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { pool, type Queryable } from '@/lib/db/pool';
import type { BodyRole } from '@/lib/telemetry/schema';
import { createBodyOpener, quarantinePlace } from './body-key';
import { decodeFrame } from './frame';
import { unpackBodies } from './leaf';
import type { BodyDigest, EntryPlace } from './schema';

/** A body as far as it is kept: text is null when erased, expired, or reduced to its digest by the content policy. */
export type StoredBody = { role: BodyRole; bytes: number; digest: string; text: string | null };

/** What an interaction says, decrypted. Sizes and digests stay for as long as the facts do. */
export async function readBodies(
  db: Queryable,
  kek: KeyEncryptionKey,
  place: EntryPlace,
): Promise<StoredBody[]> {
  const { rows } = await db.query<{ bodies: Buffer }>(
    'SELECT bodies FROM interaction WHERE received_at = $1 AND shard = $2 AND position = $3',
    [place.receivedAt, place.shard, place.position],
  );
  const row = rows[0];
  if (row === undefined) return [];
  const [found] = await createBodiesReader(db, kek)([{ place, bodies: row.bodies }]);
  return found ?? [];
}

/** Reads what many interactions say, each given with its packed digests; unwrapped keys are kept meanwhile. */
export function createBodiesReader(db: Queryable, kek: KeyEncryptionKey) {
  const open = createBodyOpener(db, kek);
  return async (
    entries: readonly { place: EntryPlace; bodies: Buffer }[],
  ): Promise<StoredBody[][]> => {
    const sealed = await readSealed(db, entries);
    return Promise.all(
      entries.map(async ({ place, bodies }) => {
        const digests: BodyDigest[] = unpackBodies(bodies);
        const kept = sealed.get(placeKey(place));
        if (kept === undefined) return digests.map((digest) => ({ ...digest, text: null }));
        const frame = decodeFrame(await open(kept.key_id, kept.content, place));
        return digests.map((digest, index) => ({ ...digest, text: frame[index]?.text ?? null }));
      }),
    );
  };
}

const placeKey = ({ receivedAt, shard, position }: EntryPlace) =>
  `${receivedAt.getTime()}/${shard}/${position}`;

type Sealed = {
  received_at: Date;
  shard: number;
  position: bigint;
  key_id: string;
  content: Buffer;
};

async function readSealed(
  db: Queryable,
  entries: readonly { place: EntryPlace }[],
): Promise<Map<string, Sealed>> {
  const places = entries.map(({ place }) => place);
  const times = places.map(({ receivedAt }) => receivedAt.getTime());
  // The bounds alone choose the partitions.
  const { rows } = await db.query<Sealed>(
    `SELECT b.received_at, b.shard, b.position, b.key_id, b.content
     FROM unnest($1::timestamptz[], $2::int[], $3::bigint[]) AS p (received_at, shard, position)
     JOIN body b ON (b.received_at, b.shard, b.position) = (p.received_at, p.shard, p.position)
     WHERE b.received_at BETWEEN $4 AND $5`,
    [
      places.map(({ receivedAt }) => receivedAt),
      places.map(({ shard }) => shard),
      places.map(({ position }) => position.toString()),
      new Date(Math.min(...times)),
      new Date(Math.max(...times)),
    ],
  );
  return new Map(
    rows.map((row) => [
      placeKey({ receivedAt: row.received_at, shard: row.shard, position: row.position }),
      row,
    ]),
  );
}

/** The refused item itself, as a complete request; null when it was too large to keep. */
export async function readQuarantined(
  db: Queryable,
  kek: KeyEncryptionKey,
  id: string,
): Promise<Buffer | null> {
  const { rows } = await db.query<{ key_id: string | null; item: Buffer | null }>(
    'SELECT key_id, item FROM quarantine WHERE id = $1',
    [id],
  );
  const row = rows[0];
  if (row === undefined || row.key_id === null || row.item === null) return null;
  return createBodyOpener(db, kek)(row.key_id, row.item, quarantinePlace(id));
}

export type LogHead = {
  last: { shard: number; position: bigint; receivedAt: Date } | null;
};

/** Where the log ends. */
export async function getLogHead(_scope: ReadScope): Promise<LogHead> {
  const { rows } = await pool().query<{
    shard: number;
    position: bigint;
    received_at: Date;
  }>(
    'SELECT shard, position, received_at FROM log_entry ORDER BY received_at DESC, shard DESC, position DESC LIMIT 1',
  );
  const row = rows[0];
  return {
    last:
      row === undefined
        ? null
        : { shard: row.shard, position: row.position, receivedAt: row.received_at },
  };
}
