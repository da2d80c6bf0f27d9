import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter } from '../support/gateway';

/** If one of these went through, whoever takes over a process could undo a stop, or make one impossible. */
let database: TestDatabase;
let owner: Pool;
let logins: Record<'gateway' | 'worker' | 'console', Pool>;
let id: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const open = (url: string) => createPool(url, { applicationName: 'tests', max: 2 });
  owner = open(database.migratorUrl);
  logins = {
    gateway: open(database.gatewayUrl),
    worker: open(database.workerUrl),
    console: open(database.consoleUrl),
  };
});
beforeEach(async () => {
  id = (await registerReporter(owner, { kind: 'service' })).id;
});
afterAll(async () => {
  await Promise.all(Object.values(logins).map((login) => login.end()));
  await owner.end();
  await database.drop();
});

const insertIdentity = `INSERT INTO identity (id, kind, name, names, created_at, state`;

type Attempt = [login: keyof typeof logins, what: string, sql: string, says: string];
/** `$1` is an active identity, `$2` an id of nobody, `$3` a proposed identity with a version. */
const attempts: Attempt[] = [
  ...(['gateway', 'console'] as const).flatMap((login): Attempt[] => [
    [
      login,
      'un-revoke a credential',
      'UPDATE credential SET revoked_at = NULL WHERE identity_id = $1',
      'stays revoked',
    ],
    [
      login,
      'say another reason for what was revoked',
      `UPDATE credential SET revoked_reason = 'none' WHERE identity_id = $1`,
      'stays revoked',
    ],
  ]),
  [
    'console',
    'believe an authority again',
    'UPDATE trust_anchor SET revoked_at = NULL',
    'stays revoked',
  ],
  [
    'console',
    'believe an issuer again',
    'UPDATE token_issuer SET revoked_at = NULL',
    'stays revoked',
  ],
  ...(['gateway', 'worker', 'console'] as const).flatMap((login): Attempt[] => [
    [
      login,
      'use up the revisions of an identity',
      'UPDATE identity SET revision = 2147483647 WHERE id = $1',
      'follow each other',
    ],
    [
      login,
      'count a revision down',
      'UPDATE identity SET revision = 1 WHERE id = $3',
      'follow each other',
    ],
    [
      login,
      'write a version ahead',
      `INSERT INTO identity_version (identity_id, revision, attributes, at, by) VALUES ($1, 2, '{}', now(), 'rule')`,
      'the present revision',
    ],
  ]),
  [
    'worker',
    'trust at once',
    `UPDATE identity SET trust = 'trusted' WHERE id = $1`,
    'a level at a time',
  ],
  [
    'worker',
    'trust what nobody accepted',
    `UPDATE identity SET trust = 'probation' WHERE id = $3`,
    'a level at a time',
  ],
  [
    'gateway',
    'trust',
    `UPDATE identity SET trust = 'probation' WHERE id = $1`,
    'permission denied',
  ],
  ...[
    `kind = 'agent'`,
    `name = 'other'`,
    `names = '{other}'`,
    'owner_id = NULL',
    'sponsor_id = NULL',
    'team_id = NULL',
    'zone_id = NULL',
    'acts_for_all = true',
    `acts_for_people = '{}'`,
    `acts_for_teams = '{}'`,
    `expects = '{}'`,
  ].map(
    (change): Attempt => [
      'gateway',
      `change ${change}`,
      `UPDATE identity SET ${change} WHERE id = $1`,
      'permission denied',
    ],
  ),
  [
    'gateway',
    'decommission',
    `UPDATE identity SET state = 'decommissioned' WHERE id = $1`,
    'suspends what is active',
  ],
  [
    'gateway',
    'suspend what nobody accepted',
    `UPDATE identity SET state = 'suspended' WHERE id = $3`,
    'suspends what is active',
  ],
  ...['active', 'suspended', 'decommissioned'].map(
    (state): Attempt => [
      'gateway',
      `register one that is ${state}`,
      `${insertIdentity}) VALUES ($2, 'agent', 'new', '{}', now(), '${state}')`,
      state === 'active' ? 'makes no identity active' : 'proposes identities only',
    ],
  ),
  [
    'gateway',
    'propose one that is trusted',
    `${insertIdentity}, trust) VALUES ($2, 'agent', 'new', '{}', now(), 'proposed', 'trusted')`,
    'proposes identities only',
  ],
  [
    'gateway',
    'propose one at its last revision',
    `${insertIdentity}, revision) VALUES ($2, 'agent', 'new', '{}', now(), 'proposed', 2147483647)`,
    'follow each other',
  ],
  ...['$1', '$3'].map(
    (reporter): Attempt => [
      'gateway',
      `let ${reporter === '$1' ? 'an active one' : 'one that was proposed before'} report for another`,
      `INSERT INTO identity_reports_for (reporter_id, identity_id) VALUES (${reporter}, $1)`,
      'lets nobody report',
    ],
  ),
  [
    'gateway',
    'let an identity report no more',
    'DELETE FROM identity_reports_for WHERE reporter_id = $1',
    'permission denied',
  ],
];

test.each(attempts)('the login of the %s is refused to %s', async (login, _what, sql, says) => {
  await owner.query(
    `UPDATE credential SET revoked_at = now(), revoked_reason = 'It leaked' WHERE identity_id = $1`,
    [id],
  );
  await owner.query(
    `INSERT INTO trust_anchor (id, kind, name, certificates, created_at, changed_at, revoked_at)
     VALUES ($1, 'ca', 'Gone', '{}', now(), now(), now())`,
    [newId()],
  );
  await owner.query(
    `INSERT INTO token_issuer (id, name, issuer, jwks, created_at, changed_at, revoked_at)
     VALUES ($1, 'Gone', 'https://gone.example', '{}', now(), now(), now())`,
    [newId()],
  );
  const { id: proposed } = await registerReporter(owner, { kind: 'service', state: 'proposed' });
  await owner.query('UPDATE identity SET revision = 4 WHERE id = $1', [proposed]);
  await owner.query(
    `INSERT INTO identity_version (identity_id, revision, attributes, at, by) VALUES ($1, 4, '{}', now(), 'rule')`,
    [proposed],
  );
  const values = [id, newId(), proposed];
  const used = values.filter((_, index) => sql.includes(`$${index + 1}`));
  const numbered = values.reduce(
    (text, value, index) => text.replaceAll(`$${index + 1}`, `#${used.indexOf(value) + 1}`),
    sql,
  );
  await expect(logins[login].query(numbered.replaceAll('#', '$'), used)).rejects.toMatchObject({
    code: '42501',
    message: expect.stringContaining(says),
  });
});

describe('the process itself still', () => {
  test('revokes, stops, describes and counts', async () => {
    const { gateway, worker } = logins;
    await gateway.query(
      `UPDATE credential SET revoked_at = now(), revoked_reason = 'x' WHERE identity_id = $1`,
      [id],
    );
    await gateway.query('UPDATE credential SET last_used_at = now() WHERE identity_id = $1', [id]);
    await worker.query(
      `UPDATE identity SET trust = 'probation', revision = revision + 1 WHERE id = $1`,
      [id],
    );
    await gateway.query(
      `UPDATE identity SET state = 'suspended', revision = revision + 1, tags = '{a}', purpose = 'b' WHERE id = $1`,
      [id],
    );
    await gateway.query(
      `INSERT INTO identity_version (identity_id, revision, attributes, at, by) VALUES ($1, 3, '{}', now(), 'rule')`,
      [id],
    );
  });
});

describe('a data key', () => {
  const add = (login: keyof typeof logins, purpose: string, kek: string) =>
    logins[login].query(
      `INSERT INTO data_key (id, purpose, wrapped, kek_id, created_at) VALUES ($1, $2, '', $3, now())`,
      [newId(), purpose, kek],
    );

  test('is of its process, and wrapped as those that there are', async () => {
    await expect(add('worker', 'definition', 'kek')).rejects.toThrow('by another key');
    await add('gateway', 'body', 'kek');
    await add('gateway', 'body', 'kek');
    await add('worker', 'definition', 'kek');
    await expect(add('gateway', 'body', 'jam')).rejects.toThrow('by another key');
    await expect(add('worker', 'definition', 'jam')).rejects.toThrow('by another key');
    for (const purpose of ['record', 'webhook', 'definition'])
      await expect(add('gateway', purpose, 'kek')).rejects.toThrow('no data key for this');
    for (const purpose of ['record', 'webhook', 'body'])
      await expect(add('worker', purpose, 'kek')).rejects.toThrow('no data key for this');
    await add('console', 'record', 'kek');
  });
});
