import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROCESS_ROLES } from '@/lib/db/logins';
import { createConnection, createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** If one of these went through, whoever takes over a process could rewrite what happened. */
const attempts: Record<string, string> = {
  'change an entry': `UPDATE log_entry SET leaf = ''::bytea`,
  'change a fact': `UPDATE interaction SET name = 'x'`,
  'change a measurement': `UPDATE measurement SET name = 'x'`,
  'delete a measurement': 'DELETE FROM measurement',
  'truncate measurements': 'TRUNCATE measurement',
  'change a control event': `UPDATE control_event SET facts = '{}'`,
  'change a body': `UPDATE body SET content = ''::bytea`,
  'delete an entry': 'DELETE FROM log_entry',
  'delete a fact': 'DELETE FROM interaction',
  'delete a control event': 'DELETE FROM control_event',
  'delete a body': 'DELETE FROM body',
  'truncate entries': 'TRUNCATE log_entry',
  'truncate facts': 'TRUNCATE interaction, control_event, body',
  'truncate a partition': 'TRUNCATE $partition',
  'change a partition': `UPDATE $partition SET leaf = ''::bytea`,
  'delete from a partition': 'DELETE FROM $partition',
  'drop a partition': 'DROP TABLE $partition',
  'detach a partition': 'ALTER TABLE log_entry DETACH PARTITION $partition',
  'drop a table': 'DROP TABLE log_entry',
  'drop a trigger': 'DROP TRIGGER log_entry_append_only ON log_entry',
  'disable triggers': 'ALTER TABLE log_entry DISABLE TRIGGER ALL',
  'act as a replica': `SET session_replication_role = 'replica'`,
  'replace a function':
    'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  'make a table': 'CREATE TABLE public.mine (a int)',
  'make a temporary table': 'CREATE TEMPORARY TABLE log_entry (a int)',
  'become the migrator': 'SET ROLE sallyport',
  'take a role': 'GRANT pg_write_all_data TO CURRENT_USER',
  'make a login': 'CREATE ROLE another LOGIN',
  'write a file': `COPY (SELECT 1) TO '/tmp/sallyport-should-not-exist'`,
  'run a program': `COPY (SELECT 1) TO PROGRAM 'true'`,
  'read passwords': 'SELECT rolpassword FROM pg_authid',
};

describe.each(PROCESS_ROLES)('the login of the %s', (role) => {
  let database: TestDatabase;
  let owner: Pool;
  let login: Pool;
  let partition: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 2 });
    login = createPool(database[`${role}Url`], { applicationName: 'tests', max: 2 });
    await owner.query(`SELECT append_control('test_happened', '{}')`);
    const { rows } = await owner.query<{ name: string }>(
      'SELECT tableoid::regclass::text AS name FROM log_entry LIMIT 1',
    );
    partition = rows[0]?.name ?? '';
    expect(partition).toMatch(/^log_entry_\d{8}$/);
  });
  afterAll(async () => {
    await login.end();
    await owner.end();
    await database.drop();
  });

  test.each(Object.keys(attempts))('is refused to %s', async (what) => {
    const sql = (attempts[what] ?? '').replace('$partition', partition);
    const refusal = await login.query(sql).then(
      () => undefined,
      (error: { code?: string }) => error.code,
    );
    // insufficient_privilege, and not some other mistake in the statement
    expect(refusal).toBe('42501');
  });

  test('is refused to take the role of another process', async () => {
    for (const other of PROCESS_ROLES.filter((each) => each !== role))
      await expect(login.query(`SET ROLE sallyport_${other}`)).rejects.toMatchObject({
        code: '42501',
      });
  });

  test('is refused to forget entries by the functions that may, unless it is the one to', async () => {
    const may: Record<string, boolean> = {
      'erase_entry(timestamptz, integer, bigint, text, text, text, text, text)': role === 'console',
      'erase_measurement(timestamptz, integer, bigint, text, text, text, text)': role === 'console',
      'expire_days(date, date)': role === 'worker',
      'expire_quarantined(date, integer)': role === 'worker',
      'erase_quarantined(uuid, text, text, text, text)': role === 'console',
      // Of the kinds that are its own alone.
      'append_control(text, text)': true,
      'write_control(text, text)': false,
    };
    for (const [name, expected] of Object.entries(may)) {
      const { rows } = await login.query<{ may: boolean }>(
        `SELECT has_function_privilege(current_user, $1, 'EXECUTE') AS may`,
        [name],
      );
      expect(rows, name).toEqual([{ may: expected }]);
    }
  });

  test.each([
    'entry_erased',
    'days_expired',
    'test_happened',
    ...(role === 'console' ? [] : ['signed_in', 'rights_changed', 'identity_resumed']),
  ])('is refused to feign that %s', async (kind) => {
    await expect(login.query(`SELECT append_control($1, '{}')`, [kind])).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('neither moves nor locks the head of the control shard, nor writes entries there', async () => {
    const head = () => owner.query('SELECT * FROM shard WHERE id = 0');
    const before = (await head()).rows;
    const touch = (sql: string) =>
      login.query(sql).then(
        ({ rowCount }) => rowCount,
        ({ code }: { code?: string }) => code,
      );
    const [none, entered] = role === 'gateway' ? [0, '23514'] : ['42501', '42501'];
    expect(await touch(`UPDATE shard SET last_received_at = '2999-01-01' WHERE id = 0`)).toBe(none);
    expect(await touch('SELECT FROM shard WHERE id = 0 FOR UPDATE')).toBe(none);
    expect(
      await touch(
        `INSERT INTO log_entry SELECT received_at, 0, 999, 'person_created', NULL, leaf FROM log_entry`,
      ),
    ).toBe(entered);
    expect((await head()).rows).toEqual(before);
  });

  test('makes no partitions beyond what is needed soon', async () => {
    for (const days of [
      `current_date, current_date + 33`,
      `current_date - 402, current_date`,
      'NULL, current_date',
    ])
      await expect(login.query(`SELECT ensure_partitions(${days})`)).rejects.toThrow(
        role === 'console' ? 'permission denied' : '31 days ahead',
      );
  });

  test('reads no content unless its process shows or inspects it', async () => {
    const read = login.query('SELECT content FROM body LIMIT 1');
    if (role === 'gateway') await expect(read).rejects.toMatchObject({ code: '42501' });
    else await expect(read).resolves.toBeDefined();
    const people = login.query('SELECT password_hash FROM person LIMIT 1');
    if (role === 'console') await expect(people).resolves.toBeDefined();
    else await expect(people).rejects.toMatchObject({ code: '42501' });
  });

  test('is refused on another database of the same cluster', async () => {
    const elsewhere = await createTestDatabase();
    try {
      const url = new URL(database[`${role}Url`]);
      url.pathname = new URL(elsewhere.migratorUrl).pathname;
      const stranger = createConnection(url.href, { applicationName: 'tests' });
      await expect(stranger.connect()).rejects.toMatchObject({ code: '42501' });
    } finally {
      await elsewhere.drop();
    }
  });
});

describe('the owner, by a slip', () => {
  let database: TestDatabase;
  let owner: Pool;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 1 });
    await owner.query(`SELECT append_control('test_happened', '{}')`);
  });
  afterAll(async () => {
    await owner.end();
    await database.drop();
  });

  test.each([
    `UPDATE log_entry SET kind = 'x'`,
    'DELETE FROM log_entry',
    'DELETE FROM control_event',
    'TRUNCATE log_entry',
    'TRUNCATE control_event',
  ])('is stopped by the triggers: %s', async (sql) => {
    await expect(owner.query(sql)).rejects.toThrow('append-only');
  });

  test.each(['[]', '"x"', 'x', '', '{"a":1'])(
    'is refused to append facts that are no object: %s',
    async (facts) => {
      await expect(
        owner.query(`SELECT append_control('test_happened', $1)`, [facts]),
      ).rejects.toThrow('a JSON object');
    },
  );

  test('is stopped in a session that acts as a replica too', async () => {
    await owner.query(`SET session_replication_role = 'replica'`);
    await expect(owner.query('DELETE FROM log_entry')).rejects.toThrow('append-only');
    await expect(owner.query(`UPDATE control_event SET facts = '{}'`)).rejects.toThrow(
      'append-only',
    );
  });
});
