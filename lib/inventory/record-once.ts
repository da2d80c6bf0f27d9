import type { Pool } from '@/lib/db/pool';
import { appendControl } from '@/lib/log/append-control';
import type { CanonicalValue } from '@/lib/log/canonical';

const hourMs = 3_600_000;
const recordedMax = 10_000;
const recorded = new Set<string>();

/**
 * Appends what a person did, before it is done: once an hour for each `what`, so that walking through a list is one
 * line, not fifty. What this process forgets is said again, never left out.
 */
export async function recordOnce(
  db: Pool,
  { kind, what, facts, now }: { kind: string; what: string; facts: CanonicalValue; now: Date },
): Promise<void> {
  const key = `${kind} ${what} ${Math.floor(now.getTime() / hourMs)}`;
  if (recorded.has(key)) return;
  await appendControl(db, kind, facts);
  if (recorded.size >= recordedMax) recorded.clear();
  recorded.add(key);
}
