import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { config } from '@/lib/core/config';
import { type KeyEncryptionKey, keyEncryptionKey, keyEncryptionKeyOf } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { createConnection, databaseUrl, type Queryable } from '@/lib/db/pool';
import { appendControl } from '@/lib/log/append-control';
import { rewrapDataKeys } from '@/lib/log/data-keys';
import { operatorName } from './operator';
import { UsageError } from './usage';

/** `keys rotate`: wraps every data key with a new key-encryption key, in one transaction. */
export async function keys(args: string[]): Promise<void> {
  if (args.length !== 1 || args[0] !== 'rotate')
    throw new UsageError('What to do with keys? `rotate` is known.');
  const before = keyEncryptionKey();
  const next = nextKey();
  const after = keyEncryptionKeyOf(next.bytes);
  if (after.id === before.id) throw new Error('SALLYPORT_KEK_NEW is the key in use: make another.');

  const connection = createConnection(databaseUrl(), { applicationName: 'operator' });
  await connection.connect();
  let count: number;
  try {
    await connection.query('BEGIN');
    count = await rewrapDataKeys(connection, before, after);
    await appendControl(connection, 'key_encryption_key_rotated', {
      by: `operator:${operatorName()}`,
      data_keys: count,
      from: before.id,
      to: after.id,
    });
    await connection.query('COMMIT');
  } finally {
    await connection.end();
  }
  next.keep();
  await ensureLogins(databaseUrl(), after);
  process.stdout.write(
    `${count} data keys are wrapped by the new key ${after.id}; ${before.id} opens nothing any more.\n${next.says}\nRestart every process now: those that run hold the key and the database passwords of before.\n`,
  );
}

/** Throws when the database's data keys were wrapped by another key than this process holds. */
export async function refuseOtherKey(db: Queryable, kek: KeyEncryptionKey): Promise<void> {
  const { rows } = await db.query<{ kek_id: string }>(
    'SELECT DISTINCT kek_id FROM data_key WHERE kek_id <> $1',
    [kek.id],
  );
  if (rows.length === 0) return;
  const draft = path.join(config().DATA_DIR, 'secrets', 'kek.new');
  const hint = existsSync(draft) ? ` A rotation was cut short: ${draft} may be that key.` : '';
  throw new Error(
    `The database's data keys are wrapped by the key ${rows.map(({ kek_id }) => kek_id).join(', ')}, and SALLYPORT_KEK is ${kek.id}: give the key that belongs to this database.${hint}`,
  );
}

/** From SALLYPORT_KEK_NEW, or made and kept beside the embedded database. */
function nextKey(): { bytes: Buffer; says: string; keep(): void } {
  const { SALLYPORT_KEK_NEW, DATA_DIR } = config();
  const file = path.join(DATA_DIR, 'secrets', 'kek');
  if (SALLYPORT_KEK_NEW !== undefined) {
    return {
      bytes: Buffer.from(SALLYPORT_KEK_NEW, 'base64'),
      says: 'Set SALLYPORT_KEK to what SALLYPORT_KEK_NEW was, wherever it is set.',
      keep: () => {},
    };
  }
  if (!existsSync(file))
    throw new Error(
      'Set SALLYPORT_KEK_NEW to the new key: 32 bytes in base64 (`openssl rand -base64 32`).',
    );
  // Written before anything is wrapped by it: a crash in between loses neither key.
  const bytes = randomBytes(32);
  const draft = `${file}.new`;
  writeFileSync(draft, `${bytes.toString('base64')}\n`, { mode: 0o600, flush: true });
  return { bytes, says: `The new key is in ${file}.`, keep: () => renameSync(draft, file) };
}
