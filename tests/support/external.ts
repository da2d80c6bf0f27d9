import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool } from '@/lib/db/pool';
import { createPrisma } from '@/lib/db/prisma';
import { type ExternalCtx, setExternalApi } from '@/lib/identities/external/mutations';
import { findExternalApi } from '@/lib/identities/external/queries';
import type { SetExternalApi } from '@/lib/identities/external/schema';
import { createTestDatabase } from './database';
import { setUpOrganisation } from './organisation';
import { actorOf, scopeOf } from './people';

/** A database of its own to register external APIs in, as an administrator does. */
export async function openExternals() {
  const database = await createTestDatabase();
  const db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  const asGateway = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 4 });
  const owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  const worker = createPool(database.workerUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
  const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const ctx = (): ExternalCtx => ({
    db,
    actor: actorOf(),
    scope: scopeOf(),
    now: new Date(),
    kek,
  });
  const found = (id: string) => findExternalApi(scopeOf(), id, owner);
  return {
    database,
    asGateway,
    owner,
    worker,
    kek,
    ctx,
    found,
    /** The id of one without hosts. */
    async add(): Promise<string> {
      const id = newId();
      await owner.query(
        `INSERT INTO identity (id, kind, name, names, state, created_at)
         VALUES ($1::uuid, 'external_api', 'api-' || $1, '{}', 'active', now())`,
        [id],
      );
      return id;
    },
    set: async (id: string, change: Partial<SetExternalApi> = {}) =>
      setExternalApi(ctx(), {
        identityId: id,
        hosts: ['api.example.com'],
        seenAt: (await found(id))?.changedAt.toISOString() ?? null,
        reason: 'A test',
        ...change,
      }),
    async close(): Promise<void> {
      await Promise.all([db.$disconnect(), asGateway.$disconnect(), owner.end(), worker.end()]);
      await database.drop();
    },
  };
}
export type Externals = Awaited<ReturnType<typeof openExternals>>;
