import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { type ContentKey, type KeyEncryptionKey, open, seal } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { dataKeyAssociated, wrapperOf } from './data-keys';

const NONCE_BYTES = 12;

/** What a row keeps of a secret that must be read back. */
export type SealedSecret = { keyId: string; sealed: Uint8Array<ArrayBuffer> };

/**
 * `record`, `verifier` of what others sign and `authority` of what certifies: for whoever holds the key-encryption key.
 * `webhook`: for the worker too, which holds the content key alone.
 */
type Purpose = 'record' | 'verifier' | 'authority' | 'webhook';
type Sealing = { secret: Uint8Array; associated: string; purpose?: Purpose; now: Date };

/**
 * Seals a secret of a record (a seed, a signing key) under a data key of its purpose. `associated` names table, column
 * and row: moved elsewhere it does not open. Nonces are random: records are far fewer than 2^32 (NIST SP 800-38D §8.3).
 */
export async function sealSecret(
  tx: Transaction,
  kek: KeyEncryptionKey,
  { secret, associated, purpose = 'record', now }: Sealing,
): Promise<SealedSecret> {
  const { id, key } =
    (await newestKey(tx, kek, purpose)) ?? (await createKey(tx, kek, { purpose, now }));
  const sealed = new Uint8Array(seal(key, randomBytes(NONCE_BYTES), secret, associated));
  key.fill(0);
  return { keyId: id, sealed };
}

/** Throws when the key, the associated data or a single bit is not what it was. */
export async function openSecret(
  db: Pick<PrismaClient, 'dataKey'>,
  wrapper: ContentKey,
  { keyId, sealed, associated }: SealedSecret & { associated: string },
): Promise<Buffer> {
  const row = await db.dataKey.findUniqueOrThrow({
    where: { id: keyId },
    select: { wrapped: true },
  });
  const key = wrapper.unwrap(row.wrapped, dataKeyAssociated(keyId));
  try {
    return open(key, sealed, associated);
  } finally {
    key.fill(0);
  }
}

async function newestKey(tx: Transaction, kek: KeyEncryptionKey, purpose: Purpose) {
  const row = await tx.dataKey.findFirst({
    where: { purpose, kekId: kek.id },
    orderBy: { createdAt: 'desc' },
    select: { id: true, wrapped: true },
  });
  if (row === null) return null;
  const key = wrapperOf(kek, purpose).unwrap(row.wrapped, dataKeyAssociated(row.id));
  return { id: row.id, key };
}

async function createKey(
  tx: Transaction,
  kek: KeyEncryptionKey,
  { purpose, now }: { purpose: Purpose; now: Date },
) {
  const id = newId(now.getTime());
  const key = randomBytes(32);
  const wrapped = new Uint8Array(wrapperOf(kek, purpose).wrap(key, dataKeyAssociated(id)));
  await tx.dataKey.create({
    data: { id, purpose, wrapped, kekId: kek.id, createdAt: now },
    select: { id: true },
  });
  // Looked at after the insert, which waits for a rotation: nobody could open what this key would seal.
  const other = await tx.dataKey.findFirst({
    where: { kekId: { not: kek.id } },
    select: { id: true },
  });
  if (other !== null)
    throw new AppError(
      'unavailable',
      `The database's data keys are wrapped by another key than ${kek.id}: restart this process with the SALLYPORT_KEK of the last rotation.`,
    );
  return { id, key };
}
