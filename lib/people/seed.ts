import { newId } from '@/lib/core/ids';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { Transaction } from '@/lib/db/prisma';
import { openSecret, sealSecret } from '@/lib/log/record-secrets';

const associatedOf = (id: string) => `totp/seed/${id}`;

/** Keeps a person's seed of time-based codes, sealed, in place of the one of before. */
export async function keepSeed(
  tx: Transaction,
  kek: KeyEncryptionKey,
  kept: { person: string; seed: Uint8Array; lastStep: bigint; now: Date },
): Promise<void> {
  const { person, seed, lastStep, now } = kept;
  const id = newId(now.getTime());
  const { keyId, sealed } = await sealSecret(tx, kek, {
    secret: seed,
    associated: associatedOf(id),
    now,
  });
  const data = { id, seed: sealed, keyId, confirmedAt: now, lastStep };
  await tx.totp.upsert({
    where: { personId: person },
    create: { personId: person, ...data },
    update: data,
    select: { id: true },
  });
}

type SealedSeed = { id: string; seed: Uint8Array<ArrayBuffer>; keyId: string };

export const openSeed = (
  tx: Transaction,
  kek: KeyEncryptionKey,
  { id, seed, keyId }: SealedSeed,
): Promise<Buffer> => openSecret(tx, kek, { keyId, sealed: seed, associated: associatedOf(id) });
