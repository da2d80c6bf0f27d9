import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';

/** Tells every administrator that what a person owns is owned by nobody from now on. Returns the ids of it. */
export async function tellUnowned(
  tx: Transaction,
  { id, name }: { id: string; name: string },
  now: Date,
): Promise<string[]> {
  const owned = await tx.identity.findMany({
    where: { ownerId: id, state: { not: 'decommissioned' } },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  if (owned.length > 0)
    await notify(tx, {
      kind: 'identity_unowned',
      to: { role: 'admin' },
      subject: name,
      facts: { identities: owned.length },
      link: '/coverage?view=unowned',
      at: now,
    });
  return owned.map((each) => each.id);
}
