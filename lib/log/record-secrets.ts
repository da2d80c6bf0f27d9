import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { type KeyEncryptionKey, open, seal } from '@/lib/core/secrets';
import type { Transaction } from '@/lib/db/prisma';
import { dataKeyAssociated } from './data-keys';

const NONCE_BYTES = 12;

/** What a row keeps of a secret that must be read back. */
export type SealedSecret = { keyId: string; sealed: Uint8Array<ArrayBuffer> };

/**
 * Seals a secret of a record (a seed, a signing key) under a data key that the key-encryption key wraps.
 * `associated` names table, column and row: moved elsewhere it does not open. Nonces are random: records are few.
 */
export async function sealSecret(
  tx: Transaction,
  kek: KeyEncryptionKey,
  { secret, associated, now }: { secret: Uint8Array; associated: string; now: Date },
): Promise<SealedSecret> {
  const { id, key } = (await newestKey(tx, kek)) ?? (await createKey(tx, kek, now));
  const sealed = new Uint8Array(seal(key, randomBytes(NONCE_BYTES), secret, associated));
  key.fill(0);
  return { keyId: id, sealed };
}

/** Throws when the key, the associated data or a single bit is not what it was. */
export async function openSecret(
  tx: Transaction,
  kek: KeyEncryptionKey,
  { keyId, sealed, associated }: SealedSecret & { associated: string },
): Promise<Buffer> {
  const row = await tx.dataKey.findUniqueOrThrow({
    where: { id: keyId },
    select: { wrapped: true },
  });
  const key = kek.unwrap(row.wrapped, dataKeyAssociated(keyId));
  try {
    return open(key, sealed, associated);
  } finally {
    key.fill(0);
  }
}

async function newestKey(tx: Transaction, kek: KeyEncryptionKey) {
  const row = await tx.dataKey.findFirst({
    where: { purpose: 'record', kekId: kek.id },
    orderBy: { createdAt: 'desc' },
    select: { id: true, wrapped: true },
  });
  return row === null
    ? null
    : { id: row.id, key: kek.unwrap(row.wrapped, dataKeyAssociated(row.id)) };
}

async function createKey(tx: Transaction, kek: KeyEncryptionKey, now: Date) {
  const id = newId(now.getTime());
  const key = randomBytes(32);
  await tx.dataKey.create({
    data: {
      id,
      purpose: 'record',
      wrapped: new Uint8Array(kek.wrap(key, dataKeyAssociated(id))),
      kekId: kek.id,
      createdAt: now,
    },
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
