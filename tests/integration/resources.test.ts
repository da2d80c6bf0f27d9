import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { noResourceView, type ResourceView } from '@/lib/resources/address';
import {
  changeResource,
  registerKnown,
  registerResource,
  registerResources,
  restoreResource,
  retireResource,
} from '@/lib/resources/mutations';
import { createType, removeType } from '@/lib/resources/own-types/mutations';
import { dismissProposal, proposeResource } from '@/lib/resources/proposals/mutations';
import { findResource, listResources, listTypes, listVersions } from '@/lib/resources/queries';
import { resourceIdOf } from '@/lib/resources/resource-id';
import { createZone, removeZone } from '@/lib/zones/mutations';
import { listZones } from '@/lib/zones/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addPerson, listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let gatewayDb: PrismaClient;
let owner: Pool;
let reader: Pool;
let ctx: RegistryCtx;
let person: string;
const now = new Date();
const reason = 'Looked at with the platform team';

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  gatewayDb = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 2 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
  person = await addPerson(owner, { name: 'Grace' });
  ctx = { db, actor: actorOf({ id: person }), scope: scopeOf(), now };
});
afterAll(async () => {
  await db.$disconnect();
  await gatewayDb.$disconnect();
  await Promise.all([owner.end(), reader.end()]);
  await database.drop();
});

const said = {
  ownerId: null,
  teamId: null,
  zoneId: null,
  purpose: '',
  tags: [],
  classification: null,
  trust: null,
  sideEffect: null,
  hostNames: [],
} as const;
const plain = { ...said, tags: [], hostNames: [] };
const found = async (id: string) => {
  const resource = await findResource(scopeOf(), id, now, reader);
  if (resource === null) throw new Error(`${id} is not there`);
  return resource;
};
const list = async (view: Partial<ResourceView>) =>
  (await listResources(scopeOf(), { ...noResourceView, ...view }, now, reader)).rows.map(
    ({ name }) => name,
  );

/** As the projection writes one that was acted on. */
async function observe(name: string, kind = 'tool'): Promise<string> {
  const id = resourceIdOf({ kind, name });
  await owner.query(
    `INSERT INTO resource (id, kind, name, created_at, changed_at) VALUES ($1, $2, $3, now(), now())`,
    [id, kind, name],
  );
  await owner.query(
    `INSERT INTO resource_seen VALUES ($1, 1, $2, 3, now() - interval '2 days', now(), now())`,
    [id, newId()],
  );
  return id;
}

test('a resource is registered, changed, retired and taken back, each a version and an entry', async () => {
  const id = await observe('send_money');
  const first = {
    ...plain,
    ownerId: person,
    classification: 'confidential',
    trust: 'untrusted',
    sideEffect: 'money',
    tags: ['payments', 'payments'],
    hostNames: ['API.Bank.example', 'münchen.example', '10.0.0.5'],
  } as const;
  await registerKnown(ctx, {
    id,
    attributes: { ...first, tags: [...first.tags], hostNames: [...first.hostNames] },
    reason,
  });
  const registered = await found(id);
  expect(registered).toMatchObject({
    state: 'registered',
    revision: 1,
    tags: ['payments'],
    hostNames: ['api.bank.example', 'xn--mnchen-3ya.example', '10.0.0.5'],
    owner: { name: 'Grace' },
  });
  await changeResource(ctx, {
    id,
    revision: 1,
    attributes: { ...plain, trust: 'sandbox' },
    reason,
  });
  await retireResource(ctx, { id, revision: 2, reason });
  await restoreResource(ctx, { id, revision: 3, reason });
  expect(await found(id)).toMatchObject({ state: 'registered', revision: 4, trust: 'sandbox' });
  const versions = await listVersions(scopeOf(), id, reader);
  expect(versions.map(({ revision, by, attributes }) => [revision, by, attributes.state])).toEqual([
    [4, 'Grace', 'registered'],
    [3, 'Grace', 'retired'],
    [2, 'Grace', 'registered'],
    [1, 'Grace', 'registered'],
  ]);
  const entries = await listControl(owner, [
    'resource_registered',
    'resource_changed',
    'resource_retired',
    'resource_restored',
  ]);
  expect(entries.map(({ kind }) => kind)).toEqual([
    'resource_registered',
    'resource_changed',
    'resource_retired',
    'resource_restored',
  ]);
  expect(entries[1]?.facts).toMatchObject({
    resource: id,
    reason,
    before: { trust: 'untrusted' },
    after: { trust: 'sandbox' },
  });
});

test('a further name means the same resource, and is free again once it is taken away', async () => {
  const [id, alias] = [await observe('gpt', 'model'), await observe('gpt-2026', 'model')];
  await registerKnown(ctx, {
    id,
    names: ['gpt-2026', 'gpt-never-seen'],
    attributes: plain,
    reason,
  });
  expect((await found(alias)).id).toBe(id);
  expect(await list({ type: 'model' })).toEqual(['gpt']);
  expect(await list({ type: 'model', q: '2026' })).toEqual(['gpt']);
  await expect(registerKnown(ctx, { id: alias, attributes: plain, reason })).rejects.toThrow(
    'a further name of another',
  );
  const other = await observe('other', 'model');
  await expect(
    registerKnown(ctx, { id: other, names: ['gpt-2026'], attributes: plain, reason }),
  ).rejects.toThrow('gpt-2026 means gpt already');
  await changeResource(ctx, { id, revision: 1, names: [], attributes: plain, reason });
  expect(await list({ type: 'model' })).toEqual(['gpt', 'gpt-2026', 'other']);
});

test('several observed ones are registered with the same attributes, all or none', async () => {
  const ids = [await observe('bulk a'), await observe('bulk b')];
  await registerResource(ctx, { kind: 'tool', name: 'bulk c', attributes: plain, reason });
  const taken = resourceIdOf({ kind: 'tool', name: 'bulk c' });
  const attributes = { ...plain, classification: 'public' as const };
  await expect(
    registerResources(ctx, { ids: [...ids, taken], attributes, reason }),
  ).rejects.toThrow('bulk c is registered already');
  expect(await list({ q: 'bulk', state: 'observed' })).toEqual(['bulk a', 'bulk b']);
  expect(await registerResources(ctx, { ids, attributes, reason })).toBe(2);
  expect(await list({ q: 'bulk', classification: 'public' })).toEqual(['bulk a', 'bulk b']);
});

test('of two who change a resource at once, one is told and overwrites nothing', async () => {
  const id = await registerResource(ctx, {
    kind: 'tool',
    name: 'raced',
    attributes: plain,
    reason,
  });
  const change = (purpose: string) =>
    changeResource(ctx, { id, revision: 1, attributes: { ...plain, purpose }, reason });
  const results = await Promise.allSettled([change('one'), change('other')]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(change('late')).rejects.toThrow('Somebody else changed this resource');
});

test('of two who register the same at once, one does', async () => {
  const register = () =>
    registerResource(ctx, { kind: 'dataset', name: 'customers', attributes: plain, reason });
  const results = await Promise.allSettled([register(), register()]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a zone in which a resource lives stays, and says which', async () => {
  await createZone(ctx, { name: 'Vault', kind: 'data', environment: 'production', reason });
  const zone = (await listZones(scopeOf(), reader)).find(({ name }) => name === 'Vault');
  if (zone === undefined) throw new Error('it is not there');
  await registerResource(ctx, {
    kind: 'data_source',
    name: 'ledger',
    attributes: { ...plain, zoneId: zone.id },
    reason,
  });
  await expect(
    removeZone(ctx, { id: zone.id, seenAt: zone.changedAt.toISOString(), reason }),
  ).rejects.toThrow('In this zone lives 1 resource (ledger). Move it to another first.');
  expect(await list({ zone: zone.id })).toEqual(['ledger']);
});

test('a machine proposes and registers nothing; a person accepts or dismisses', async () => {
  const machine = {
    db: gatewayDb,
    actor: {
      kind: 'machine' as const,
      id: newId(),
      scopes: ['registry:write' as const],
      address: '192.0.2.9',
    },
    now,
  };
  const attributes = { ...plain, trust: 'trusted' as const };
  const id = await proposeResource(machine, { kind: 'tool', name: 'proposed', attributes, reason });
  expect(await found(id)).toMatchObject({ state: 'proposed', trust: null, hasProposal: true });
  await expect(
    registerResource(machine, { kind: 'tool', name: 'x', attributes, reason }),
  ).rejects.toThrow('No API key may do this');
  await registerKnown(ctx, { id, attributes, reason });
  expect(await found(id)).toMatchObject({ state: 'registered', hasProposal: false });
  const seen = await observe('proposed for');
  await proposeResource(machine, { kind: 'tool', name: 'proposed for', attributes, reason });
  await dismissProposal(ctx, { id: seen, reason });
  expect(await found(seen)).toMatchObject({ state: 'observed', hasProposal: false });
  const only = await proposeResource(machine, { kind: 'tool', name: 'only', attributes, reason });
  await dismissProposal(ctx, { id: only, reason });
  expect(await findResource(scopeOf(), only, now, reader)).toBeNull();
  const entries = await listControl(owner, ['resource_proposed']);
  expect(entries[0]?.facts).toMatchObject({ by: `api_key:${machine.actor.id}`, name: 'proposed' });
});

test("the gateway's login makes nothing registered, whatever it was made to do", async () => {
  const id = resourceIdOf({ kind: 'tool', name: 'by gateway' });
  const row = { id, kind: 'tool', name: 'by gateway', createdAt: now, changedAt: now };
  await expect(
    gatewayDb.resource.create({ data: { ...row, state: 'registered' } }),
  ).rejects.toThrow('registers nothing');
  await expect(gatewayDb.resource.create({ data: { ...row, trust: 'trusted' } })).rejects.toThrow(
    'registers nothing',
  );
});

test('a type of the own organisation is made, used, and goes when nothing is of it', async () => {
  await createType(ctx, { name: 'message_queue', label: 'Message queue', reason });
  await registerResource(ctx, { kind: 'message_queue', name: 'orders', attributes: plain, reason });
  await expect(removeType(ctx, { name: 'message_queue', reason })).rejects.toThrow(
    'One resource is of this type',
  );
  await createType(ctx, { name: 'printer', label: 'Printer', reason });
  await removeType(ctx, { name: 'printer', reason });
  await expect(removeType(ctx, { name: 'model', reason })).rejects.toThrow(
    'no such type of your own',
  );
  const types = await listTypes(scopeOf(), noResourceView, reader);
  expect(types.filter(({ isOwn }) => isOwn)).toEqual([
    { name: 'message_queue', label: 'Message queue', isOwn: true, resources: 1 },
  ]);
});

test('lists page by name and narrow by what nobody said', async () => {
  await owner.query(
    `INSERT INTO resource (id, kind, name, created_at, changed_at)
     SELECT resource_id('endpoint', 'host ' || n), 'endpoint', 'host ' || n, now(), now() FROM generate_series(100, 350) n`,
  );
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page = await listResources(
      scopeOf(),
      { ...noResourceView, type: 'endpoint', after },
      now,
      reader,
    );
    names.push(...page.rows.map(({ name }) => name));
    after = page.next;
  } while (after !== null);
  expect(names).toEqual(Array.from({ length: 251 }, (_, n) => `host ${n + 100}`));
  expect(await list({ q: 'send_money', trust: 'unsaid' })).toEqual([]);
  expect(await list({ q: '100%' })).toEqual([]);
});

describe('refuses', () => {
  const refused = async (over: object, sentence: string) => {
    const input = { kind: 'tool', name: 'refused', attributes: { ...plain, ...over }, reason };
    await expect(registerResource(ctx, input as never)).rejects.toThrow(sentence);
    expect(await list({ q: 'refused' })).toEqual([]);
  };
  test.each([
    ['a scheme', { hostNames: ['https://a.example'] }, 'is no host name'],
    ['a port', { hostNames: ['a.example:443'] }, 'is no host name'],
    ['a user', { hostNames: ['a@b.example'] }, 'is no host name'],
    ['a name that leads with a dash', { hostNames: ['-a.example'] }, 'is no host name'],
    [
      'many host names',
      { hostNames: Array.from({ length: 51 }, (_, n) => `h${n}.example`) },
      '50 host names',
    ],
    ['a classification that is none', { classification: 'top' }, 'A classification is one of'],
    ['an owner who is nobody', { ownerId: newId() }, 'no such person'],
    ['a team that is none', { teamId: newId() }, 'no such team'],
    ['a zone that is none', { zoneId: newId() }, 'no such zone'],
    ['an invisible tag', { tags: ['a\u200b'] }, 'visible characters'],
  ])('%s', (_, over, sentence) => refused(over, sentence));

  test('whoever is no administrator, and a type that is none', async () => {
    const analyst = { ...ctx, actor: actorOf({ id: person, roles: ['analyst'] }) };
    const input = { kind: 'tool', name: 'refused', attributes: plain, reason };
    await expect(registerResource(analyst, input)).rejects.toThrow('Only an administrator');
    await expect(registerResource(ctx, { ...input, kind: 'nothing' })).rejects.toThrow(
      'no such type',
    );
  });
});

/** As the projection writes one that was offered to a model, and never called. */
async function offer(name: string, kind = 'tool'): Promise<string> {
  const id = resourceIdOf({ kind, name });
  await owner.query(
    `INSERT INTO resource (id, kind, name, created_at, changed_at) VALUES ($1, $2, $3, now(), now()) ON CONFLICT DO NOTHING`,
    [id, kind, name],
  );
  await owner.query(
    `INSERT INTO resource_definition (id, resource_id, digest, bytes, first_at, last_on, source_received_at, source_shard,
       source_position) VALUES ($1, $2, sha256($3), 9, now(), now()::date, now(), 1, 1)`,
    [newId(), id, Buffer.from(id)],
  );
  return id;
}

test('what is only offered is observed again: as a name no longer a further one, and undone as a proposal', async () => {
  const [id, alias] = [await observe('mailer'), await offer('mailer_v2')];
  await registerKnown(ctx, { id, names: ['mailer_v2'], attributes: plain, reason });
  await changeResource(ctx, { id, revision: 1, names: [], attributes: plain, reason });
  expect(await found(alias)).toMatchObject({ id: alias, state: 'observed' });
  await proposeResource(ctx, { kind: 'tool', name: 'offered', attributes: plain, reason });
  const offered = await offer('offered');
  await dismissProposal(ctx, { id: offered, reason });
  expect(await found(offered)).toMatchObject({ state: 'observed', proposal: null });
});

test('of those who propose for one new name at once all are heard, and the newest stands', async () => {
  const propose = (_: unknown, name: number) =>
    proposeResource(ctx, {
      kind: 'tool',
      name: `two ${Math.floor(name / 3)}`,
      attributes: plain,
      reason,
    });
  const ids = await Promise.all(Array.from({ length: 12 }, propose));
  expect(new Set(ids).size).toBe(4);
  expect(await list({ q: 'two', state: 'proposed' })).toHaveLength(4);
});
