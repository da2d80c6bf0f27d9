import type { Queryable } from '@/lib/db/pool';
import { appendControl } from '@/lib/log/append-control';
import type { CanonicalValue } from '@/lib/log/canonical';

const minuteMs = 60_000;
const recordedMax = 10_000;
const recorded = new Set<string>();

type Done = {
  kind: string;
  what: string;
  facts: CanonicalValue;
  now: Date;
  /** For how long the same is one line. */
  groupMs?: number;
};

/**
 * Appends what a person did, before it is done: once a minute for each `what`, so that opening the same again and
 * again is one line, not fifty. What this process forgets is said again, never left out.
 */
export async function recordOnce(
  db: Queryable,
  { kind, what, facts, now, groupMs = minuteMs }: Done,
): Promise<void> {
  const key = `${kind} ${what} ${Math.floor(now.getTime() / groupMs)}`;
  if (recorded.has(key)) return;
  await appendControl(db, kind, facts);
  if (recorded.size >= recordedMax) recorded.clear();
  recorded.add(key);
}
