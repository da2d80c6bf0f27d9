import type { ContentKey, KeyEncryptionKey } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { openSecret, type SealedSecret, sealSecret } from '@/lib/log/record-secrets';

export const webhookAssociated = (id: string) => `webhook/secret/${id}`;
export const deliveryAssociated = (id: string) => `delivery/sealed/${id}`;

/** Seals a text for the worker. `associated` binds it to one table, column and row. */
export const sealText = (
  tx: Transaction,
  kek: KeyEncryptionKey,
  text: string,
  { associated, now }: { associated: string; now: Date },
): Promise<SealedSecret> =>
  sealSecret(tx, kek, { secret: Buffer.from(text), associated, purpose: 'webhook', now });

export async function openText(
  db: Pick<PrismaClient, 'dataKey'>,
  content: ContentKey,
  sealed: SealedSecret,
  associated: string,
): Promise<string> {
  return (await openSecret(db, content, { ...sealed, associated })).toString();
}
