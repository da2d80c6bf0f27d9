import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { type ContentKey, type KeyEncryptionKey, open, seal } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { dataKeyAssociated } from '@/lib/log/data-keys';

/** Wrapped by the content key, since the worker opens what it sends and holds no other. */
const purpose = 'webhook';
const nonceBytes = 12;

export type Sealed = { sealed: Uint8Array<ArrayBuffer>; keyId: string };

export const webhookAssociated = (id: string) => `webhook/secret/${id}`;
export const deliveryAssociated = (id: string) => `delivery/sealed/${id}`;

/** Seals a text for the worker. `associated` binds it to one table, column and row. */
export async function sealText(
  tx: Transaction,
  kek: KeyEncryptionKey,
  text: string,
  { associated, now }: { associated: string; now: Date },
): Promise<Sealed> {
  const { id, key } = await sealingKey(tx, kek, now);
  // Random nonces: far below 2^32 of them under one key (NIST SP 800-38D §8.3).
  const sealed = seal(key, randomBytes(nonceBytes), Buffer.from(text), associated);
  key.fill(0);
  return { sealed: new Uint8Array(sealed), keyId: id };
}

export async function openText(
  db: Pick<PrismaClient, 'dataKey'>,
  content: ContentKey,
  { sealed, keyId }: Sealed,
  associated: string,
): Promise<string> {
  const row = await db.dataKey.findUnique({ where: { id: keyId }, select: { wrapped: true } });
  if (row === null) throw new Error(`data key ${keyId} is gone`);
  const key = content.unwrap(row.wrapped, dataKeyAssociated(keyId));
  const text = open(key, sealed, associated).toString();
  key.fill(0);
  return text;
}

async function sealingKey(
  tx: Transaction,
  kek: KeyEncryptionKey,
  now: Date,
): Promise<{ id: string; key: Buffer }> {
  const found = await tx.dataKey.findFirst({
    where: { purpose, kekId: kek.id },
    orderBy: { createdAt: 'asc' },
    select: { id: true, wrapped: true },
  });
  if (found !== null) {
    const key = kek.content.unwrap(found.wrapped, dataKeyAssociated(found.id));
    return { id: found.id, key };
  }
  const id = newId(now.getTime());
  const key = randomBytes(32);
  const wrapped = new Uint8Array(kek.content.wrap(key, dataKeyAssociated(id)));
  await tx.dataKey.create({
    data: { id, purpose, wrapped, kekId: kek.id, createdAt: now },
    select: { id: true },
  });
  // A rotation since this process started: nobody could open what this key would seal.
  const other = await tx.dataKey.findFirst({
    where: { kekId: { not: kek.id } },
    select: { id: true },
  });
  if (other !== null)
    throw new AppError(
      'unavailable',
      'The key-encryption key was replaced: restart this process with the new one.',
    );
  return { id, key };
}
