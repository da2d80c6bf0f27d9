import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createSearchProjection } from '@/lib/inventory/search/project';
import { projections } from '@/lib/log/project';
import { listLags, projectBatch } from '@/lib/log/projection';
import { createDefinitionsProjection } from '@/lib/resources/definitions/project';
import type { TestDatabase } from './database';
import {
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from './gateway';
import { exportRequest, genaiChatSpan } from './spans';

/** Two teams with an agent each, an agent of no team, and a collector that reports for whoever it says. */
export type TwoTeams = {
  database: TestDatabase;
  gateway: TestGateway;
  /** As the console's login, and as the migrator's. */
  db: Pool;
  owner: Pool;
  alfa: TestReporter & { team: string };
  bravo: TestReporter & { team: string };
  loose: TestReporter;
  collector: TestReporter;
  /** One chat of an agent under its name, whose input and output hold these words. */
  say(by: TestReporter, name: string, words: string): Promise<void>;
  /** Everything a worker does, until nothing is behind. */
  project(): Promise<void>;
  close(): Promise<void>;
};

/** Registers them and opens a gateway; closing it drops the database. */
export async function openTwoTeams(database: TestDatabase): Promise<TwoTeams> {
  const db = createPool(database.consoleUrl, { applicationName: 'tests' });
  const owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  const inTeam = async (name: string) => {
    const [reporter, team] = [await registerReporter(owner, { name: `${name}-agent` }), newId()];
    await owner.query('INSERT INTO team (id, name, created_at) VALUES ($1, $2, now())', [
      team,
      name,
    ]);
    await owner.query('UPDATE identity SET team_id = $1 WHERE id = $2', [team, reporter.id]);
    return { ...reporter, team };
  };
  const [alfa, bravo] = [await inTeam('alfa'), await inTeam('bravo')];
  const loose = await registerReporter(owner, { name: 'loose-agent' });
  const collector = await registerReporter(owner, {
    name: 'collector',
    kind: 'service',
    reportsForAll: true,
  });
  const gateway = await startGateway(database);
  const key = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const search = createSearchProjection(() => key.content);
  const defined = createDefinitionsProjection(() => key.content);
  const keyed = [search, defined];
  const all = [
    ...projections.filter(({ name }) => keyed.every((each) => each.name !== name)),
    ...keyed,
  ];
  let at = 0;
  return {
    database,
    gateway,
    db,
    owner,
    alfa,
    bravo,
    loose,
    collector,
    async say(by, name, words) {
      at += 1;
      const said = (role: string) =>
        JSON.stringify([{ role, parts: [{ type: 'text', content: `${role} ${words}` }] }]);
      const attributes = {
        'gen_ai.agent.name': name,
        'gen_ai.conversation.id': `conversation-of-${name}`,
        'gen_ai.response.model': `model-of-${name}`,
        'gen_ai.input.messages': said('user'),
        'gen_ai.output.messages': said('assistant'),
        'unclaimed.note': `note ${words}`,
      };
      const span = genaiChatSpan({ at, startedMs: Date.now() - 500, attributes });
      const body = JSON.stringify(exportRequest([span], `service-of-${name}`));
      const { status } = await postTraces(gateway.url, by.key, body);
      if (status !== 200) throw new Error(`the gateway answered ${status}`);
    },
    async project() {
      const worker = createPool(database.workerUrl, { applicationName: 'worker' });
      const client = await worker.connect();
      for (const each of all)
        for (const { shard } of await listLags(client, [each]))
          while ((await projectBatch(client, each, shard)) > 0);
      client.release();
      await worker.end();
    },
    async close() {
      await gateway.close();
      await Promise.all([db.end(), owner.end()]);
      await database.drop();
    },
  };
}
