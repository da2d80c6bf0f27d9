import { randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { newId } from '@/lib/core/ids';
import { type ContentKey, open, seal } from '@/lib/core/secrets';
import type { Queryable } from '@/lib/db/pool';
import { dataKeyAssociated } from '@/lib/log/data-keys';

const NONCE_BYTES = 12;

/** What binds a sealed definition to its row. */
const associatedOf = (id: string) => `resource_definition/sealed/${id}`;

export type DefinitionSealer = { keyId: string; seal(id: string, text: string): Buffer };

/**
 * Seals what is kept of definitions under a data key of this process's own, made at first use: the worker holds the
 * content key alone, so a key that it wraps is one that it can open. Nonces are random: definitions are far fewer than
 * 2^32 (NIST SP 800-38D §8.3). Throws where the keys of bodies were wrapped anew since this process started.
 */
export async function createSealer(db: Queryable, content: ContentKey): Promise<DefinitionSealer> {
  // A rotation takes a lock that waits for this one, and holds it until all keys are wrapped anew.
  await db.query('LOCK TABLE data_key IN ROW EXCLUSIVE MODE');
  const { rows } = await db.query<{ id: string; wrapped: Buffer; kek_id: string }>(
    `SELECT id, wrapped, kek_id FROM data_key WHERE purpose = 'body' ORDER BY created_at DESC LIMIT 1`,
  );
  const [body] = rows;
  if (body === undefined) throw new Error('there is no data key of bodies');
  content.unwrap(body.wrapped, dataKeyAssociated(body.id)).fill(0);
  const [keyId, key] = [newId(), randomBytes(32)];
  await db.query(
    `INSERT INTO data_key (id, purpose, wrapped, kek_id, created_at) VALUES ($1, 'definition', $2, $3, now())`,
    [keyId, content.wrap(key, dataKeyAssociated(keyId)), body.kek_id],
  );
  return {
    keyId,
    seal: (id, text) =>
      seal(key, randomBytes(NONCE_BYTES), deflateRawSync(Buffer.from(text)), associatedOf(id)),
  };
}

/** The canonical JSON that was sealed. Throws when the key, the row or a single bit is not what it was. */
export function openDefinition(
  content: ContentKey,
  { id, keyId, wrapped, sealed }: { id: string; keyId: string; wrapped: Buffer; sealed: Buffer },
): string {
  const key = content.unwrap(wrapped, dataKeyAssociated(keyId));
  try {
    return inflateRawSync(open(key, sealed, associatedOf(id)), {
      maxOutputLength: 4 * 1024 * 1024,
    }).toString();
  } finally {
    key.fill(0);
  }
}
