import { createHash } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { refuseCrowd } from '../registration/mutations';
import { refusingTaken } from '../registration/names';
import { registerMany } from '../registration/register-many';
import { applyChange, lockIdentity } from '../versions/apply-change';
import { type Asked, type JudgedLine, judgeLines } from './judge-lines';
import { readKnown } from './known';
import { readLines } from './read-lines';
import {
  type ImportedLine,
  ImportFile,
  ImportIdentities,
  type ImportReport,
  importVerdicts,
} from './schema';

const perBatch = 200;
/** A batch waits for nobody but other batches. */
const batchTimeoutMs = 60_000;

/**
 * What a file would come to, line by line; nothing is written. Throws `invalid_input` or `too_large` on what is no such
 * file at all.
 */
export async function previewImport(
  ctx: RegistryCtx,
  input: Omit<ImportIdentities, 'reason'>,
): Promise<ImportReport> {
  authorize(ctx.actor, 'registry.propose');
  const { format, bytes } = parseInput(ImportFile, input);
  return reportOf(bytes, await judge(ctx, format, bytes));
}

/**
 * Registers what a file says, and changes what it says otherwise: what people bring is active, what machines bring is
 * proposed. Lines that are wrong are left out and told; the rest goes on in batches, each a transaction with its entry.
 * What changed since the file was looked at is wrong by then.
 */
export async function importIdentities(
  ctx: RegistryCtx,
  input: ImportIdentities,
): Promise<ImportReport> {
  authorize(ctx.actor, ctx.actor.kind === 'machine' ? 'registry.propose' : 'registry.write');
  const { format, bytes, reason } = parseInput(ImportIdentities, input);
  const judged = await judge(ctx, format, bytes);
  const digest = digestOf(bytes);
  const toWrite = judged.filter(({ asked }) => asked !== null);
  const failed = new Map<number, string>();
  for (let at = 0; at < toWrite.length; at += perBatch) {
    const batch = toWrite.slice(at, at + perBatch);
    if ((await writeOr(ctx, batch, { digest, reason })) === null) continue;
    // One of them no longer holds: each by itself, so that the rest goes on.
    for (const line of batch) {
      const sentence = await writeOr(ctx, [line], { digest, reason });
      if (sentence !== null) failed.set(line.line, sentence);
    }
  }
  return reportOf(
    bytes,
    judged.map((line) => {
      const sentence = failed.get(line.line);
      return sentence === undefined
        ? line
        : { ...line, verdict: 'wrong', because: [sentence], changes: [] };
    }),
  );
}

async function judge(
  ctx: RegistryCtx,
  format: 'csv' | 'json',
  bytes: Uint8Array,
): Promise<JudgedLine[]> {
  const lines = readLines(format, bytes);
  const known = await readKnown(ctx.db, ctx, lines);
  return judgeLines(lines, known, {
    isChanging: ctx.actor.kind !== 'machine',
    by: ctx.actor.kind === 'person' ? ctx.actor.id : null,
  });
}

type Batch = { digest: string; reason: string };

/** Null once it is written; why not, where something of it no longer holds. */
async function writeOr(
  ctx: RegistryCtx,
  lines: readonly JudgedLine[],
  batch: Batch,
): Promise<string | null> {
  try {
    await refusingTaken('of another', () =>
      ctx.db.$transaction((tx) => write(tx, ctx, lines, batch), { timeout: batchTimeoutMs }),
    );
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

async function write(
  tx: Transaction,
  ctx: RegistryCtx,
  lines: readonly JudgedLine[],
  { digest, reason }: Batch,
): Promise<void> {
  const isMachine = ctx.actor.kind === 'machine';
  const made = lines.flatMap(({ verdict, asked }) =>
    verdict === 'made' && asked !== null ? [asked] : [],
  );
  if (isMachine) await refuseCrowd(tx, made.length);
  await registerMany(tx, ctx, made, { state: isMachine ? 'proposed' : 'active', reason });
  let changed = 0;
  for (const { asked, existing } of lines) {
    if (asked === null || existing === null) continue;
    await lockIdentity(tx, ctx, existing.id, existing.revision);
    await applyChange(tx, ctx, existing.id, { change: changeOf(asked), reason });
    changed += 1;
  }
  await recordControl(tx, 'identities_imported', {
    ...whoOf(ctx.actor),
    digest,
    made: made.length,
    changed,
    state: isMachine ? 'proposed' : 'active',
    first_line: lines[0]?.line ?? 0,
    last_line: lines.at(-1)?.line ?? 0,
    reason,
  });
}

const changeOf = ({ owner, sponsor, team, zone, kind: _kind, name: _name, ...rest }: Asked) => ({
  ...rest,
  ...{ ownerId: owner, sponsorId: sponsor, teamId: team, zoneId: zone },
});

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function reportOf(bytes: Uint8Array, lines: readonly JudgedLine[]): ImportReport {
  const count = (verdict: string) => lines.filter((line) => line.verdict === verdict).length;
  const [made, changed, unchanged, wrong] = importVerdicts.map(count);
  return {
    digest: digestOf(bytes),
    lines: lines.map(({ asked: _asked, existing: _existing, ...line }): ImportedLine => line),
    counts: {
      made: made ?? 0,
      changed: changed ?? 0,
      unchanged: unchanged ?? 0,
      wrong: wrong ?? 0,
    },
  };
}
