import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '@/lib/db/migrate';
import { createConnection } from '@/lib/db/pool';
import { startPostgres } from '../../server/postgres.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    clusterUrl: string;
    templateDatabase: string;
    kek: string;
  }
}

const TEMPLATE = 'sallyport_template';

/** One PostgreSQL for a run of vitest, with a migrated database that tests get copies of. */
export default async function setUp(project: TestProject) {
  const server = await startPostgres({
    dataDir: mkdtempSync(path.join(os.tmpdir(), 'sallyport-test-')),
    disposable: true,
    extra: { fsync: 'off', full_page_writes: 'off', shared_buffers: '128MB' },
  });
  const owner = createConnection(server.url, { applicationName: 'tests' });
  await owner.connect();
  await owner.query(`CREATE DATABASE ${TEMPLATE}`);
  await owner.end();
  await migrate(databaseUrlOf(server.url, TEMPLATE));

  project.provide('clusterUrl', server.url);
  project.provide('templateDatabase', TEMPLATE);
  project.provide('kek', randomBytes(32).toString('base64'));
  return () => server.stop(500);
}

function databaseUrlOf(clusterUrl: string, database: string): string {
  const url = new URL(clusterUrl);
  url.pathname = `/${database}`;
  return url.href;
}
