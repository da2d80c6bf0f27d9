import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { type Pool, pool, type Queryable } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import { unpackBodies } from '@/lib/log/leaf';
import { createBodiesReader, type StoredBody } from '@/lib/log/queries';
import type { EntryPlace } from '@/lib/log/schema';
import { type Cursor, type Params, parseView, type Range } from '../address';
import { cursorConditions, filterConditions, type Resolved, rangeConditions } from '../conditions';
import { listFacets } from '../counts/queries';
import { listIdentityNames, resolveIdentities } from '../queries';
import { allOf, sql } from '../sql';
import type { ExportRow } from './record';
import { type ExportPreview, ExportProgress } from './schema';
import { termsOf } from './terms';

export const pageRows = 1000;
/** Of decrypted content in memory at once; one entry may exceed it by itself. */
const contentBytesMax = 4 * 1024 * 1024;

/** What an export reads: a view, and the arrival that it goes up to. */
export type Exported = { filter: Resolved; range: Range; until: Date };

/**
 * What the address of a view exports, as of `now`: nothing that arrives later. Throws `invalid_input` for an
 * address that is not wholly understood, since a filter with a slip would export more than was meant.
 */
export async function resolveExported(
  scope: ReadScope,
  search: string,
  now: Date,
  db: Queryable,
): Promise<Exported> {
  const params: Params = {};
  const given = new URLSearchParams(search);
  for (const name of new Set(given.keys())) params[name] = given.getAll(name);
  // Pages and panels are places in a view, not part of what it holds.
  for (const place of ['before', 'after', 'interaction']) delete params[place];
  const view = parseView(params, now);
  const { filter, problems } = await resolveIdentities(scope, view.filter, db);
  const [problem] = [...view.problems, ...problems];
  if (problem !== undefined) throw new AppError('invalid_input', problem);
  return { filter, range: view.range, until: now };
}

const whereOf = ({ filter, range, until }: Exported, cursor: Cursor | null) =>
  allOf([
    ...rangeConditions(range),
    sql`i.received_at < ${until}`,
    ...cursorConditions(cursor),
    ...filterConditions(filter),
  ]);

/** What a view holds, in words and in number, for whoever is about to export it. */
export async function previewExport(
  scope: ReadScope,
  search: string,
  now: Date,
  db: Queryable = pool(),
): Promise<ExportPreview> {
  const exported = await resolveExported(scope, search, now, db);
  const [{ total }, names] = await Promise.all([
    listFacets(scope, exported, db),
    listIdentityNames(scope, db),
  ]);
  return { terms: termsOf(exported, names), total };
}

/** All rows of a view in order of arrival, in pages; what arrives after `until` is not among them. */
export async function* listExported(
  _scope: ReadScope,
  exported: Exported,
  db: Queryable = pool(),
): AsyncGenerator<ExportRow[]> {
  let cursor: Cursor | null = null;
  for (;;) {
    const rows = await readPage(exported, cursor, db);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < pageRows) return;
    cursor = { direction: 'after', place: last };
  }
}

async function readPage(
  exported: Exported,
  cursor: Cursor | null,
  db: Queryable,
): Promise<ExportRow[]> {
  const statement = sql`SELECT i.*, d.name AS identity_name, d.kind AS identity_kind, r.name AS reporter_name,
        encode(e.leaf, 'hex') AS leaf
      FROM (
        SELECT i.* FROM interaction i WHERE ${whereOf(exported, cursor)}
        ORDER BY i.received_at, i.shard, i.position LIMIT ${pageRows}
      ) i
      LEFT JOIN LATERAL (
        SELECT e.leaf FROM log_entry e
        WHERE e.received_at = i.received_at AND e.shard = i.shard AND e.position = i.position LIMIT 1
      ) e ON true
      LEFT JOIN identity d ON d.id = i.identity LEFT JOIN identity r ON r.id = i.reporter
      ORDER BY i.received_at, i.shard, i.position`;
  const { rows } = await db.query<Record<string, unknown>>(statement.text, statement.values);
  return rows.map((facts) => {
    // The columns are declared so in the migration.
    const place = facts as { received_at: Date; shard: number; position: bigint };
    return {
      receivedAt: place.received_at,
      shard: place.shard,
      position: place.position,
      facts,
    };
  });
}

/** How many rows a view holds; null where counting takes longer than a page should wait. */
export async function countExported(
  _scope: ReadScope,
  exported: Exported,
  db: Pool = pool(),
): Promise<number | null> {
  const { text, values } =
    sql`SELECT count(*)::int AS n FROM interaction i WHERE ${whereOf(exported, null)}`;
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL statement_timeout = ${countMaxMs}`);
    const { rows } = await client.query<{ n: number }>(text, [...values]);
    return rows[0]?.n ?? null;
  } catch (error) {
    if (isTimeout(error)) return null;
    throw error;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const countMaxMs = 3000;
const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '57014';

/** Rows with what they say, decrypted a few megabytes at a time. */
export async function* readContents(
  _scope: ReadScope,
  rows: readonly ExportRow[],
  kek: KeyEncryptionKey,
  db: Queryable = pool(),
): AsyncGenerator<[ExportRow, StoredBody[]][]> {
  const read = createBodiesReader(db, kek);
  for (let first = 0; first < rows.length; ) {
    let bytes = 0;
    let end = first;
    for (; end < rows.length; end += 1) {
      bytes += bytesOf(rows[end]);
      if (end > first && bytes > contentBytesMax) break;
    }
    const some = rows.slice(first, end);
    const bodies = await read(some.map(placed));
    yield some.map((row, index) => [row, bodies[index] ?? []]);
    first = end;
  }
}

const placed = ({ receivedAt, shard, position, facts }: ExportRow) => ({
  place: { receivedAt, shard, position } satisfies EntryPlace,
  // bytea is read as a Buffer.
  bodies: facts.bodies as Buffer,
});

const bytesOf = (row: ExportRow | undefined): number =>
  row?.facts.bodies instanceof Buffer
    ? unpackBodies(row.facts.bodies).reduce((sum, { bytes }) => sum + bytes, 0)
    : 0;

/** How far one's own export is. Throws `not_found` for anybody else's. */
export async function getExport(
  scope: ReadScope,
  id: string,
  now: Date,
  db: PrismaClient,
): Promise<ExportProgress> {
  const job = await db.exportJob.findFirst({
    where: { id, personId: scope.person },
    select: {
      id: true,
      format: true,
      withContent: true,
      state: true,
      rowsDone: true,
      rowsEstimated: true,
      bytes: true,
      startedAt: true,
      finishedAt: true,
    },
  });
  if (job === null) throw new AppError('not_found', 'You have no such export.');
  // Asked to stop is not stopped: until it is settled, rows may still be on their way.
  const isStopping = job.state === 'cancelled' && job.finishedAt === null;
  return ExportProgress.parse({
    ...job,
    state: isStopping ? 'running' : job.state,
    rowsDone: Number(job.rowsDone),
    rowsEstimated: job.rowsEstimated === null ? null : Number(job.rowsEstimated),
    bytes: Number(job.bytes),
    elapsedMs:
      job.startedAt === null ? null : (job.finishedAt ?? now).getTime() - job.startedAt.getTime(),
  });
}
