import type { ContentKey } from '@/lib/core/secrets';
import type { PrismaClient } from '@/lib/db/prisma';
import { openSecret } from '@/lib/log/record-secrets';
import type { Authority } from './certificates';
import { certificateAssociated } from './schema';

type Reads = Pick<PrismaClient, 'trustAnchor' | 'dataKey'>;

const believed = { kind: 'development', revokedAt: null } as const;

/** The development authority with its key; null before it was made. */
export async function findAuthority(
  db: Reads,
  wrapper: ContentKey,
): Promise<(Authority & { id: string }) | null> {
  const found = await db.trustAnchor.findFirst({
    where: believed,
    select: { id: true, certificates: true, sealedKey: true, keyId: true },
  });
  const [certificate] = found?.certificates ?? [];
  if (found?.sealedKey == null || found.keyId === null || certificate === undefined) return null;
  const { id, sealedKey: sealed, keyId } = found;
  const key = await openSecret(db, wrapper, {
    keyId,
    sealed,
    associated: certificateAssociated(id),
  });
  return { id, certificate, key };
}
