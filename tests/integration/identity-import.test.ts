import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { importIdentities, previewImport } from '@/lib/identities/import/mutations';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { changeIdentity } from '@/lib/identities/versions/mutations';
import type { MachineActor } from '@/lib/people/actor';
import { createTeam } from '@/lib/people/teams/mutations';
import { mintKeyScope } from '@/lib/tokens/scope';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { forgetIdentities } from '../support/forget-identities';
import { clearPeople, ctxAs, type Made, makePerson, newestEvents } from '../support/made-people';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let gatewayDb: PrismaClient;
let ada: Made;
let bob: Made;
let ctx: RegistryCtx;
let machine: RegistryCtx;
const reason = 'moved from the spreadsheet';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  gatewayDb = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 2 });
});
afterAll(async () => {
  await Promise.all([owner, db, gatewayDb].map((each) => each.$disconnect()));
  await database.drop();
});
beforeEach(async () => {
  await forgetIdentities(owner);
  await clearPeople(owner);
  ada = await makePerson(owner, { name: 'Ada' });
  bob = await makePerson(owner, { name: 'Bob', roles: ['analyst'] });
  ctx = { ...ctxAs(db, ada), scope: scopeOf() };
  const actor: MachineActor = {
    kind: 'machine',
    id: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53',
    scopes: ['registry:write'],
    address: '192.0.2.7',
  };
  machine = { db: gatewayDb, actor, scope: mintKeyScope(actor.id, actor.address), now: ctx.now };
});

const fileOf = (text: string) => ({
  format: 'csv' as const,
  bytes: new TextEncoder().encode(text),
});
const apply = (text: string, as = ctx) => importIdentities(as, { ...fileOf(text), reason });
const said = ({ lines }: Awaited<ReturnType<typeof previewImport>>) =>
  lines.map(({ line, verdict, because }) => [line, verdict, because.join(' ')]);

describe('a file', () => {
  test('is looked at first: what each line would come to, and nothing is written', async () => {
    const team = await createTeam(ctxAs(db, ada), { name: 'Payments' });
    await createIdentity(ctx, { kind: 'agent', name: 'same' });
    await createIdentity(ctx, { kind: 'agent', name: 'other', names: ['alias'] });
    const text = [
      'kind,name,names,owner,team,tags,reports_for,acts_for',
      `agent,fresh,,${bob.email},payments,a;b,,all`,
      'agent,same,,,,,,',
      'agent,other,,,,tagged,,',
      'robot,x1,,,,,,',
      'agent,x2,,nobody@example.org,,,,',
      'agent,x3,,,No team,,,',
      'agent,x4,alias,,,,,',
      'agent,fresh,,,,,,',
      'agent,x5,,,,,same,',
      'service,relay,,,,,fresh;other,',
      'service,early,,,,,late,',
      'daemon,same,,,,,,',
      'agent,fre5h,,,,,,',
    ].join('\n');
    const before = await owner.identity.count();
    const report = await previewImport(ctx, fileOf(text));
    expect(said(report)).toEqual([
      [2, 'made', ''],
      [3, 'unchanged', ''],
      [4, 'changed', ''],
      [5, 'wrong', expect.stringContaining('A kind is one of')],
      [6, 'wrong', 'There is no person nobody@example.org.'],
      [7, 'wrong', 'There is no team No team.'],
      [8, 'wrong', expect.stringContaining('alias is a name of the identity other')],
      [9, 'wrong', expect.stringContaining('further up')],
      [10, 'wrong', 'Only a service may report for others.'],
      [11, 'made', ''],
      [12, 'wrong', expect.stringContaining('There is no identity late')],
      [13, 'wrong', expect.stringContaining('further up')],
      [14, 'made', ''],
    ]);
    expect(report.counts).toEqual({ made: 3, changed: 1, unchanged: 1, wrong: 8 });
    expect(await owner.identity.count()).toBe(before);

    const done = await apply(text);
    expect(done.counts).toEqual(report.counts);
    expect(await owner.identity.findFirstOrThrow({ where: { name: 'fresh' } })).toMatchObject({
      ...{ state: 'active', ownerId: bob.id, sponsorId: bob.id, teamId: team, actsForAll: true },
      tags: ['a', 'b'],
    });
    const relay = await owner.identity.findFirstOrThrow({
      where: { name: 'relay' },
      select: { reportsFor: { select: { identity: { select: { name: true } } } } },
    });
    expect(relay.reportsFor.map(({ identity }) => identity.name).sort()).toEqual([
      'fresh',
      'other',
    ]);
    const other = await owner.identityVersion.findMany({
      where: { identity: { name: 'other' } },
      orderBy: { revision: 'asc' },
    });
    expect(other).toMatchObject([{ revision: 1 }, { revision: 2, reason }]);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'identities_imported',
      facts: {
        made: ['fresh', 'relay', 'fre5h'].map((name) => expect.objectContaining({ name })),
        ...{ changed: 1, digest: report.digest, first_line: 2, last_line: 14, reason },
      },
    });
    expect(await owner.credential.count()).toBe(2);
    expect((await apply(text)).counts).toMatchObject({ made: 0, changed: 0 });
  });

  test('tells of each identity that it makes or changes, so that its entries find it', async () => {
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'old', tags: ['a'] });
    const { digest } = await apply('kind,name,tags\nagent,old,b\nagent,new,\n');
    const made = await owner.identity.findFirstOrThrow({ where: { name: 'new' } });
    expect(await newestEvents(owner, 2)).toMatchObject([
      {
        kind: 'identities_imported',
        facts: { made: [{ id: made.id, name: 'new' }], changed: 1, digest },
      },
      {
        kind: 'identity_changed',
        facts: {
          ...{ identity: identity.id, line: 2, digest, reason },
          ...{ before: { tags: ['a'] }, after: { tags: ['b'] } },
        },
      },
    ]);
  });

  test('does what was seen and nothing else: what came to differ is left out', async () => {
    const [one, two] = [
      await createIdentity(ctx, { kind: 'agent', name: 'one' }),
      await createIdentity(ctx, { kind: 'agent', name: 'two' }),
    ];
    const text = 'kind,name,tags\nagent,one,x\nagent,two,x\nagent,three,x\nagent,four,x\n';
    const { marks, judged } = await previewImport(ctx, fileOf(text));
    await changeIdentity(ctx, {
      ...{ identityId: two.identity.id, seenRevision: 1, tags: ['by hand'], reason },
    });
    await createIdentity(ctx, { kind: 'agent', name: 'three' });
    const asSeen = (seen: { marks: string } | { judged: string }) =>
      importIdentities(ctx, { ...fileOf(text), reason, seen });
    await expect(asSeen({ judged })).rejects.toMatchObject({ code: 'conflict' });
    await expect(asSeen({ marks: marks.slice(12) })).rejects.toThrow('Check the file first');
    const differs = expect.stringContaining('something else than when you looked');
    expect(said(await asSeen({ marks }))).toEqual([
      [2, 'changed', ''],
      [3, 'wrong', differs],
      [4, 'wrong', differs],
      [5, 'made', ''],
    ]);
    const tagsOf = async (id: string) =>
      (await owner.identity.findUniqueOrThrow({ where: { id } })).tags;
    expect(await tagsOf(one.identity.id)).toEqual(['x']);
    expect(await tagsOf(two.identity.id)).toEqual(['by hand']);
    const again = await previewImport(ctx, fileOf(text));
    expect((await asSeen({ judged: again.judged })).counts).toMatchObject({ changed: 2, wrong: 0 });
  });

  test('that something goes wrong with says what was done and what was not', async () => {
    await owner.$executeRawUnsafe(
      `CREATE FUNCTION break_one() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END'`,
    );
    await owner.$executeRawUnsafe(
      `CREATE TRIGGER break_one BEFORE INSERT ON identity FOR EACH ROW WHEN (NEW.name = 'broken') EXECUTE FUNCTION break_one()`,
    );
    try {
      expect(said(await apply('kind,name\nagent,a\nagent,broken\nagent,b\n'))).toEqual([
        [2, 'made', ''],
        [3, 'wrong', expect.stringContaining('Look whether it was done')],
        [4, 'wrong', expect.stringContaining('It was not done')],
      ]);
    } finally {
      await owner.$executeRawUnsafe('DROP FUNCTION break_one() CASCADE');
    }
    expect(await owner.identity.findMany({ select: { name: true } })).toEqual([{ name: 'a' }]);
  });

  test('names no identity of those that whoever imports is not shown', async () => {
    await createIdentity(ctx, { kind: 'agent', name: 'billing', names: ['alias'] });
    const within = { ...ctx, scope: scopeOf({ reach: 'teams', teams: [] }) };
    const report = await previewImport(
      within,
      fileOf(
        'kind,name,reports_for\nagent,bi11ing,\nagent,alias,\nservice,s,billing\nservice,t,all\n',
      ),
    );
    expect(report.lines).toMatchObject([
      { verdict: 'made', resembles: 'another identity' },
      { verdict: 'wrong', because: ['alias is a name of another identity already.'] },
      { verdict: 'wrong', because: [expect.stringContaining('There is no identity billing')] },
      { verdict: 'wrong', because: [expect.stringContaining('of all teams')] },
    ]);
  });

  test('points out names that may be taken for each other', async () => {
    await createIdentity(ctx, { kind: 'agent', name: 'billing' });
    const { lines } = await previewImport(
      ctx,
      fileOf('kind,name\nagent,bi11ing\nagent,orders\nagent,0rders\n'),
    );
    expect(lines.map(({ resembles }) => resembles)).toEqual(['billing', null, 'orders']);
  });

  test('of ten thousand goes in by batches, each with an entry', async () => {
    const text = `kind,name,tags\n${Array.from({ length: 10_000 }, (_, n) => `agent,a-${n},t`).join('\n')}`;
    expect((await apply(text)).counts.made).toBe(10_000);
    expect(await owner.identityVersion.count()).toBe(10_000);
    expect((await apply(text)).counts.unchanged).toBe(10_000);
  }, 120_000);

  test('that a machine brings is proposed, and changes nothing', async () => {
    await createIdentity(ctx, { kind: 'agent', name: 'same' });
    const report = await apply(
      `kind,name,tags,owner\nagent,offered,,${bob.id}\nagent,same,tagged,\n`,
      machine,
    );
    expect(said(report)).toEqual([
      [2, 'made', ''],
      [3, 'wrong', expect.stringContaining('a machine changes nothing')],
    ]);
    expect(await owner.identity.findFirstOrThrow({ where: { name: 'offered' } })).toMatchObject({
      ...{ state: 'proposed', ownerId: bob.id },
    });
  });

  test('is for administrators, and of what one does not reach one changes nothing', async () => {
    await expect(apply('kind,name\nagent,a\n', { ...ctxAs(db, bob) })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await createIdentity(ctx, { kind: 'agent', name: 'theirs', tags: ['x'] });
    const within = { ...ctx, scope: scopeOf({ reach: 'teams', teams: [] }) };
    expect(said(await apply('kind,name,tags\nagent,theirs,y\n', within))).toEqual([
      [2, 'wrong', expect.stringContaining('theirs is a name of another identity already')],
    ]);
  });

  test('two at once register each name once, and say so', async () => {
    const text = `kind,name\n${Array.from({ length: 50 }, (_, n) => `agent,a-${n}`).join('\n')}`;
    const both = await Promise.all([apply(text), apply(text)]);
    expect(await owner.identity.count()).toBe(50);
    expect(both.reduce((all, { counts }) => all + counts.made, 0)).toBe(50);
  });
});
