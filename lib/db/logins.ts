import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { withMigrationLock } from './migrate';

export const PROCESS_ROLES = ['gateway', 'worker', 'console'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

const SCRAM_ITERATIONS = 4096;

/**
 * Makes one login for each process, named after the database, which may do what its role may and
 * nothing else; returns their URLs. Passwords follow from the key-encryption key, so every host that
 * holds it hands out the same ones. Nobody else may connect to the database.
 */
export async function ensureLogins(
  migratorUrl: string,
  kek: KeyEncryptionKey,
): Promise<Record<ProcessRole, string>> {
  return withMigrationLock(migratorUrl, async (connection) => {
    const { rows } = await connection.query<{ database: string }>(
      'SELECT current_database() AS database',
    );
    const database = rows[0]?.database ?? '';
    await connection.query(
      `REVOKE CONNECT, TEMPORARY ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`,
    );
    for (const role of PROCESS_ROLES) {
      const login = loginName(database, role);
      const quoted = pg.escapeIdentifier(login);
      const known = await connection.query('SELECT FROM pg_roles WHERE rolname = $1', [login]);
      const verifier = pg.escapeLiteral(scramVerifier(passwordOf(kek, role)));
      await connection.query(
        `${known.rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${quoted} LOGIN NOCREATEDB NOCREATEROLE INHERIT PASSWORD ${verifier}`,
      );
      await connection.query(`GRANT sallyport_${role} TO ${quoted}`);
      await connection.query(
        `GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${quoted}`,
      );
    }
    return loginUrls(migratorUrl, database, kek);
  });
}

/** Where each process connects to, given where the migrator does. */
export function loginUrls(
  migratorUrl: string,
  database: string,
  kek: KeyEncryptionKey,
): Record<ProcessRole, string> {
  const urlOf = (role: ProcessRole) => {
    const url = new URL(migratorUrl);
    url.username = encodeURIComponent(loginName(database, role));
    url.password = passwordOf(kek, role);
    return url.href;
  };
  return { gateway: urlOf('gateway'), worker: urlOf('worker'), console: urlOf('console') };
}

const passwordOf = (kek: KeyEncryptionKey, role: ProcessRole) =>
  kek.derive(`database:${role}`).toString('base64url');

/**
 * PostgreSQL cuts names at 63 bytes without a word; two databases must never share a login, and one named
 * `sallyport` must not get the roles themselves.
 */
function loginName(database: string, role: ProcessRole): string {
  const plain = `${database}_${role}_login`;
  if (Buffer.byteLength(plain) <= 63) return plain;
  const digest = createHash('sha256').update(database).digest('hex').slice(0, 32);
  return `sallyport_${digest}_${role}_login`;
}

/** RFC 5802 and 7677: what the server stores. Sent instead of the password, which might be logged there. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}
