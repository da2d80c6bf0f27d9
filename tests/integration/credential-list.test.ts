import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool, type Queryable } from '@/lib/db/pool';
import {
  type CredentialCursor,
  type CredentialFilter,
  credentialNeeds,
  emptyCredentialFilter,
} from '@/lib/identities/credentials/address';
import {
  countCredentialBoard,
  countCredentials,
  findCredential,
  listCredentials,
  listCredentialsOf,
} from '@/lib/identities/credentials/queries';
import { furtherNetworks } from '@/lib/identities/credentials/used-from';
import { noteCredentialUsed } from '@/lib/identities/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway } from '../support/gateway';
import { scopeOf } from '../support/people';
import { believeAnchor } from '../support/registry';

let database: TestDatabase;
let owner: Pool;
let db: Pool;
const scope = scopeOf();
const now = new Date();
const day = 86_400_000;
const at = (days: number) => new Date(now.getTime() + days * day);

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  db = createPool(database.consoleUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await Promise.all([owner.end(), db.end()]);
  await database.drop();
});

async function identity(name: string): Promise<string> {
  const id = newId();
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'agent', $2, '{}', 'active', now())`,
    [id, name],
  );
  return id;
}

async function key(
  identityId: string,
  change: {
    made?: Date;
    ends?: Date;
    used?: Date;
    revoked?: Date;
    replaces?: string;
    kind?: 'public_key' | 'ingest_key';
  } = {},
): Promise<string> {
  const id = newId();
  const kind = change.kind ?? 'public_key';
  await owner.query(
    `INSERT INTO credential (id, identity_id, kind, hint, hash, subject, rule, created_at, expires_at, last_used_at, revoked_at, replaces_id)
     VALUES ($1, $2, $3, 'hint', $9, $10, '{"jwk":{}}', $4, $5, $6, $7, $8)`,
    [
      id,
      identityId,
      kind,
      change.made ?? at(-1),
      change.ends ?? at(60),
      change.used ?? null,
      change.revoked ?? null,
      change.replaces ?? null,
      kind === 'ingest_key' ? createHash('sha256').update(id).digest() : null,
      kind === 'ingest_key' ? null : id,
    ],
  );
  return id;
}

const used = (id: string, network: string, first: Date, last = first) =>
  owner.query('INSERT INTO credential_use VALUES ($1, $2, $3, $4)', [id, network, first, last]);

const list = async (filter: Partial<CredentialFilter>, of = scope) =>
  (
    await listCredentials(
      of,
      { filter: { ...emptyCredentialFilter(), ...filter }, cursor: null, now },
      db,
    )
  ).credentials;

describe('the board', () => {
  test('counts what wants attention, and each figure leads to exactly those', async () => {
    const id = await identity('board');
    const old = await key(id, { ends: at(3) });
    await key(id, { ends: at(300), replaces: old });
    await key(id, { ends: at(20) });
    await key(id, { ends: at(80), kind: 'ingest_key' });
    const unused = await key(id, { made: at(-200), ends: at(100), used: at(-95) });
    const moved = await key(id, { ends: at(200), used: at(0) });
    await used(moved, 'Cluster A', at(-30));
    await used(moved, '192.0.2.0/24', at(-1));
    // Never used elsewhere a day before: it is new itself.
    const young = await key(id, { ends: at(200) });
    await used(young, 'Cluster A', at(-2));
    await used(young, '198.51.100.0/24', at(-1.5));
    await key(id, { ends: at(-1), made: at(-30) });
    await key(id, { ends: at(5), revoked: at(-0.5) });

    const board = await countCredentialBoard(scope, now, db);
    expect(board).toEqual({
      ends: {
        '7': { all: 1, replaced: 1 },
        '30': { all: 2, replaced: 1 },
        '90': { all: 3, replaced: 1 },
      },
      unused: 1,
      newNetwork: 1,
      bearer: 1,
    });
    const listed = await Promise.all(
      credentialNeeds.map(async (needs) => (await list({ needs })).length),
    );
    expect(listed).toEqual([1, 2, 3, 1, 1, 1]);
    expect((await list({ needs: 'unused' }))[0]?.id).toBe(unused);
    expect((await list({ needs: 'new_network' }))[0]).toMatchObject({
      id: moved,
      lastNetwork: '192.0.2.0/24',
    });
    expect((await list({ needs: 'ends7' }))[0]).toMatchObject({ state: 'lapsing' });
    expect(await list({ state: 'expired' })).toMatchObject([{ state: 'expired' }]);
    expect(await list({ state: 'revoked' })).toMatchObject([{ state: 'revoked' }]);
    expect(await list({ state: 'all' })).toHaveLength(9);
    const narrow = scopeOf({ reach: 'teams', teams: [] });
    expect(await list({}, narrow)).toEqual([]);
    expect(await listCredentialsOf(scope, { identity: id, now }, db)).toHaveLength(9);
    const detail = await findCredential(scope, { id: moved, now }, db);
    expect(detail?.uses).toMatchObject([
      { network: '192.0.2.0/24', isNew: true },
      { network: 'Cluster A', isNew: false },
    ]);
    expect(detail?.others).toBe(6);
    await owner.query('DELETE FROM credential_use');
    await owner.query('DELETE FROM credential WHERE replaces_id IS NOT NULL');
    await owner.query('DELETE FROM credential');
  });

  test('what an authority vouched for that is believed no more says so', async () => {
    const id = await identity('unbelieved');
    const anchor = await believeAnchor(owner);
    await owner.query(
      `INSERT INTO credential (id, identity_id, kind, hint, subject, anchor_id, rule, created_at, expires_at)
       VALUES ($1, $2, 'certificate', '', 'subject:CN=a', $3, '{}', now(), now() + interval '9 days')`,
      [newId(), id, anchor],
    );
    expect(await list({ identity: id })).toMatchObject([
      { state: 'active', by: { what: 'anchor', name: 'Workloads' }, shows: 'subject:CN=a' },
    ]);
    await owner.query('UPDATE trust_anchor SET revoked_at = now()');
    expect(await list({ identity: id })).toMatchObject([{ state: 'unbelieved' }]);
    await owner.query('DELETE FROM credential');
  });
});

describe('10,000 credentials', () => {
  beforeAll(async () => {
    await owner.query(
      `INSERT INTO identity (id, kind, name, names, state, created_at)
       SELECT gen_random_uuid(), 'agent', 'many-' || n, '{}', 'active', now() FROM generate_series(1, 500) n`,
    );
    await owner.query('ALTER TABLE credential DISABLE TRIGGER credential_subject_is_its_own');
    await owner.query(
      `INSERT INTO credential (id, identity_id, kind, hint, subject, rule, created_at, expires_at, revoked_at)
       SELECT gen_random_uuid(), i.id, 'public_key', '', gen_random_uuid()::text, '{}', now() - interval '1 day',
         now() + (1 + n * 10 + (random() * 20)::int) * interval '1 day', CASE WHEN random() < 0.1 THEN now() END
       FROM identity i, generate_series(1, 20) n WHERE i.name LIKE 'many-%'`,
    );
    await owner.query('ALTER TABLE credential ENABLE TRIGGER credential_subject_is_its_own');
    await owner.query(
      `INSERT INTO credential_use SELECT id, 'Cluster A', now() - interval '9 days', now() FROM credential`,
    );
    await owner.query('ANALYZE');
  }, 60_000);

  test('pages forwards and back without losing or repeating one', async () => {
    const filter = { ...emptyCredentialFilter(), q: 'many-12' };
    const { count } = await countCredentials(scope, { filter, now }, db);
    const seen: string[] = [];
    const pages: string[][] = [];
    let cursor: CredentialCursor | null = null;
    do {
      const page = await listCredentials(scope, { filter, cursor, now }, db);
      const ids: string[] = page.credentials.map(({ id }) => id);
      pages.push(ids);
      seen.push(...ids);
      cursor = page.after;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(count);
    expect(pages.length).toBeGreaterThan(2);
    const second = pages[1] ?? [];
    const last = await listCredentials(scope, { filter, cursor: null, now }, db);
    const forward = await listCredentials(scope, { filter, cursor: last.after, now }, db);
    expect(forward.credentials.map(({ id }) => id)).toEqual(second);
    const back = await listCredentials(scope, { filter, cursor: forward.before, now }, db);
    expect(back.credentials.map(({ id }) => id)).toEqual(pages[0]);
    expect(back.before).toBeNull();
  });

  test.each<[string, Partial<CredentialFilter>]>([
    ['no filter', {}],
    ['a search that finds few', { q: 'many-471' }],
    ['a search that finds nothing', { q: 'nobody at all' }],
    ['all of them', { state: 'all' }],
    ['revoked ones', { state: 'revoked' }],
    ['a class', { class: ['held'] }],
    ['a new network', { needs: 'new_network' }],
    ['those that end soon', { needs: 'ends30' }],
  ])('are listed, counted and told of on the board within 100 ms: %s', async (_what, over) => {
    const filter = { ...emptyCredentialFilter(), ...over };
    const spent: number[] = [];
    // What the server itself spends: a busy machine is nobody's plan.
    const explained: Queryable = {
      query: async (text, values) => {
        const { rows } = await owner.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [
          ...(values ?? []),
        ]);
        spent.push(rows[0]['QUERY PLAN'][0]['Execution Time']);
        return db.query(text, [...(values ?? [])]);
      },
    };
    await listCredentials(scope, { filter, cursor: null, now }, explained);
    await countCredentials(scope, { filter, now }, explained);
    await countCredentialBoard(scope, now, explained);
    expect(spent).toHaveLength(3);
    expect(Math.max(...spent)).toBeLessThan(100);
  });
});

describe('use', () => {
  const noted = async (id: string) =>
    (
      await owner.query<{ network: string }>(
        `SELECT u.network FROM credential_use u JOIN credential c ON c.id = u.credential_id
         WHERE c.identity_id = $1 ORDER BY u.network`,
        [id],
      )
    ).rows.map(({ network }) => network);

  test('a gateway notes from which network a credential was used, by its name where it has one', async () => {
    const gateway = await startGateway(database);
    const { id, key: secret } = await registerReporter(owner);
    await postTraces(gateway.url, secret, '{"resourceSpans":[]}');
    await expect.poll(() => noted(id)).toEqual(['127.0.0.0/24']);
    await owner.query(
      `INSERT INTO network (id, name, cidrs, changed_at) VALUES ($1, 'This machine', '{127.0.0.0/8}', now())`,
      [newId()],
    );
    await setTimeout(300);
    await postTraces(gateway.url, secret, '{"resourceSpans":[]}');
    await expect.poll(() => noted(id)).toEqual(['127.0.0.0/24', 'This machine']);
    await gateway.close();
  });

  test('whoever has a key makes no more rows than fifty and one', async () => {
    const gateway = createPool(database.gatewayUrl, { applicationName: 'tests' });
    const { id } = await registerReporter(owner);
    const { rows } = await owner.query<{ id: string }>(
      'SELECT id FROM credential WHERE identity_id = $1',
      [id],
    );
    for (let n = 0; n < 60; n += 1)
      await noteCredentialUsed(gateway, rows[0]?.id ?? '', `10.0.${n}.0/24`);
    await noteCredentialUsed(gateway, rows[0]?.id ?? '', '10.0.1.0/24');
    const networks = await noted(id);
    expect(networks).toHaveLength(51);
    expect(networks).toContain(furtherNetworks);
    await gateway.end();
  });
});
