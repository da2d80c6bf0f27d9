import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { changeNetwork, nameNetwork, removeNetwork } from '@/lib/people/networks/mutations';
import { listNetworks } from '@/lib/people/networks/queries';
import { type Network, networksMax } from '@/lib/people/networks/schema';
import type { SettingsCtx } from '@/lib/people/organisation/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let owner: Pool;
let reader: Pool;
let ctx: SettingsCtx;
const reason = 'Asked for by the platform team';

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
  ctx = { db, actor: actorOf(), now: new Date() };
});
afterAll(async () => {
  await db.$disconnect();
  await Promise.all([owner.end(), reader.end()]);
  await database.drop();
});

const list = () => listNetworks(scopeOf(), reader);
const entries = () => listControl(owner, ['network_named', 'network_changed', 'network_removed']);

async function named(name: string): Promise<Network> {
  const found = (await list()).find((network) => network.name === name);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
}
const seen = ({ id, changedAt }: Network) => ({ id, seenAt: changedAt.toISOString() });

test('a network is named, changed and removed, each with its entry', async () => {
  await nameNetwork(ctx, {
    name: ' Berlin ',
    cidrs: ['10.1.2.3/16', '10.1.0.0/16', '::1'],
    reason,
  });
  const berlin = await named('Berlin');
  expect(berlin.cidrs).toEqual(['10.1.0.0/16', '::1/128']);
  await changeNetwork(ctx, { ...seen(berlin), name: 'Berlin', cidrs: ['10.2.0.0/16'], reason });
  await removeNetwork(ctx, { ...seen(await named('Berlin')), reason });
  expect(await list()).toEqual([]);
  const by = { by: 'person:p', address: '192.0.2.1', sign_in: 's', network: berlin.id, reason };
  const first = { name: 'Berlin', cidrs: ['10.1.0.0/16', '::1/128'] };
  const second = { name: 'Berlin', cidrs: ['10.2.0.0/16'] };
  expect(await entries()).toEqual([
    { kind: 'network_named', facts: { ...by, after: first } },
    { kind: 'network_changed', facts: { ...by, before: first, after: second } },
    { kind: 'network_removed', facts: { ...by, before: second } },
  ]);
});

test('of two who change a network at once, one is told and overwrites nothing', async () => {
  await nameNetwork(ctx, { name: 'Office', cidrs: ['192.0.2.0/24'], reason });
  const office = await named('Office');
  const change = (cidr: string) =>
    changeNetwork(ctx, { ...seen(office), name: 'Office', cidrs: [cidr], reason });
  const results = await Promise.allSettled([change('192.0.2.0/25'), change('192.0.2.128/25')]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(removeNetwork(ctx, { ...seen(office), reason })).rejects.toThrow('Somebody else');
});

test('of two who take the same name at once, one gets it', async () => {
  const take = (name: string) => nameNetwork(ctx, { name, cidrs: ['203.0.113.0/24'], reason });
  const results = await Promise.allSettled([take('Branch'), take('BRANCH'), take('branch')]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

describe('refuses', () => {
  test.each<[string, { name?: string; cidrs?: string[]; reason?: string }, string]>([
    ['a name that is none', { name: '' }, 'Enter a name'],
    ['invisible characters', { name: 'a\u202eb' }, 'visible characters'],
    ['a name of many characters', { name: 'x'.repeat(81) }, '80 characters at most'],
    ['no block', { cidrs: [] }, 'one block of addresses at least'],
    ['what is no block', { cidrs: ['10.0.0.0/8', 'office'] }, '“office” is neither'],
    ['too many blocks', { cidrs: Array(51).fill('10.0.0.0/8') }, '50 blocks at most'],
    ['no reason', { reason: '' }, 'Say why'],
  ])('%s', async (_what, change, sentence) => {
    const network = { name: 'New', cidrs: ['10.0.0.0/8'], reason, ...change };
    await expect(nameNetwork(ctx, network)).rejects.toThrow(sentence);
  });

  test('whoever is no administrator, and a stale factor', async () => {
    const network = { name: 'New', cidrs: ['10.0.0.0/8'], reason };
    const viewer = { ...ctx, actor: actorOf({ roles: ['viewer'] }) };
    await expect(nameNetwork(viewer, network)).rejects.toMatchObject({ code: 'forbidden' });
    const stale = { ...ctx, actor: actorOf({}, { isFresh: false }) };
    await expect(nameNetwork(stale, network)).rejects.toMatchObject({ code: 'factor_needed' });
    const id = '01890000-0000-7000-8000-000000000000';
    const nowhere = { id, seenAt: new Date().toISOString(), reason };
    await expect(removeNetwork(viewer, nowhere)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(removeNetwork(ctx, nowhere)).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      changeNetwork(viewer, { ...nowhere, name: 'New', cidrs: ['10.0.0.0/8'] }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('one more than there may be', async () => {
    for (let n = (await list()).length; n < networksMax; n += 1)
      await nameNetwork(ctx, { name: `Network ${n}`, cidrs: [`10.0.${n}.0/24`], reason });
    await expect(
      nameNetwork(ctx, { name: 'One more', cidrs: ['10.0.0.0/8'], reason }),
    ).rejects.toThrow('50 networks at most');
  });
});
