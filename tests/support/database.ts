import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { createConnection } from '@/lib/db/pool';

export type TestDatabase = {
  migratorUrl: string;
  gatewayUrl: string;
  workerUrl: string;
  consoleUrl: string;
  /** Base64, as in SALLYPORT_KEK. */
  kek: string;
  /** Ends what is still connected. */
  drop(): Promise<void>;
};

/** A migrated database of this test's own, with the three logins. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asOwner(`CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  const kek = inject('kek');
  const logins = await ensureLogins(url.href, keyEncryptionKeyOf(Buffer.from(kek, 'base64')));
  return {
    migratorUrl: url.href,
    gatewayUrl: logins.gateway,
    workerUrl: logins.worker,
    consoleUrl: logins.console,
    kek,
    async drop() {
      await asOwner(
        `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
        `DROP ROLE IF EXISTS ${name}_gateway_login, ${name}_worker_login, ${name}_console_login`,
      );
    },
  };
}

/** An empty database, not migrated. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await asOwner(`CREATE DATABASE ${name}`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asOwner(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function asOwner(...statements: string[]): Promise<void> {
  const owner = createConnection(inject('clusterUrl'), { applicationName: 'tests' });
  await owner.connect();
  try {
    for (const statement of statements) await owner.query(statement);
  } finally {
    await owner.end();
  }
}
