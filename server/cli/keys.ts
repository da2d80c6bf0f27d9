import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Config, config } from '@/lib/core/config';
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
  const says = await rotateKeys(databaseUrl(), keyEncryptionKey(), config());
  process.stdout.write(
    `${says}\nRestart every process now: those that run hold the key and the database passwords of before.\n`,
  );
}

/**
 * Returns what was done, in words. A rotation that was cut short after its commit is only finished: the
 * data is wrapped by its key already, and another one would lose it.
 */
export async function rotateKeys(
  migratorUrl: string,
  before: KeyEncryptionKey,
  settings: Pick<Config, 'SALLYPORT_KEK_NEW' | 'DATA_DIR'>,
): Promise<string> {
  const connection = createConnection(migratorUrl, { applicationName: 'operator' });
  await connection.connect();
  let after: KeyEncryptionKey;
  let says: string;
  try {
    const earlier = readNextKey(settings);
    if (earlier !== undefined && (await isCommitted(connection, before, earlier.key))) {
      after = earlier.key;
      earlier.keep();
      says = `An earlier rotation was cut short after its commit: finished it. The data is wrapped by ${after.id}.\n${earlier.says}`;
    } else {
      await refuseOtherKey(connection, before);
      const next = earlier ?? makeNextKey(settings);
      after = next.key;
      if (after.id === before.id)
        throw new Error('SALLYPORT_KEK_NEW is the key in use: make another.');
      const count = await rewrap(connection, before, after);
      next.keep();
      says = `${count} data keys are wrapped by the new key ${after.id}; ${before.id} opens nothing any more.\n${next.says}`;
    }
  } finally {
    await connection.end();
  }
  await ensureLogins(migratorUrl, after);
  return says;
}

async function rewrap(db: Queryable, before: KeyEncryptionKey, after: KeyEncryptionKey) {
  await db.query('BEGIN');
  const count = await rewrapDataKeys(db, before, after);
  await appendControl(db, 'key_encryption_key_rotated', {
    by: `operator:${operatorName()}`,
    data_keys: count,
    from: before.id,
    to: after.id,
  });
  await db.query('COMMIT');
  return count;
}

async function isCommitted(db: Queryable, before: KeyEncryptionKey, after: KeyEncryptionKey) {
  if (after.id === before.id) return false;
  const { rows } = await db.query<{ kek_id: string }>('SELECT DISTINCT kek_id FROM data_key');
  return rows.length > 0 && rows.every(({ kek_id }) => kek_id === after.id);
}

/** Throws when the database's data keys were wrapped by another key than this process holds. */
export async function refuseOtherKey(db: Queryable, kek: KeyEncryptionKey): Promise<void> {
  const { rows } = await db.query<{ kek_id: string }>(
    'SELECT DISTINCT kek_id FROM data_key WHERE kek_id <> $1',
    [kek.id],
  );
  if (rows.length === 0) return;
  const draft = path.join(config().DATA_DIR, 'secrets', 'kek.new');
  const hint = existsSync(draft)
    ? ` A rotation was cut short: ${draft} may be that key; if so, move it to where \`kek\` is.`
    : '';
  throw new Error(
    `The database's data keys are wrapped by the key ${rows.map(({ kek_id }) => kek_id).join(', ')}, and SALLYPORT_KEK is ${kek.id}: give the key that belongs to this database.${hint}`,
  );
}

type NextKey = { key: KeyEncryptionKey; says: string; keep(): void };

/** The key to rotate to, if there is one: as given, or as a rotation that was cut short left it. */
function readNextKey({
  SALLYPORT_KEK_NEW,
  DATA_DIR,
}: Pick<Config, 'SALLYPORT_KEK_NEW' | 'DATA_DIR'>): NextKey | undefined {
  if (SALLYPORT_KEK_NEW !== undefined) {
    return {
      key: keyEncryptionKeyOf(Buffer.from(SALLYPORT_KEK_NEW, 'base64')),
      says: 'Set SALLYPORT_KEK to what SALLYPORT_KEK_NEW was, wherever it is set.',
      keep: () => {},
    };
  }
  const file = path.join(DATA_DIR, 'secrets', 'kek');
  const draft = `${file}.new`;
  if (!existsSync(draft)) return undefined;
  const bytes = Buffer.from(readFileSync(draft, 'utf8').trim(), 'base64');
  // Nothing is wrapped before the draft is on disk in full: one cut short opens nothing.
  if (bytes.length !== 32) {
    rmSync(draft);
    return undefined;
  }
  return {
    key: keyEncryptionKeyOf(bytes),
    says: `The new key is in ${file}.`,
    keep: () => renameSync(draft, file),
  };
}

/** Written before anything is wrapped by it: a crash in between loses neither key. */
function makeNextKey(settings: Pick<Config, 'SALLYPORT_KEK_NEW' | 'DATA_DIR'>): NextKey {
  const file = path.join(settings.DATA_DIR, 'secrets', 'kek');
  if (!existsSync(file))
    throw new Error(
      'Set SALLYPORT_KEK_NEW to the new key: 32 bytes in base64 (`openssl rand -base64 32`).',
    );
  const text = `${randomBytes(32).toString('base64')}\n`;
  writeFileSync(`${file}.new`, text, { mode: 0o600, flag: 'wx', flush: true });
  const made = readNextKey(settings);
  if (made === undefined) throw new Error(`${file}.new is gone: is another rotation running?`);
  return made;
}
