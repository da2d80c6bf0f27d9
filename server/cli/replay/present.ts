import type { Queryable } from '@/lib/db/pool';
import { sessionOf } from '@/lib/log/prepare';
import { conversationOf, type Plan, spanIdOf } from './plan-run';

/** Of a run that was replayed before: which of its spans are there, and when it was said to begin. */
export type Present = { spans: Set<string>; startUs: number };

const nothing = Buffer.alloc(0);

/** What the log holds of each run, by its key. A run that began at another time would be counted again. */
export async function findPresent(
  db: Queryable,
  plans: readonly Plan[],
  ids: ReadonlyMap<string, string>,
): Promise<Map<string, Present>> {
  const bySession = new Map(
    plans.map((plan) => [
      sessionOf(ids.get(plan.run.persona) ?? '', conversationOf(plan.run), nothing),
      plan,
    ]),
  );
  const { rows } = await db.query<{ session: string; span: Buffer; started_ns: bigint }>(
    'SELECT session, span, started_ns FROM interaction WHERE session = ANY($1::uuid[]) AND span IS NOT NULL',
    [[...bySession.keys()]],
  );
  const found = new Map<string, Present>();
  for (const { session, span, started_ns: startedNs } of rows) {
    const plan = bySession.get(session);
    if (plan === undefined) continue;
    const id = span.toString('hex');
    const fromUs = startOf(plan, id);
    if (fromUs === undefined) continue;
    const startUs = Number(startedNs / 1000n) - fromUs;
    const known = found.get(plan.run.key) ?? { spans: new Set(), startUs };
    known.spans.add(id);
    found.set(plan.run.key, known);
  }
  return found;
}

/** When a span of the plan begins; the root at its very start. */
function startOf({ run, steps }: Plan, id: string): number | undefined {
  if (id === spanIdOf(run, 0)) return 0;
  return steps.find((_step, nth) => spanIdOf(run, nth + 1) === id)?.fromUs;
}
