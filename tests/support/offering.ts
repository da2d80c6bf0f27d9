import { systemClock } from '@/lib/core/clock';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createConnection, createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { createPrisma } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { listLags, type Projection, projectBatch } from '@/lib/log/projection';
import { LogWriter } from '@/lib/log/writer';
import { decideDefinition } from '@/lib/resources/definitions/mutations';
import { openDefinitions } from '@/lib/resources/definitions/open';
import { createDefinitionsProjection } from '@/lib/resources/definitions/project';
import { listDefinitions } from '@/lib/resources/definitions/queries';
import { findResource } from '@/lib/resources/queries';
import { resourceIdOf } from '@/lib/resources/resource-id';
import { createTestDatabase } from './database';
import { anEntry } from './entries';
import { addPerson, setUpOrganisation } from './organisation';
import { actorOf, scopeOf } from './people';

export const reason = 'Read with the platform team';
export const idOf = (name: string, kind = 'tool') => resourceIdOf({ kind, name });

export type Body = { role: 'input' | 'output' | 'tools'; text: string };

/** A database into which tools are offered as the gateway writes them, and read as the worker and the console do. */
export async function createOffering() {
  const database = await createTestDatabase();
  const owner: Pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  const worker: Pool = createPool(database.workerUrl, { applicationName: 'tests' });
  const reader: Pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  const db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  await setUpOrganisation(owner);
  const ctx: RegistryCtx = {
    db,
    actor: actorOf({ id: await addPerson(owner, {}) }),
    scope: scopeOf(),
    now: new Date(),
  };
  const client: PoolClient = await worker.connect();
  const kek = () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const newProjection = (): Projection => createDefinitionsProjection(() => kek().content);
  const projection = newProjection();
  const writer = new LogWriter({
    connect: async () => {
      const connection = createConnection(database.gatewayUrl, { applicationName: 'gateway' });
      await connection.connect();
      return connection;
    },
    kek: kek(),
    clock: systemClock,
  });
  await writer.start();

  async function keep(bodies: Body[], change: Parameters<typeof anEntry>[0] = {}) {
    const entry = anEntry({ ...change, bodies });
    const { reporter } = entry.interaction;
    await writer.append({ reporter, entries: [entry], refused: [], bytes: 1000 });
    const { rows } = await owner.query<{ receivedAt: Date; shard: number; position: bigint }>(
      'SELECT received_at AS "receivedAt", shard, position FROM interaction WHERE span = $1',
      [entry.interaction.span],
    );
    const [place] = rows;
    if (place === undefined) throw new Error('it was not kept');
    return place;
  }
  const list = (name: string, kind = 'tool') =>
    listDefinitions(scopeOf(), idOf(name, kind), reader);
  return {
    ...{ database, owner, reader, db, ctx, client, kek, projection, newProjection, keep, list },
    offer: (...tools: object[]) => keep([{ role: 'tools', text: JSON.stringify(tools) }]),
    async project(of: Projection = projection): Promise<void> {
      for (const lag of await listLags(client, [of]))
        while ((await projectBatch(client, of, lag.shard)) > 0);
    },
    approvalOf: async (name: string, kind = 'tool') =>
      (await findResource(scopeOf(), idOf(name, kind), new Date(), reader))?.approval,
    open: async (name: string, id: string | undefined, scope = scopeOf(), now = new Date()) =>
      (
        await openDefinitions(
          scope,
          { resource: idOf(name), ids: [id ?? ''] },
          { now, db: reader, kek: kek() },
        )
      ).get(id ?? ''),
    /** Decides on the newest, as whoever has just loaded the page. */
    async decide(name: string, over: object = {}): Promise<void> {
      const all = await list(name);
      const [newest] = all;
      if (newest === undefined) throw new Error('nothing is offered');
      const approved = all.find(({ state }) => state === 'approved');
      await decideDefinition(ctx, {
        id: newest.id,
        digest: newest.digest,
        newest: newest.digest,
        against: approved?.digest ?? null,
        verdict: 'approved',
        reason,
        ...over,
      });
    },
    async close(): Promise<void> {
      await writer.close();
      client.release(true);
      await db.$disconnect();
      await Promise.all([worker.end(), owner.end(), reader.end()]);
      await database.drop();
    },
  };
}

export type Offering = Awaited<ReturnType<typeof createOffering>>;
