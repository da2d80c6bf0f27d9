import type { Ctx, ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import { type Pool, pool } from '@/lib/db/pool';
import { type PrismaClient, prisma, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { viewSearch } from '../address';
import { recordedFilter } from '../search/mutations';
import { countExported, type Exported, resolveExported } from './queries';
import { type ExportFormat, type ExportState, freshMs, RequestExport, silentMs } from './schema';

/** Who exports, and the databases of records and of the log. */
export type ExportCtx = {
  readonly actor: Ctx['actor'];
  readonly scope: ReadScope;
  readonly now: Date;
  readonly db?: PrismaClient;
  readonly pool?: Pool;
  readonly kek?: KeyEncryptionKey;
};

/** Of one person, and of all together: each reads the log for as long as it is downloaded. */
export const runningMax = 2;
export const runningOfAllMax = 4;
const keptMs = 3_600_000;

/** Taking any content out of the console: a right of its own, apart from roles. */
export const mayExportContent = ({ content }: ReadScope): boolean => content.export.length > 0;

/** Whose content may be taken out, in a word. */
export function exportsContentOf(scope: ReadScope): 'none' | 'teams' | 'all' {
  if (!mayExportContent(scope)) return 'none';
  return scope.content.export === 'all' ? 'all' : 'teams';
}

/** Of which teams content leaves, as the record keeps it; `all` with that of nobody's. */
const contentOf = ({ content }: ReadScope) =>
  content.export === 'all' ? 'all' : [...content.export].sort();

/**
 * Makes the ticket of one export; its download begins within a minute or never. Content asks for a second factor shown
 * within the last minutes. Returns its id.
 */
export async function requestExport(
  { actor, scope, now, db = prisma(), pool: log = pool(), kek = keyEncryptionKey() }: ExportCtx,
  input: RequestExport,
): Promise<{ id: string }> {
  authorize(actor, 'facts.export');
  // A server action takes whatever is posted to it.
  const asked = RequestExport.safeParse(input);
  if (!asked.success)
    throw new AppError('invalid_input', 'That is not an export of the inventory.');
  const { search, format, withContent } = asked.data;
  if (withContent && !mayExportContent(scope))
    throw new AppError(
      'forbidden',
      'You have no right to export content. An administrator can give it.',
    );
  if (withContent && !actor.isFresh)
    throw new AppError('factor_needed', 'Show your second factor again to export content.');
  const exported = await resolveExported(scope, search, now, { db: log, kek });
  const rowsEstimated = await countExported(scope, exported, log);
  const id = newId(now.getTime());
  await db.$transaction(async (tx) => {
    // Two that ask at once must not both see one place left.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(7305070)`;
    await tidy(tx, now);
    await refuseTooMany(tx, actor.id, now);
    await tx.exportJob.create({
      data: {
        id,
        personId: actor.id,
        search: viewSearch(exported).replace(/^\?/, ''),
        format,
        withContent,
        state: 'queued',
        rowsEstimated,
        createdAt: now,
        movedAt: now,
      },
      select: { id: true },
    });
  });
  return { id };
}

/** Once what is over is settled: a ticket waits for its download for a minute at most. */
async function refuseTooMany(tx: Transaction, person: string, now: Date): Promise<void> {
  const running = await tx.exportJob.findMany({
    where: {
      finishedAt: null,
      OR: [{ state: { not: 'queued' } }, { createdAt: { gt: new Date(now.getTime() - freshMs) } }],
    },
    select: { personId: true },
  });
  if (running.filter(({ personId }) => personId === person).length >= runningMax)
    throw new AppError(
      'rate_limited',
      `You have ${runningMax} exports running. Wait for one, or stop it.`,
    );
  if (running.length >= runningOfAllMax)
    throw new AppError(
      'rate_limited',
      `${runningOfAllMax} exports are running, which is all that run at once. Try again when one has ended.`,
    );
}

/** Ends what nobody fetched and what a process left behind when it died; forgets what ended an hour ago. */
async function tidy(tx: Transaction, now: Date): Promise<void> {
  const before = (ms: number) => new Date(now.getTime() - ms);
  await tx.exportJob.deleteMany({ where: { finishedAt: { lt: before(keptMs) } } });
  await tx.exportJob.updateMany({
    where: { state: 'queued', createdAt: { lt: before(freshMs) } },
    data: { state: 'expired', search: '', finishedAt: now },
  });
  const left = await tx.exportJob.findMany({
    where: {
      state: { in: ['running', 'cancelled'] },
      finishedAt: null,
      movedAt: { lt: before(silentMs) },
    },
    select: { id: true, personId: true, state: true, rowsDone: true, bytes: true },
  });
  for (const { id, personId, state, rowsDone, bytes } of left) {
    const sent = { rows: Number(rowsDone), bytes: Number(bytes) };
    await settle(tx, { id, person: personId }, state === 'running' ? 'failed' : 'cancelled', {
      ...sent,
      now,
    });
  }
}

/** A ticket that was taken: what to send, to whom. */
export type TakenExport = {
  id: string;
  person: string;
  format: ExportFormat;
  withContent: boolean;
  exported: Exported;
};

/**
 * Takes one's own ticket, once; that the export started, and with what, is in the log before a byte leaves.
 * Throws `not_found` for another person's, `conflict` for one that was used or is too old.
 */
export async function takeExport(
  { actor, scope, now, db = prisma(), pool: log = pool(), kek = keyEncryptionKey() }: ExportCtx,
  id: string,
): Promise<TakenExport> {
  authorize(actor, 'facts.export');
  const job = await db.exportJob.findFirst({
    where: { id, personId: actor.id },
    select: { search: true, format: true, withContent: true, createdAt: true },
  });
  if (job === null) throw new AppError('not_found', 'You have no such export.');
  const { search, withContent, createdAt } = job;
  // The column's constraint names the same two.
  const format = job.format as ExportFormat;
  if (withContent && !mayExportContent(scope))
    throw new AppError('forbidden', 'You have no right to export content any more.');
  const exported = await resolveExported(scope, search, createdAt, { db: log, kek });
  await db.$transaction(async (tx) => {
    const { count } = await tx.exportJob.updateMany({
      where: { id, state: 'queued', createdAt: { gt: new Date(now.getTime() - freshMs) } },
      // What was looked for may have to be erasable; the ticket is of no more use.
      data: { state: 'running', search: '', startedAt: now, movedAt: now },
    });
    if (count === 0)
      throw new AppError('conflict', 'This export was fetched or has expired. Ask for another.');
    await recordControl(tx, 'export_started', {
      ...whoOf(actor),
      export: id,
      filter: recordedFilter(exported.filter, exported.range, kek),
      until: exported.until.toISOString(),
      format,
      with_content: withContent,
      content_of: withContent ? contentOf(scope) : null,
    });
  });
  return { id, person: actor.id, format, withContent, exported };
}

type Sent = { rows: number; bytes: number; now: Date };

/** Writes down how far a download is. Returns whether it may go on: whoever asked for it may have stopped it. */
export async function moveExport(
  db: PrismaClient,
  { id }: Pick<TakenExport, 'id'>,
  { rows, bytes, now }: Sent,
): Promise<boolean> {
  const { count } = await db.exportJob.updateMany({
    where: { id, state: 'running' },
    data: { rowsDone: rows, bytes, movedAt: now },
  });
  return count > 0;
}

/** Ends a download, and says in the log how and after how many rows. Ending it twice changes nothing. */
export async function finishExport(
  db: PrismaClient,
  taken: Pick<TakenExport, 'id' | 'person'>,
  state: Extract<ExportState, 'done' | 'failed' | 'cancelled'>,
  sent: Sent,
): Promise<void> {
  await db.$transaction((tx) => settle(tx, taken, state, sent));
}

async function settle(
  tx: Transaction,
  { id, person }: Pick<TakenExport, 'id' | 'person'>,
  state: 'done' | 'failed' | 'cancelled',
  { rows, bytes, now }: Sent,
): Promise<void> {
  const { count } = await tx.exportJob.updateMany({
    where: { id, finishedAt: null },
    data: { state, rowsDone: rows, bytes, movedAt: now, finishedAt: now },
  });
  if (count === 0) return;
  await recordControl(tx, 'export_finished', {
    by: `person:${person}`,
    export: id,
    state,
    rows,
    bytes,
  });
}

/** Stops one's own export: a download that runs ends within a second, and is then settled as cancelled. */
export async function stopExport(
  { actor, now, db = prisma() }: ExportCtx,
  id: string,
): Promise<void> {
  const where = { id, personId: actor.id, finishedAt: null };
  await db.exportJob.updateMany({
    where: { ...where, state: 'queued' },
    data: { state: 'cancelled', search: '', finishedAt: now },
  });
  await db.exportJob.updateMany({
    where: { ...where, state: 'running' },
    data: { state: 'cancelled' },
  });
}
