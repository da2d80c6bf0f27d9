import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { migrate } from '@/lib/db/migrate';
import { createConnection, createPool } from '@/lib/db/pool';
import { startPostgres } from '../../server/postgres.mjs';
import { browserFigures } from './browser-figures';
import { facetFigures } from './inventory-facets';
import { pageFigures } from './inventory-pages';
import { searchFigures } from './inventory-search';
import { interactions, seedDocuments, seedInteractions } from './inventory-seed';
import { overviewFigures } from './overview-figures';
import { type BenchResult, figure } from './report';
import { scriptFigures } from './route-scripts';
import { projectionFigures } from './search-projection';
import { sessionFigures } from './session-figures';

/**
 * Two million interactions of one day with a document each, in the product's own tables, then the queries behind the
 * inventory page: pages, every one and two facets where they are frequent, rare and absent, counts, bars, searches;
 * then the pages themselves in a browser.
 */
export async function benchInventory(): Promise<BenchResult> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-bench-'));
  const postgres = await startPostgres({ dataDir, disposable: true });
  try {
    const projection = await projectionFigures(await createDatabase(postgres.url, 'projection'));
    const url = await createDatabase(postgres.url, 'bench');
    const db = createPool(url, {
      applicationName: 'bench',
      statementTimeoutMs: 0,
    });
    try {
      const seconds = await seedInteractions(db);
      const hashOf = await seedDocuments(db);
      const figures = [
        figure('rows seeded', interactions / seconds, '/s'),
        ...projection,
        ...(await pageFigures(db)),
        ...(await facetFigures(db)),
        ...(await searchFigures(db, hashOf)),
        ...(await sessionFigures(db)),
        ...(await overviewFigures(db)),
        ...scriptFigures(),
        ...(await browserFigures(url)),
      ];
      return { name: 'inventory', figures };
    } finally {
      await db.end();
    }
  } finally {
    await postgres.stop();
  }
}

async function createDatabase(owner: string, name: string): Promise<string> {
  const connection = createConnection(owner, { applicationName: 'bench' });
  await connection.connect();
  await connection.query(`CREATE DATABASE ${name}`);
  await connection.end();
  const url = new URL(owner);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return url.href;
}
