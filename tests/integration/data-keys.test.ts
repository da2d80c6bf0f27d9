import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool } from '@/lib/db/pool';
import { createBodyKey } from '@/lib/log/body-key';
import { rewrapDataKeys } from '@/lib/log/data-keys';
import { createTestDatabase } from '../support/database';

/** If this failed, what a gateway took in after a rotation could be opened by no key that is kept. */
test('a process that holds the key of before a rotation makes no more data keys', async () => {
  const database = await createTestDatabase();
  const owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 1 });
  const gateway = createPool(database.gatewayUrl, { applicationName: 'tests', max: 1 });
  const [before, after] = [
    keyEncryptionKeyOf(randomBytes(32)),
    keyEncryptionKeyOf(randomBytes(32)),
  ];
  const now = new Date('2026-11-23T08:00:00Z');
  try {
    await createBodyKey(gateway, before, now);
    await owner.query('BEGIN');
    await rewrapDataKeys(owner, before, after);
    const meanwhile = createBodyKey(gateway, before, now).then(
      () => 'made',
      (error: Error) => error.message,
    );
    await owner.query('SELECT pg_sleep(0.2)');
    await owner.query('COMMIT');
    expect(await meanwhile).toContain('restart this process with the SALLYPORT_KEK');
    await createBodyKey(gateway, after, now);
    const { rows } = await owner.query('SELECT DISTINCT kek_id FROM data_key');
    expect(rows).toEqual([{ kek_id: after.id }]);
  } finally {
    await gateway.end();
    await owner.end();
    await database.drop();
  }
});
