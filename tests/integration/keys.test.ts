import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createBodyKey, createBodyOpener } from '@/lib/log/body-key';
import { rewrapDataKeys } from '@/lib/log/data-keys';
import { refuseOtherKey } from '@/server/cli/keys';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let owner: Pool;
const before = keyEncryptionKeyOf(randomBytes(32));
const after = keyEncryptionKeyOf(randomBytes(32));
const place = { receivedAt: new Date('2026-11-23T08:00:00Z'), shard: 1, position: 7n };

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 1 });
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

test('what was sealed before a rotation opens with the new key and not with the old', async () => {
  const key = await createBodyKey(owner, before, place.receivedAt);
  const sealed = key.seal(Buffer.from('a body'), place);
  await refuseOtherKey(owner, before);
  await expect(refuseOtherKey(owner, after)).rejects.toThrow('give the key that belongs');

  await owner.query('BEGIN');
  expect(await rewrapDataKeys(owner, before, after)).toBe(1);
  await owner.query('COMMIT');

  const opened = await createBodyOpener(owner, after)(key.id, sealed, place);
  expect(opened.toString()).toBe('a body');
  await expect(createBodyOpener(owner, before)(key.id, sealed, place)).rejects.toThrow();
  await refuseOtherKey(owner, after);
});

test('a rotation from the wrong key changes nothing', async () => {
  const { rows: held } = await owner.query('SELECT id, wrapped, kek_id FROM data_key');
  await owner.query('BEGIN');
  const wrong = keyEncryptionKeyOf(randomBytes(32));
  await expect(rewrapDataKeys(owner, before, wrong)).rejects.toThrow('authenticate');
  await owner.query('ROLLBACK');
  expect((await owner.query('SELECT id, wrapped, kek_id FROM data_key')).rows).toEqual(held);
});
