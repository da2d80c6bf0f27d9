import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool } from '@/lib/db/pool';
import { listAnchors } from '@/lib/identities/anchors/queries';
import { believedText } from '@/lib/identities/credentials/live';
import {
  countCredentialBoard,
  findCredential,
  findIdentityNamed,
} from '@/lib/identities/credentials/queries';
import { drillStop } from '@/lib/identities/drill/queries';
import { listForeignSecrets } from '@/lib/identities/foreign-secrets/queries';
import { listIssuers } from '@/lib/identities/issuers/queries';
import { getIdentity, listIdentities } from '@/lib/identities/registry/queries';
import { listTrustFacts } from '@/lib/identities/trust/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { scopeOf } from '../support/people';
import { believeAnchor, believeIssuer } from '../support/registry';

let database: TestDatabase;
let owner: Pool;
let db: Pool;
let anchor: string;
let issuer: string;
let id: string;
const now = new Date();
const scope = scopeOf();
const nobody = scopeOf({ reach: 'teams', teams: [] });

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  db = createPool(database.consoleUrl, { applicationName: 'tests' });
  [anchor, issuer] = await Promise.all([believeAnchor(owner), believeIssuer(owner)]);
  id = await identity('returns');
  await credential('certificate', 'subject:CN=a', { anchor });
  await credential('federated', '{}', { issuer });
});
afterAll(async () => {
  await Promise.all([owner.end(), db.end()]);
  await database.drop();
});

async function identity(name: string, state = 'active'): Promise<string> {
  const made = newId();
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'agent', $2, '{}', $3, now())`,
    [made, name, state],
  );
  return made;
}

const credential = (
  kind: string,
  subject: string,
  by: { anchor?: string; issuer?: string } = {},
  of = id,
) =>
  owner.query(
    `INSERT INTO credential (id, identity_id, kind, hint, subject, anchor_id, issuer_id, rule, created_at, expires_at)
     VALUES (gen_random_uuid(), $1, $2, '', $3, $4, $5, '{}', now(), now() + interval '3 days')`,
    [of, kind, subject, by.anchor ?? null, by.issuer ?? null],
  );

const told = async () => {
  const [identityNow, [facts], [drill], board, assured] = await Promise.all([
    getIdentity(scope, { id, now }, db),
    listTrustFacts(db, now, { id }),
    drillStop(scope, { ids: [id], now }, db),
    countCredentialBoard(scope, now, db),
    listIdentities(
      scope,
      {
        filter: { assurance: [1, 2] },
        sort: { by: 'name', isDescending: false },
        cursor: null,
        now,
      },
      db,
    ),
  ]);
  return {
    row: identityNow.credentials.classes,
    trust: [...(facts?.classes ?? [])].sort(),
    drill: drill?.credentials.map(({ kind }) => kind),
    board: board.ends['7'].all,
    assured: assured.rows.length,
  };
};

// What is shown as proof and is refused by every gateway would hide that an identity cannot prove itself.
test('a credential proves nothing anywhere once its authority or issuer is believed no more', async () => {
  expect(await told()).toEqual({
    ...{ row: ['held', 'vouched'], trust: ['held', 'vouched'], board: 2, assured: 1 },
    drill: ['certificate', 'federated'],
  });
  await owner.query('UPDATE trust_anchor SET revoked_at = now() WHERE id = $1', [anchor]);
  expect(await told()).toEqual({
    ...{ row: ['vouched'], trust: ['vouched'], board: 1, assured: 1 },
    drill: ['federated'],
  });
  await owner.query('UPDATE token_issuer SET revoked_at = now() WHERE id = $1', [issuer]);
  expect(await told()).toEqual({ row: [], trust: [], board: 0, assured: 0, drill: [] });
  const { rows } = await owner.query<{ id: string }>('SELECT id FROM credential LIMIT 1');
  expect(await findCredential(scope, { id: rows[0]?.id ?? '', now }, db)).toMatchObject({
    ...{ state: 'unbelieved', others: 0 },
  });
});

test('the development authority counts as revoked where it is off', async () => {
  const of = await identity('tried');
  await owner.query(
    `INSERT INTO data_key (id, purpose, wrapped, kek_id, created_at) VALUES ($1, 'test', '\\x00', 'test', now())`,
    [of],
  );
  const { rows: made } = await owner.query<{ id: string }>(
    `INSERT INTO trust_anchor (id, kind, name, trust_domain, certificates, sealed_key, key_id, created_at, changed_at)
     VALUES (gen_random_uuid(), 'development', 'Development authority', 'dev', $1, '\\x00', $2, now(), now()) RETURNING id`,
    [[Buffer.from('der')], of],
  );
  await credential('x509_svid', 'spiffe://dev/tried', { anchor: made[0]?.id ?? '' }, of);
  const believed = async (isOn: boolean) =>
    (
      await db.query(
        `SELECT FROM credential c WHERE c.identity_id = $1 AND ${believedText('c', isOn)}`,
        [of],
      )
    ).rowCount;
  expect([await believed(true), await believed(false)]).toEqual([1, 0]);
});

test('whom an authority or issuer vouches for, and who shares a secret, is counted as far as is seen', async () => {
  const counts = async (by: typeof scope) =>
    [
      (await listAnchors(by, now, db)).find((each) => each.id === anchor),
      (await listIssuers(by, now, db)).find((each) => each.id === issuer),
    ].map((each) => [each?.credentials, each?.identities]);
  expect(await counts(scope)).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(await counts(nobody)).toEqual([
    [0, 0],
    [0, 0],
  ]);

  const team = newId();
  await owner.query(`INSERT INTO team (id, name, created_at) VALUES ($1, 'Shop', now())`, [team]);
  await owner.query('UPDATE identity SET team_id = $1 WHERE id = $2', [team, id]);
  const fingerprint = randomBytes(32);
  for (const of of [id, await identity('elsewhere')])
    await owner.query(
      `INSERT INTO foreign_secret (id, identity_id, issuer, label, fingerprint, made_at, due_at, created_at, changed_at)
       VALUES (gen_random_uuid(), $1, 'Payments', 'key', $2, now(), now() + interval '9 days', now(), now())`,
      [of, fingerprint],
    );
  const shared = async (by: typeof scope) =>
    (await listForeignSecrets(by, { identity: id, now }, db)).map(({ sharedBy }) => sharedBy);
  expect(await shared(scope)).toEqual([1]);
  expect(await shared(scopeOf({ reach: 'teams', teams: [team] }))).toEqual([0]);
});

test('a name means whoever has it now, not who had it before', async () => {
  await identity('again', 'decommissioned');
  const current = await identity('again');
  expect(await findIdentityNamed(scope, 'again', db)).toBe(current);
  await identity('gone', 'decommissioned');
  expect(await findIdentityNamed(scope, 'gone', db)).toBeNull();
});
