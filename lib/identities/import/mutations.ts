import { createHash } from 'node:crypto';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import type { CanonicalValue } from '@/lib/log/canonical';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { refuseCrowd } from '../registration/mutations';
import { lockNames, refusingTaken } from '../registration/names';
import { registerMany } from '../registration/register-many';
import { applyChange, lockIdentity } from '../versions/apply-change';
import { changeFacts } from '../versions/changed-parts';
import { writeBatches } from './batches';
import { type Asked, type JudgedLine, judgeLines } from './judge-lines';
import { readKnown } from './known';
import { heldToSeen, judgedOf, leftOut, marksOf } from './marks';
import { readLines } from './read-lines';
import {
  type ImportedLine,
  ImportFile,
  ImportIdentities,
  type ImportReport,
  importVerdicts,
} from './schema';

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
 * What comes to something else than what was `seen` is wrong.
 */
export async function importIdentities(
  ctx: RegistryCtx,
  input: ImportIdentities,
): Promise<ImportReport> {
  authorize(ctx.actor, ctx.actor.kind === 'machine' ? 'registry.propose' : 'registry.write');
  const { format, bytes, reason, seen } = parseInput(ImportIdentities, input);
  const judged = await judge(ctx, format, bytes);
  const lines = heldToSeen(judged, await marksOf(judged), seen);
  const batch = { digest: digestOf(bytes), reason };
  const failed = await writeBatches(
    lines.filter(({ asked }) => asked !== null),
    (some) =>
      refusingTaken('of another', () =>
        ctx.db.$transaction((tx) => write(tx, ctx, some, batch), { timeout: batchTimeoutMs }),
      ),
  );
  return reportOf(
    bytes,
    lines.map((line) => {
      const sentence = failed.get(line.line);
      return sentence === undefined ? line : leftOut(line, sentence);
    }),
  );
}

async function judge(
  ctx: RegistryCtx,
  format: 'csv' | 'json',
  bytes: Uint8Array,
): Promise<JudgedLine[]> {
  const lines = await readLines(format, bytes);
  const known = await readKnown(ctx.db, ctx, lines);
  return judgeLines(lines, known, {
    isChanging: ctx.actor.kind !== 'machine',
    by: ctx.actor.kind === 'person' ? ctx.actor.id : null,
  });
}

type Batch = { digest: string; reason: string };

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
  // Before any row's lock, as whoever changes one identity takes it.
  await lockNames(tx);
  if (isMachine) await refuseCrowd(tx, made.length);
  const state = isMachine ? 'proposed' : 'active';
  const registered = await registerMany(tx, ctx, made, { state, reason });
  const changed: Record<string, CanonicalValue>[] = [];
  for (const { asked, existing, line } of lines) {
    if (asked === null || existing === null) continue;
    await lockIdentity(tx, ctx, existing.id, existing.revision);
    const asking = { change: changeOf(asked), reason };
    const { before, after } = await applyChange(tx, ctx, existing.id, asking);
    changed.push({ identity: existing.id, ...changeFacts(before, after), line });
  }
  for (const facts of changed)
    await recordControl(tx, 'identity_changed', { ...whoOf(ctx.actor), ...facts, digest, reason });
  await recordControl(tx, 'identities_imported', {
    ...whoOf(ctx.actor),
    digest,
    made: registered,
    changed: changed.length,
    state,
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

async function reportOf(bytes: Uint8Array, lines: readonly JudgedLine[]): Promise<ImportReport> {
  const count = (verdict: string) => lines.filter((line) => line.verdict === verdict).length;
  const [made, changed, unchanged, wrong] = importVerdicts.map(count);
  const marks = await marksOf(lines);
  return {
    ...{ digest: digestOf(bytes), marks, judged: judgedOf(marks) },
    lines: lines.map(({ asked: _asked, existing: _existing, ...line }): ImportedLine => line),
    counts: {
      made: made ?? 0,
      changed: changed ?? 0,
      unchanged: unchanged ?? 0,
      wrong: wrong ?? 0,
    },
  };
}
