import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { type ContentKey, type KeyEncryptionKey, open, seal } from '@/lib/core/secrets';
import type { Queryable } from '@/lib/db/pool';
import { dataKeyAssociated } from './data-keys';
import type { EntryPlace } from './schema';

const NONCE_BYTES = 12;
/** NIST SP 800-38D §8.2.1: a counter nonce never repeats; a fresh key long before anything wears out. */
const ENCRYPTIONS_MAX = 2 ** 40;

const bodyAssociated = ({ receivedAt, shard, position }: EntryPlace) =>
  `body/content/${receivedAt.getTime()}/${shard}/${position}`;

/** A data key of this process alone: only its maker encrypts with it, so a counter is a safe nonce. */
export type BodyKey = {
  id: string;
  seal(frame: Uint8Array, place: EntryPlace): Buffer;
  isWorn(): boolean;
};

export async function createBodyKey(
  db: Queryable,
  kek: KeyEncryptionKey,
  now: Date,
): Promise<BodyKey> {
  const id = newId(now.getTime());
  const key = randomBytes(32);
  // A rotation since this process started: nobody could open what this key would seal.
  const { rowCount } = await db.query(
    `INSERT INTO data_key (id, purpose, wrapped, kek_id, created_at)
     SELECT $1::uuid, $2::text, $3::bytea, $4::text, $5::timestamptz
     WHERE NOT EXISTS (SELECT FROM data_key WHERE kek_id <> $4::text)`,
    [id, 'body', kek.content.wrap(key, dataKeyAssociated(id)), kek.id, now],
  );
  if (rowCount === 0)
    throw new AppError(
      'unavailable',
      `The database's data keys are wrapped by another key than ${kek.id}: restart this process with the SALLYPORT_KEK of the last rotation.`,
    );
  let used = 0;
  const nonce = Buffer.alloc(NONCE_BYTES);
  return {
    id,
    seal(frame, place) {
      used += 1;
      nonce.writeUIntBE(used, NONCE_BYTES - 6, 6);
      return seal(key, nonce, frame, bodyAssociated(place));
    },
    isWorn: () => used >= ENCRYPTIONS_MAX,
  };
}

export type BodyOpener = (keyId: string, sealed: Uint8Array, place: EntryPlace) => Promise<Buffer>;

/** Opens what any process sealed; keeps the unwrapped keys it has met. */
export function createBodyOpener(db: Queryable, kek: { content: ContentKey }): BodyOpener {
  const keys = new Map<string, Buffer>();
  async function keyOf(id: string): Promise<Buffer> {
    let key = keys.get(id);
    if (key === undefined) {
      const { rows } = await db.query<{ wrapped: Buffer }>(
        'SELECT wrapped FROM data_key WHERE id = $1',
        [id],
      );
      const wrapped = rows[0]?.wrapped;
      if (wrapped === undefined) throw new Error(`data key ${id} is gone`);
      key = kek.content.unwrap(wrapped, dataKeyAssociated(id));
      keys.set(id, key);
    }
    return key;
  }
  return async (keyId, sealed, place) => {
    const key = await keyOf(keyId);
    try {
      return open(key, sealed, bodyAssociated(place));
    } catch (cause) {
      throw new BodyDamaged(place, cause);
    }
  };
}

/** The key is the right one, and what it should open is not what was sealed at this place. */
export class BodyDamaged extends Error {
  constructor({ shard, position }: EntryPlace, cause: unknown) {
    super(`the body at ${shard}/${position} is not what was sealed`, { cause });
    this.name = 'BodyDamaged';
  }
}

/** What a refused item is sealed under: the row's own id. */
export const quarantinePlace = (id: string): EntryPlace => ({
  receivedAt: new Date(0),
  shard: -1,
  position: BigInt(`0x${id.replaceAll('-', '')}`),
});
