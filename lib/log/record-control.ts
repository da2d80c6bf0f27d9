import type { Transaction } from '@/lib/db/prisma';
import { type CanonicalValue, canonicalJson } from './canonical';

/**
 * Appends one entry to the control shard in a Prisma transaction: if it fails, so does what it tells of.
 * It holds the shard's row until commit, so it comes last.
 */
export async function recordControl(
  tx: Transaction,
  kind: string,
  facts: Readonly<Record<string, CanonicalValue>>,
): Promise<void> {
  await tx.$queryRaw`SELECT 1 AS appended FROM append_control(${kind}, ${canonicalJson(facts)})`;
}
