import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { migrate } from '@/lib/db/migrate';
import { createPool } from '@/lib/db/pool';
import { createPrisma } from '@/lib/db/prisma';
import { startPostgres } from '../../server/postgres.mjs';
import { listFigures } from './identities-list';
import { proofFigures } from './identities-proofs';
import { identities, seedRegistry } from './identities-seed';
import { stopFigures } from './identities-stop';
import { type BenchResult, figure } from './report';
import { createDatabase } from './stack';

/**
 * 10,000 identities with their credentials; then what it costs to know who sends a request, how soon one that was
 * suspended is refused everywhere, and how long the list of all takes by any filter.
 */
export async function benchIdentities(): Promise<BenchResult> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-bench-'));
  const postgres = await startPostgres({ dataDir, disposable: true });
  try {
    const url = await createDatabase(postgres.url);
    await migrate(url);
    const kek = randomBytes(32);
    const logins = await ensureLogins(url, keyEncryptionKeyOf(kek));
    const db = createPool(url, { applicationName: 'bench', statementTimeoutMs: 0 });
    const prisma = createPrisma(url, { applicationName: 'bench' });
    const console = createPrisma(logins.console, { applicationName: 'bench' });
    try {
      const seeded = await seedRegistry(db, prisma);
      return {
        name: 'identities',
        figures: [
          figure('identities registered', identities, ''),
          ...(await listFigures(db, seeded)),
          ...(await proofFigures(db, url, seeded.active)),
          ...(await stopFigures({ db, console, logins, kek, dataDir })),
        ],
      };
    } finally {
      await Promise.all([prisma.$disconnect(), console.$disconnect(), db.end()]);
    }
  } finally {
    await postgres.stop();
  }
}
