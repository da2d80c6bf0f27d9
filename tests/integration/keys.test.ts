import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ContentKey,
  contentKeyOf,
  type KeyEncryptionKey,
  keyEncryptionKeyOf,
} from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma } from '@/lib/db/prisma';
import { openText, sealText } from '@/lib/delivery/seal';
import { createBodyKey, createBodyOpener } from '@/lib/log/body-key';
import { adoptDataKeys, dataKeyAssociated, rewrapDataKeys } from '@/lib/log/data-keys';
import { refuseOtherKey, rotateKeys } from '@/server/cli/keys';
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

// If this fails, whoever takes over the worker gets the passwords of the other processes, or the cookie key.
test('the content key opens bodies, and no other key follows from it', async () => {
  const worker = { content: contentKeyOf(after.derive('content')) };
  const key = await createBodyKey(owner, after, place.receivedAt);
  const sealed = key.seal(Buffer.from('a body'), place);
  expect((await createBodyOpener(owner, worker)(key.id, sealed, place)).toString()).toBe('a body');
  for (const purpose of ['database:gateway', 'database:console', 'cookie', 'content'])
    expect(worker.content.derive(purpose)).not.toEqual(after.derive(purpose));
  const wrapped = after.wrap(randomBytes(32), 'x');
  expect(() => worker.content.unwrap(wrapped, 'x')).toThrow();

  await owner.query('BEGIN');
  await rewrapDataKeys(owner, after, before);
  await owner.query('COMMIT');
  await expect(createBodyOpener(owner, worker)(key.id, sealed, place)).rejects.toThrow();
  await owner.query('BEGIN');
  await rewrapDataKeys(owner, before, after);
  await owner.query('COMMIT');
  expect((await createBodyOpener(owner, worker)(key.id, sealed, place)).toString()).toBe('a body');
});

// If this fails, a rotation silences every webhook, or the key that was replaced still opens their secrets.
test('what is sealed for the worker to send opens after a rotation, with the new content key alone', async () => {
  const db = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 1 });
  const secret = { associated: 'webhook/secret/w', now: place.receivedAt };
  const sealWith = (kek: KeyEncryptionKey) =>
    db.$transaction((tx) => sealText(tx, kek, 'whsec_x', secret));
  const sealed = await sealWith(after);
  expect((await sealWith(after)).keyId).toBe(sealed.keyId);
  await owner.query('BEGIN');
  await rewrapDataKeys(owner, after, before);
  await owner.query('COMMIT');

  const open = (content: ContentKey, row = 'w') =>
    openText(db, content, sealed, `webhook/secret/${row}`);
  expect(await open(contentKeyOf(before.derive('content')))).toBe('whsec_x');
  await expect(open(after.content)).rejects.toThrow();
  await expect(open(before.content, 'v')).rejects.toThrow();
  await expect(sealWith(after)).rejects.toThrow('restart this process');
  expect((await sealWith(before)).keyId).toBe(sealed.keyId);

  await owner.query('BEGIN');
  await rewrapDataKeys(owner, before, after);
  await owner.query('COMMIT');
  expect(await open(after.content)).toBe('whsec_x');
  await db.$disconnect();
});

test('data keys of an installation of before are wrapped by the content key', async () => {
  const key = await createBodyKey(owner, after, place.receivedAt);
  const sealed = key.seal(Buffer.from('a body'), place);
  const { rows } = await owner.query<{ wrapped: Buffer }>(
    'SELECT wrapped FROM data_key WHERE id = $1',
    [key.id],
  );
  const associated = dataKeyAssociated(key.id);
  const bytes = after.content.unwrap(rows[0]?.wrapped ?? Buffer.alloc(0), associated);
  await owner.query('UPDATE data_key SET wrapped = $2 WHERE id = $1', [
    key.id,
    after.wrap(bytes, associated),
  ]);
  await expect(createBodyOpener(owner, after)(key.id, sealed, place)).rejects.toThrow();
  expect(await adoptDataKeys(owner, after)).toBe(1);
  expect(await adoptDataKeys(owner, after)).toBe(0);
  expect((await createBodyOpener(owner, after)(key.id, sealed, place)).toString()).toBe('a body');
});

test('a rotation from the wrong key changes nothing', async () => {
  const { rows: held } = await owner.query('SELECT id, wrapped, kek_id FROM data_key');
  await owner.query('BEGIN');
  const wrong = keyEncryptionKeyOf(randomBytes(32));
  await expect(rewrapDataKeys(owner, before, wrong)).rejects.toThrow('authenticate');
  await owner.query('ROLLBACK');
  expect((await owner.query('SELECT id, wrapped, kek_id FROM data_key')).rows).toEqual(held);
});

describe('keys rotate, with the key beside the embedded database,', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sallyport-keys-'));
  const kek = path.join(folder, 'secrets', 'kek');
  const settings = { DATA_DIR: folder, SALLYPORT_KEK_NEW: undefined };
  const keyIn = (file: string) =>
    keyEncryptionKeyOf(Buffer.from(readFileSync(file, 'utf8').trim(), 'base64'));
  const write = (file: string, bytes: Buffer) =>
    writeFileSync(file, `${bytes.toString('base64')}\n`);
  const original = randomBytes(32);
  let own: TestDatabase;
  let db: Pool;

  beforeAll(async () => {
    mkdirSync(path.dirname(kek));
    write(kek, original);
    own = await createTestDatabase();
    db = createPool(own.migratorUrl, { applicationName: 'tests', max: 1 });
    await createBodyKey(db, keyIn(kek), place.receivedAt);
  });
  afterAll(async () => {
    await db.end();
    await own.drop();
    rmSync(folder, { recursive: true });
  });

  test('replaces the key and says that on the record', async () => {
    await rotateKeys(own.migratorUrl, keyIn(kek), settings);
    await refuseOtherKey(db, keyIn(kek));
    expect(keyIn(kek).id).not.toBe(keyEncryptionKeyOf(original).id);
    expect(existsSync(`${kek}.new`)).toBe(false);
    expect(await rotations()).toBe(1);
  });

  // If this fails, a crash at the wrong moment and a second try lose every body for good.
  test('repeated after a crash past the commit keeps the only key', async () => {
    const current = readFileSync(kek);
    writeFileSync(`${kek}.new`, current);
    write(kek, original);
    const says = await rotateKeys(own.migratorUrl, keyIn(kek), settings);
    expect(says).toContain('cut short');
    expect(readFileSync(kek)).toEqual(current);
    expect(existsSync(`${kek}.new`)).toBe(false);
    await refuseOtherKey(db, keyIn(kek));
    expect(await rotations()).toBe(1);
  });

  test('repeated after a crash before the commit goes on with the key that was made', async () => {
    const made = randomBytes(32);
    write(`${kek}.new`, made);
    await rotateKeys(own.migratorUrl, keyIn(kek), settings);
    expect(keyIn(kek).id).toBe(keyEncryptionKeyOf(made).id);
    await refuseOtherKey(db, keyIn(kek));
  });

  test('refuses a key that does not open the data, and makes none', async () => {
    const wrong = keyEncryptionKeyOf(randomBytes(32));
    await expect(rotateKeys(own.migratorUrl, wrong, settings)).rejects.toThrow('belongs');
    expect(existsSync(`${kek}.new`)).toBe(false);
  });

  const rotations = async () =>
    (await db.query("SELECT FROM control_event WHERE kind = 'key_encryption_key_rotated'"))
      .rowCount;
});
