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
  const at = [place.receivedAt, place.shard, place.position];
  const { rows } = await db.query<{
    bodies: Buffer;
    key_id: string | null;
    content: Buffer | null;
  }>(
    `SELECT i.bodies, b.key_id, b.content FROM interaction i
     LEFT JOIN body b ON (b.received_at, b.shard, b.position) = (i.received_at, i.shard, i.position)
     WHERE i.received_at = $1 AND i.shard = $2 AND i.position = $3`,
    at,
  );
  const row = rows[0];
  if (row === undefined) return [];
  const digests: BodyDigest[] = unpackBodies(row.bodies);
  if (row.key_id === null || row.content === null)
    return digests.map((digest) => ({ ...digest, text: null }));
  const frame = decodeFrame(await createBodyOpener(db, kek)(row.key_id, row.content, place));
  return digests.map((digest, index) => ({ ...digest, text: frame[index]?.text ?? null }));
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
