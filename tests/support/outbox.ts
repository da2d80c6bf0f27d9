import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { type DeliveryCtx, setWebhook } from '@/lib/delivery/mutations';
import { notify } from '@/lib/delivery/notify';
import { type Courier, claimDue, deliver } from '@/lib/delivery/outbox';
import type { NewNotice } from '@/lib/delivery/schema';
import { createTestDatabase, type TestDatabase } from './database';
import { actorOf } from './people';
import { type Receiver, type Sink, startReceiver, startSink } from './receivers';

export const dayMs = 86_400_000;
export const start = new Date('2026-11-30T08:00:00Z');
export const after = (ms: number) => new Date(start.getTime() + ms);

export const settingsOf = (env: Record<string, string> = {}) =>
  parseConfig({ WEBHOOK_NETWORKS: '127.0.0.0/8', CONSOLE_URL: 'https://c.example', ...env });

/** A database of a test file's own with Ada, an administrator, in it; empty but for her before each test. */
export function outboxOfTest() {
  // Filled before the first test.
  const box = {} as {
    database: TestDatabase;
    /** As the console. */
    db: PrismaClient;
    worker: PrismaClient;
    owner: Pool;
    receiver: Receiver;
    sink: Sink;
    ada: string;
  };
  beforeAll(async () => {
    box.database = await createTestDatabase();
    box.db = createPrisma(box.database.consoleUrl, { applicationName: 'tests', max: 4 });
    box.worker = createPrisma(box.database.workerUrl, { applicationName: 'tests', max: 4 });
    box.owner = createPool(box.database.migratorUrl, { applicationName: 'tests', max: 2 });
  });
  afterAll(async () => {
    await box.db.$disconnect();
    await box.worker.$disconnect();
    await box.owner.end();
    await box.database.drop();
  });
  beforeEach(async () => {
    await box.owner.query('TRUNCATE person, team, webhook, notice, delivery CASCADE');
    box.receiver = await startReceiver();
    box.sink = await startSink();
    box.ada = newId();
    const ada = { id: box.ada, email: 'ada@example.org', name: 'Ada', roles: ['admin'] };
    await box.db.person.create({ data: { ...ada, createdAt: start } });
  });
  afterEach(async () => {
    await box.receiver.close();
    await box.sink.close();
  });

  const kekOf = () => keyEncryptionKeyOf(Buffer.from(box.database.kek, 'base64'));
  const mailed = (url = `smtp://us%40er:pa%3Ass@127.0.0.1:${box.sink.port}`) =>
    settingsOf({ SMTP_URL: url, SMTP_FROM: 'Sallyport <s@example.org>' });
  const courierOf = (settings = settingsOf(), over: Partial<Courier> = {}): Courier => ({
    db: box.worker,
    content: kekOf().content,
    settings,
    ...over,
  });
  const ctxOf = (): DeliveryCtx => ({
    db: box.db,
    actor: actorOf({ id: box.ada }),
    now: start,
    kek: kekOf(),
    settings: settingsOf(),
  });
  const tell = (over: Partial<NewNotice> = {}, settings = settingsOf()) =>
    box.db.$transaction((tx) => {
      const notice = { kind: 'test', to: { person: box.ada }, subject: 's', at: start } as const;
      return notify(tx, { ...notice, ...over }, settings);
    });
  /** One round as the worker makes them. Returns how many were claimed. */
  const round = async (courier: Courier, now: Date): Promise<number> => {
    const claims = [
      ...(await claimDue(courier.db, { channel: 'email', max: 10 }, now)),
      ...(await claimDue(courier.db, { channel: 'webhook', max: 10 }, now)),
    ];
    await Promise.all(claims.map((claim) => deliver(courier, claim, now)));
    return claims.length;
  };
  const only = () =>
    box.db.delivery.findFirstOrThrow({
      where: { kind: { not: 'webhook_failing' } },
      omit: { channel: true, kind: true, subject: true, personId: true, target: true },
    });
  const setHook = async (url = box.receiver.url): Promise<string> =>
    (await setWebhook(ctxOf(), { team: null, url })) ?? '';
  return { box, kekOf, mailed, courierOf, ctxOf, tell, round, only, setHook };
}
