import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintScope } from '@/lib/auth/scope';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { rangeOf } from '@/lib/inventory/address';
import { openReader, readerPageEntries } from '@/lib/inventory/sessions/mutations';
import { listSessions } from '@/lib/inventory/sessions/queries';
import type { ReaderPage } from '@/lib/inventory/sessions/reader';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { nobodyOf, personOf } from '../support/people';
import { longSession, poisonedSession } from '../support/session-spans';
import { exportRequest } from '../support/spans';
import { gatherAll } from '../support/tell';

const admin = personOf({ id: '00000000-0000-7000-8000-0000000000ad' });
const scope = mintScope(admin);
const nobody = mintScope(nobodyOf({ id: admin.id }));
const longEntries = 120;

let database: TestDatabase;
let gateway: TestGateway;
let db: Pool;
let poisoned: string;
let long: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPool(database.consoleUrl, { applicationName: 'test' });
  const owner = createPool(database.migratorUrl, { applicationName: 'test' });
  gateway = await startGateway(database);
  const { key } = await registerReporter(owner, { name: 'bills-agent' });
  await owner.end();
  const now = Date.now();
  for (const spans of [
    poisonedSession(71, now - 9_000),
    longSession(72, now - 60_000, longEntries),
  ]) {
    const body = JSON.stringify(exportRequest(spans, 'bills-agent'));
    expect((await postTraces(gateway.url, key, body)).status).toBe(200);
  }
  const worker = createPool(database.workerUrl, { applicationName: 'test' });
  const client = await worker.connect();
  await gatherAll(client);
  client.release();
  await worker.end();
  const none = { identity: null, actor: null, hasErrors: false };
  const { rows } = await listSessions(
    scope,
    { filter: none, range: rangeOf('24h', new Date()), cursor: null },
    db,
  );
  const idOf = (conversation: string) =>
    rows.find((row) => row.conversation === conversation)?.id ?? '';
  poisoned = idOf('bills-71');
  long = idOf('bills-72');
  expect(rows.find(({ id }) => id === poisoned)).toMatchObject({
    identityName: 'bills-agent',
    onBehalfOf: 'clerk-7',
    exchanges: 9,
    errors: 1,
    cost: null,
  });
});

afterAll(async () => {
  await gateway?.close();
  await db?.end();
  await database?.drop();
});

const opening = () => ({
  now: new Date(),
  db,
  kek: keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
});
const openings = async (session: string) =>
  (
    await db.query<{ facts: string }>(
      `SELECT facts FROM control_event WHERE kind = 'content_opened' AND facts LIKE $1 ORDER BY position`,
      [`%${session}%`],
    )
  ).rows.map(({ facts }) => JSON.parse(facts));

const wordsOf = ({ turns }: ReaderPage) =>
  turns.flatMap(({ speaker, says }) =>
    says.map((say) => `${speaker} ${say.as === 'sealed' ? say.role : say.as}`),
  );

describe('the reader', () => {
  it('tells a session as it went, and leaves one entry for the part that was opened', async () => {
    const page = await openReader(scope, { session: poisoned, after: null }, opening());
    expect(page).toMatchObject({ entries: 9, done: 9, after: null, withheld: null });
    expect(wordsOf(page)).toEqual([
      'instructions text',
      'user text',
      'model call',
      'tool call',
      'tool result',
      'model call',
      'tool call',
      'tool result',
      'model text',
      'model call',
      'model call',
      'tool call',
      'tool error',
    ]);
    await openReader(scope, { session: poisoned, after: null }, opening());
    expect(await openings(poisoned)).toMatchObject([
      { by: `person:${admin.id}`, subject: poisoned, entries: 9 },
    ]);
  });

  it('opens a long session part by part, each entry once, each part on record', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    let parts = 0;
    do {
      const page: ReaderPage = await openReader(scope, { session: long, after }, opening());
      expect(new Set(page.turns.map(({ entry }) => entry)).size).toBeLessThanOrEqual(
        readerPageEntries,
      );
      seen.push(...page.turns.map(({ entry }) => entry));
      after = page.after;
      parts += 1;
    } while (after !== null);
    expect(parts).toBe(3);
    expect(new Set(seen).size).toBe(longEntries * 0.9);
    expect(await openings(long)).toHaveLength(3);
  });

  it('shows kinds, sizes and digests to whoever may not read content, and nothing was opened', async () => {
    const before = await openings(poisoned);
    const page = await openReader(nobody, { session: poisoned, after: null }, opening());
    expect(page.withheld).toContain('no right to read content');
    expect(page.turns.flatMap(({ says }) => says.map(({ as }) => as))).toContain('sealed');
    expect(JSON.stringify(page)).not.toContain('November');
    expect(JSON.stringify(page)).not.toContain('Pay the bill');
    expect(await openings(poisoned)).toEqual(before);
  });

  it('refuses a session that does not exist, and a place that is not in it', async () => {
    const absent = '00000000-0000-8000-8000-000000000000';
    await expect(openReader(scope, { session: absent, after: null }, opening())).rejects.toThrow(
      'no such session',
    );
    await expect(
      openReader(scope, { session: poisoned, after: '1-1-1' }, opening()),
    ).rejects.toThrow('no longer there');
  });
});
