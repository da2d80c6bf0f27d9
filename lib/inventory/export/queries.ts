import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { type Pool, type PoolClient, pool, type Queryable } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import { unpackBodies } from '@/lib/log/leaf';
import { createBodiesReader, type StoredBody } from '@/lib/log/queries';
import type { EntryPlace } from '@/lib/log/schema';
import { type Params, parseView, type Range } from '../address';
import {
  arrivedFrom,
  countedOnce,
  filterConditions,
  type Resolved,
  rangeConditions,
} from '../conditions';
import { findMatches } from '../matches/queries';
import { listIdentityNames, resolveIdentities } from '../queries';
import { withinReach } from '../reach';
import { searchContent } from '../search/mutations';
import { allOf, type Sql, sql } from '../sql';
import type { ExportRow } from './record';
import { type ExportPreview, ExportProgress, type ExportState, freshMs, silentMs } from './schema';
import { termsOf } from './terms';

export const pageRows = 1000;
/** Read in order first: where one in a hundred of these match, a page is full after them. */
const nearestRows = 100_000;
const pageMaxMs = 60_000;
const countMaxMs = 3000;
/** Of decrypted content in memory at once; one entry may exceed it by itself. */
const contentBytesMax = 4 * 1024 * 1024;
const listedMax = 20;

/** Where the log is, and the key that words are searched with. */
export type Reading = { db?: Pool; kek?: KeyEncryptionKey };

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
  { db = pool(), kek }: Reading = {},
): Promise<Exported> {
  const params: Params = {};
  const given = new URLSearchParams(search);
  for (const name of new Set(given.keys())) params[name] = given.getAll(name);
  // Pages and panels are places in a view, not part of what it holds.
  for (const place of ['before', 'after', 'interaction']) delete params[place];
  const view = parseView(params, now);
  const { range } = view;
  const resolved = await resolveIdentities(scope, view.filter, db);
  const searched = await searchContent(
    scope,
    { filter: resolved.filter, range },
    { now, db, ...(kek === undefined ? {} : { kek }) },
  );
  const [problem] = [...view.problems, ...resolved.problems, ...searched.problems];
  if (problem !== undefined) throw new AppError('invalid_input', problem);
  return { filter: searched.filter, range, until: now };
}

/** What a view holds, in words and in number, for whoever is about to export it. */
export async function previewExport(
  scope: ReadScope,
  search: string,
  now: Date,
  reading: Reading = {},
): Promise<ExportPreview> {
  const exported = await resolveExported(scope, search, now, reading);
  const [total, names] = await Promise.all([
    countExported(scope, exported, reading.db),
    listIdentityNames(scope, reading.db),
  ]);
  return { terms: termsOf(exported, names), total };
}

/** All rows of a view in order of arrival, in pages; what arrives after `until` is not among them. */
export async function* listExported(
  scope: ReadScope,
  exported: Exported,
  db: Pool = pool('export'),
): AsyncGenerator<ExportRow[]> {
  let place: EntryPlace = { receivedAt: arrivedFrom(exported.range), shard: -1, position: 0n };
  for (;;) {
    const found = await readPage(scope, exported, place, db);
    const rows = found.filter(({ receivedAt }) => receivedAt < exported.until);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    place = last;
  }
}

const columns = ({ content }: ReadScope): Sql => sql`i.*,
  ${allOf(withinReach(sql`i.identity`, content.export))} AS content_leaves,
  (SELECT d.name FROM identity d WHERE d.id = i.identity) AS identity_name,
  (SELECT d.kind FROM identity d WHERE d.id = i.identity) AS identity_kind,
  (SELECT r.name FROM identity r WHERE r.id = i.reporter) AS reporter_name,
  (SELECT encode(e.leaf, 'hex') FROM log_entry e
    WHERE e.received_at = i.received_at AND e.shard = i.shard AND e.position = i.position) AS leaf`;

async function readPage(
  scope: ReadScope,
  { filter, range }: Exported,
  place: EntryPlace,
  db: Pool,
): Promise<ExportRow[]> {
  const rows = await within(db, pageMaxMs, (client) =>
    findMatches<Record<string, unknown>>(
      client,
      { scope, filter, range, cursor: { direction: 'after', place } },
      { columns: columns(scope), limit: pageRows, nearest: nearestRows },
    ),
  );
  return rows.map((facts) => {
    // The columns are declared so in the migration.
    const at = facts as { received_at: Date; shard: number; position: bigint };
    return { receivedAt: at.received_at, shard: at.shard, position: at.position, facts };
  });
}

/** One reading of the log, in a transaction that may set how it is planned. */
async function within<Value>(
  db: Pool,
  maxMs: number,
  work: (client: PoolClient) => Promise<Value>,
): Promise<Value> {
  const client = await db.connect();
  try {
    await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${maxMs}`);
    return await work(client);
  } finally {
    const isBroken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(isBroken);
  }
}

/** How many rows a view holds; null where counting takes longer than a page should wait. */
export async function countExported(
  scope: ReadScope,
  { filter, range, until }: Exported,
  db: Pool = pool(),
): Promise<number | null> {
  const where = allOf([
    ...rangeConditions(range),
    sql`i.received_at < ${until}`,
    ...filterConditions(scope, filter),
    countedOnce(filter),
  ]);
  const { text, values } = sql`SELECT count(*)::int AS n FROM interaction i WHERE ${where}`;
  try {
    return await within(db, countMaxMs, async (client) => {
      const { rows } = await client.query<{ n: number }>(text, [...values]);
      return rows[0]?.n ?? null;
    });
  } catch (error) {
    if (isTimeout(error)) return null;
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '57014';

/**
 * Rows with what they say, decrypted a few megabytes at a time; of those whose content this person may not take out,
 * sizes and digests alone.
 */
export async function* readContents(
  { content }: ReadScope,
  rows: readonly ExportRow[],
  kek: KeyEncryptionKey,
  db: Queryable = pool('export'),
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
    const leaving = some.filter(
      ({ facts }) => content.export === 'all' || facts.content_leaves === true,
    );
    const bodies = leaving.length === 0 ? [] : await read(leaving.map(placed));
    const bodiesOf = new Map(leaving.map((row, index) => [row, bodies[index]]));
    yield some.map((row) => [row, bodiesOf.get(row) ?? []]);
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

/** How far one's own exports are, the newest first. What ended an hour ago may be forgotten. */
export async function listExports(
  scope: ReadScope,
  now: Date,
  db: PrismaClient,
): Promise<ExportProgress[]> {
  const jobs = await db.exportJob.findMany({
    where: { personId: scope.person },
    select: {
      id: true,
      format: true,
      withContent: true,
      state: true,
      rowsDone: true,
      rowsEstimated: true,
      bytes: true,
      createdAt: true,
      movedAt: true,
      startedAt: true,
      finishedAt: true,
    },
    orderBy: { createdAt: 'desc' },
    take: listedMax,
  });
  return jobs.map(({ createdAt, movedAt, startedAt, finishedAt, ...job }) =>
    ExportProgress.parse({
      ...job,
      state: finishedAt === null ? stateOfOpen(job.state, { createdAt, movedAt, now }) : job.state,
      rowsDone: Number(job.rowsDone),
      rowsEstimated: job.rowsEstimated === null ? null : Number(job.rowsEstimated),
      bytes: Number(job.bytes),
      elapsedMs: startedAt === null ? null : (finishedAt ?? now).getTime() - startedAt.getTime(),
    }),
  );
}

/** What an export that nobody has settled yet is by now. */
function stateOfOpen(
  state: string,
  { createdAt, movedAt, now }: { createdAt: Date; movedAt: Date; now: Date },
): ExportState {
  const isPast = (at: Date, ms: number) => at.getTime() + ms < now.getTime();
  if (state === 'queued') return isPast(createdAt, freshMs) ? 'expired' : 'queued';
  // Asked to stop is not stopped: until it is settled, rows may still be on their way.
  return isPast(movedAt, silentMs) ? 'failed' : 'running';
}
