import type { PrismaClient } from '@/lib/db/prisma';

/** As before anything was registered; `owner` is the migrator's login, since no process may. */
export async function forgetIdentities(owner: PrismaClient): Promise<void> {
  await owner.credentialUse.deleteMany();
  await owner.credential.deleteMany();
  await owner.identityVersion.deleteMany();
  await owner.identityReportsFor.deleteMany();
  await owner.identityFingerprint.deleteMany();
  await owner.identity.deleteMany();
}
