import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { suspendIdentity } from '@/lib/identities/lifecycle/mutations';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { applyTrustRules, setTrustRules } from '@/lib/identities/trust/mutations';
import {
  getTrust,
  getTrustRules,
  previewTrustRules,
  readTrustMark,
} from '@/lib/identities/trust/queries';
import { TrustRules } from '@/lib/identities/trust/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { forgetIdentities } from '../support/forget-identities';
import { clearPeople, ctxAs, type Made, makePerson, newestEvents } from '../support/made-people';
import { scopeOf } from '../support/people';
import { believeAnchor, believeIssuer } from '../support/registry';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let workerDb: PrismaClient;
let worker: Pool;
let consolePool: Pool;
let owned: Pool;
let ada: Made;
let bob: Made;
let ctx: RegistryCtx;
let id: string;
const reason = 'as agreed';
const now = new Date();
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
/** What this identity can meet. */
const rules = TrustRules.parse({
  probation: { needsZone: false, needsProof: false },
  trusted: { needsExpects: false },
});

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  workerDb = createPrisma(database.workerUrl, { applicationName: 'tests', max: 2 });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  consolePool = createPool(database.consoleUrl, { applicationName: 'tests' });
  owned = createPool(database.migratorUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await Promise.all([owner, db, workerDb].map((each) => each.$disconnect()));
  await Promise.all([worker.end(), consolePool.end(), owned.end()]);
  await database.drop();
});
beforeEach(async () => {
  await forgetIdentities(owner);
  await clearPeople(owner);
  await worker.query('DELETE FROM coverage');
  ada = await makePerson(owner, { name: 'Ada' });
  bob = await makePerson(owner, { name: 'Bob', roles: ['analyst'] });
  ctx = { ...ctxAs(db, ada, now), scope: scopeOf() };
  const { identity } = await createIdentity(ctx, {
    ...{ kind: 'agent', name: 'returns', purpose: 'Handles returns' },
  });
  id = identity.id;
  await worker.query(
    `INSERT INTO coverage (identity, shard, interactions, first_at, last_at) VALUES ($1, 1, 7, $2, $2)`,
    [id, now],
  );
});

const set = (changed: TrustRules, before = TrustRules.parse({})) =>
  setTrustRules(ctx, { before, after: changed, reason });
const apply = (at: Date) => applyTrustRules(workerDb, worker, at);
const stored = () => owner.identity.findUniqueOrThrow({ where: { id } });

describe('trust', () => {
  test('rises by the rules, with a version and an entry by the rule', async () => {
    await set(rules);
    expect(await apply(inDays(2))).toBe(0);
    expect(await apply(inDays(4))).toBe(1);
    expect(await stored()).toMatchObject({ trust: 'probation', revision: 2 });
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'trust_changed',
      facts: { by: 'rule', before: { trust: 'observed' }, after: { trust: 'probation' } },
    });
    expect(await apply(inDays(5))).toBe(0);
    expect(await apply(inDays(19))).toBe(1);
    const versions = await owner.identityVersion.findMany({ orderBy: { revision: 'asc' } });
    expect(versions).toMatchObject([
      { by: `person:${ada.id}` },
      { by: 'rule', attributes: { trust: 'probation' } },
      { by: 'rule', attributes: { trust: 'trusted' } },
    ]);
  });

  test('falls with what it stood on, and says why', async () => {
    await set(rules);
    await apply(inDays(4));
    await owner.person.update({ where: { id: ada.id }, data: { disabledAt: now } });
    expect(await apply(inDays(5))).toBe(1);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      facts: { after: { trust: 'observed' }, reason: expect.stringContaining('Nobody answers') },
    });
  });

  test('falls with the authority that vouched for it, which is looked at at once', async () => {
    await set(TrustRules.parse({ ...rules, probation: { ...rules.probation, needsProof: true } }));
    const anchor = await believeAnchor(owned);
    await owned.query(
      `INSERT INTO credential (id, identity_id, kind, hint, subject, anchor_id, rule, created_at, expires_at)
       VALUES (gen_random_uuid(), $1, 'certificate', '', 'subject:CN=a', $2, '{}', now(), now() + interval '90 days')`,
      [id, anchor],
    );
    expect(await apply(inDays(4))).toBe(1);
    const mark = await readTrustMark(workerDb);
    await owned.query('UPDATE trust_anchor SET revoked_at = now() WHERE id = $1', [anchor]);
    const after = await readTrustMark(workerDb);
    expect(after).not.toBe(mark);
    expect(await apply(inDays(4))).toBe(1);
    expect(await stored()).toMatchObject({ trust: 'observed' });
    const issuer = await believeIssuer(owned);
    const other = await readTrustMark(workerDb);
    expect(other).not.toBe(after);
    await owned.query('DELETE FROM token_issuer WHERE id = $1', [issuer]);
    await owner.person.update({ where: { id: bob.id }, data: { disabledAt: now } });
    expect(await readTrustMark(workerDb)).not.toBe(after);
  });

  test('of who is suspended stays, and what is missing is told of who is not', async () => {
    await set(rules);
    expect(await getTrust(scopeOf(), { id, now }, worker)).toEqual({
      level: 'observed',
      next: 'probation',
      missing: [{ lack: 'observed_days', at: expect.any(Date) }],
    });
    await suspendIdentity(ctx, { identityId: id, reason });
    expect(await apply(inDays(30))).toBe(0);
  });

  test('is looked at again once something changed', async () => {
    const mark = await readTrustMark(workerDb);
    expect(await readTrustMark(workerDb)).toBe(mark);
    await set(rules);
    const other = await readTrustMark(workerDb);
    expect(other).not.toBe(mark);
    await suspendIdentity(ctx, { identityId: id, reason });
    expect(await readTrustMark(workerDb)).not.toBe(other);
  });
});

describe('its rules', () => {
  test('are set with a reason and told before and after', async () => {
    expect(await getTrustRules(worker)).toEqual(TrustRules.parse({}));
    await set(rules);
    expect(await getTrustRules(worker)).toEqual(rules);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'trust_rules_changed',
      facts: { before: { needsZone: true }, after: { needsZone: false }, reason },
    });
    const stale = { ...rules, trusted: { ...rules.trusted, bearerFreeDays: 1 } };
    await expect(set(stale)).rejects.toMatchObject({ code: 'conflict' });
    await expect(set(rules, rules)).rejects.toThrow('Nothing is different');
  });

  test('are for administrators, within bounds', async () => {
    const analyst = { ...ctxAs(db, bob, now), scope: scopeOf() };
    const input = { before: TrustRules.parse({}), after: rules, reason };
    await expect(setTrustRules(analyst, input)).rejects.toMatchObject({ code: 'forbidden' });
    const endless = { ...rules, trusted: { ...rules.trusted, probationDays: 366 } };
    await expect(set(endless)).rejects.toThrow('365 days');
  });

  test('come to what is counted before they are set', async () => {
    const counts = (changed: TrustRules, at: Date, max?: number) =>
      previewTrustRules(
        scopeOf(),
        { rules: changed, now: at, ...(max === undefined ? {} : { max }) },
        consolePool,
      );
    const none = { rise: { probation: 0, trusted: 0 }, fall: { observed: 0, probation: 0 } };
    expect(await counts(TrustRules.parse({}), inDays(4))).toEqual({
      ...{ ...none, stay: 1 },
      isBounded: false,
    });
    const rising = { ...none, rise: { probation: 1, trusted: 0 }, stay: 0, isBounded: false };
    expect(await counts(rules, inDays(4))).toEqual(rising);
    await set(rules);
    expect(await apply(inDays(4))).toBe(1);
    const back = await counts(TrustRules.parse({}), inDays(5));
    expect(back).toMatchObject({ fall: { observed: 1, probation: 0 }, stay: 0 });
    const other = await createIdentity(ctx, { kind: 'agent', name: 'later' });
    expect(await counts(rules, inDays(5), 1)).toMatchObject({ stay: 1, isBounded: true });
    await suspendIdentity(ctx, { identityId: other.identity.id, reason });
    expect(await counts(rules, inDays(5), 1)).toMatchObject({ stay: 1, isBounded: false });
  });

  test('are weighed by whoever may set them', async () => {
    const asked = { rules, now };
    await expect(
      previewTrustRules(scopeOf({ roles: ['analyst'] }), asked, consolePool),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});
