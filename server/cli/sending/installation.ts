import { createPool, databaseUrl, type Queryable } from '@/lib/db/pool';
import { refuseOtherSchema } from '@/lib/db/schema-version';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { asOperator } from '../operator';

/** Where to register, by Prisma, and what is there already, by plain SQL. */
export type Installation = Pick<RegistryCtx, 'db' | 'actor'> & { sql: Queryable };

/** Runs `work` on the installation that DATABASE_URL names, as whoever sits at this terminal. */
export async function onInstallation<Value>(
  work: (installation: Installation) => Promise<Value>,
): Promise<Value> {
  const sql = createPool(databaseUrl(), {
    applicationName: 'operator',
    max: 2,
    statementTimeoutMs: 120_000,
  });
  try {
    await refuseOtherSchema(sql);
    return await asOperator((operator) => work({ ...operator, sql }));
  } finally {
    await sql.end();
  }
}
