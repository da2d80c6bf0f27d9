import { z } from 'zod';
import { type Ctx, type ReadScope, reaches } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import { type Pool, pool, type Queryable } from '@/lib/db/pool';
import { appendControl } from '@/lib/log/append-control';
import { canonicalJson } from '@/lib/log/canonical';
import { readBodies, readQuarantined } from '@/lib/log/queries';
import type { EntryPlace } from '@/lib/log/schema';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { type BodyRole, marks } from '@/lib/telemetry/schema';
import { formatEntryId } from './entry-id';
import { getInteraction, whyGone } from './queries';
import { isReached, seesAll } from './reach';
import { recordOnce } from './record-once';
import { type Content, contentCharsMax } from './schema';

/** Whether any content at all may be read. Reading it is a right of its own, apart from roles. */
export const canReadContent = ({ content }: ReadScope): boolean => content.read.length > 0;

/** Null where content of what this identity did may be read; else the sentence that says why not. */
export async function whyWithheld(
  scope: ReadScope,
  identity: string | null,
  db: Queryable,
): Promise<string | null> {
  if (!canReadContent(scope))
    return 'You have no right to read content. An administrator can give it.';
  return (await isReached(scope.content.read, identity, db))
    ? null
    : 'You may read content of your teams only, and this is of none of them. An administrator can give you more.';
}

/** That this person opened this content, or which part of it, where it is opened in parts. */
export const recordOpened = (
  db: Pool,
  kind: string,
  { who }: ReadScope,
  subject: string,
  now: Date,
  part: { first: string; last: string; entries: number } | null = null,
) =>
  recordOnce(db, {
    kind,
    // Of two sign-ins at once both are told: one of them may be a stranger's.
    what: `${canonicalJson(who)} ${subject} ${part?.first} ${part?.last} ${part?.entries}`,
    facts: { ...who, subject, ...part },
    now,
  });

/** Throws `not_found` for an entry that this person may not even know of: before anything is done to it. */
export async function requireSeen(
  scope: ReadScope,
  place: EntryPlace,
  db: Queryable = pool(),
): Promise<void> {
  if (seesAll(scope)) return;
  const { state } = await getInteraction(scope, place, db);
  if (state === 'missing') throw new AppError('not_found', 'There is no such interaction.');
}

export type Opening = { now: Date; db?: Pool; kek?: KeyEncryptionKey };

/**
 * Input, output and whatever else was kept of an interaction; `whole` is not cut. Opening it is on record. Without the
 * right to it sizes and digests are all that is told.
 */
export async function openContent(
  scope: ReadScope,
  { place, whole }: { place: EntryPlace; whole: BodyRole | null },
  { now, db = pool(), kek = keyEncryptionKey() }: Opening,
): Promise<Content> {
  const found = await getInteraction(scope, place, db);
  if (found.state !== 'kept') throw new AppError('not_found', 'There is no such interaction.');
  const message = await whyWithheld(scope, found.interaction.identity, db);
  if (message !== null) return { state: 'withheld', message, bodies: found.interaction.bodies };
  await recordOpened(db, 'content_opened', scope, formatEntryId(place), now);
  const bodies = await readBodies(db, kek, place);
  const isDigestOnly = (found.interaction.marks & marks.digest_only) !== 0;
  if (!isDigestOnly && bodies.length > 0 && bodies.every(({ text }) => text === null)) {
    return { state: 'gone', ...(await whyGone(place, 'bodies', db)) };
  }
  return {
    state: 'open',
    bodies: bodies.map(({ role, bytes, digest, text }) => ({
      role,
      bytes,
      digest,
      chars: text?.length ?? 0,
      text: text === null || role === whole ? text : cut(text),
    })),
  };
}

/** Never through the middle of a character. */
function cut(text: string): string {
  if (text.length <= contentCharsMax) return text;
  const last = text.charCodeAt(contentCharsMax - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? contentCharsMax - 1 : contentCharsMax);
}

/**
 * The refused item itself; null when it was too large to keep. Opening it is on record. It became nobody's entry, so
 * only the right to all content opens it.
 */
export async function openQuarantined(
  scope: ReadScope,
  id: string,
  { now, db = pool(), kek = keyEncryptionKey() }: Opening,
): Promise<Buffer | null> {
  if (!reaches(scope.content.read, null))
    throw new AppError(
      'forbidden',
      'What was refused is opened with the right to read all content. An administrator can give it.',
    );
  await recordOpened(db, 'quarantined_item_opened', scope, id, now);
  return readQuarantined(db, kek, id);
}

const chooseItems = 'Choose between 1 and 500 items to replay.';

export const RequestReplay = z.union(
  [
    z.object({ ids: z.array(z.guid(chooseItems)).min(1, chooseItems).max(500, chooseItems) }),
    /** Everything refused for these reasons. At most `replayMax` at a time, as for `all`. */
    z.object({
      reasons: z
        .array(z.string().min(1, chooseItems).max(64, chooseItems))
        .min(1, chooseItems)
        .max(20, 'Choose 20 reasons at most.'),
    }),
    // Said in so many words: a form that lost its fields must not mean everything.
    z.object({ all: z.literal(true) }),
  ],
  chooseItems,
);
export type RequestReplay = z.infer<typeof RequestReplay>;

export const replayMax = 5000;

/**
 * Asks the gateway to send items through the pipeline again; it does so within seconds and says what became
 * of them. Items that were too large to keep, were accepted, or wait already are passed over. Returns how many.
 */
export async function requestReplay(
  ctx: Ctx & { readonly scope: ReadScope },
  input: RequestReplay,
  db: Pool = pool(),
): Promise<number> {
  authorize(ctx.actor, 'quarantine.replay');
  const asked = parseInput(RequestReplay, input);
  if (!seesAll(ctx.scope)) return 0;
  const ids = 'ids' in asked ? asked.ids : null;
  const reasons = 'reasons' in asked ? asked.reasons : null;
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    const { rowCount } = await client.query(
      `UPDATE quarantine SET replay_state = 'requested' WHERE id IN (
         SELECT id FROM quarantine
         WHERE ($1::uuid[] IS NULL OR id = ANY($1)) AND ($2::text[] IS NULL OR reason = ANY($2))
           AND item IS NOT NULL AND (replay_state IS NULL OR replay_state = 'refused_again')
         ORDER BY received_at, id LIMIT $3 FOR UPDATE)`,
      [ids, reasons, replayMax],
    );
    const items = rowCount ?? 0;
    if (items > 0) {
      await appendControl(client, 'quarantine_replay_requested', {
        ...whoOf(ctx.actor),
        items,
        ids,
        reasons,
      });
    }
    await client.query('COMMIT');
    return items;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
