import type { Pool } from '@/lib/db/pool';
import { rangeOf } from '@/lib/inventory/address';
import { gatherSessions } from '@/lib/inventory/sessions/project';
import { findSession, listSessionEntries, listSessions } from '@/lib/inventory/sessions/queries';
import { showSession } from '@/lib/inventory/sessions/show';
import { layTimeline } from '@/lib/inventory/sessions/timeline';
import { scopeOf } from '../support/people';
import { type Figure, figure, quantileOf } from './report';

const spans = 2_000;
const rounds = 20;
const session = '00000000-0000-8000-8000-00000000ffff';
const scope = scopeOf();

/**
 * Beside what the bench of the inventory seeded: a session of 2,000 spans, read, hung into a tree and laid out
 * as its page does it; the first page of the list; and how fast entries are gathered, 20,000 a batch.
 */
export async function sessionFigures(db: Pool): Promise<Figure[]> {
  const perSecond = await gather(db);
  const opened: number[] = [];
  const listed: number[] = [];
  const none = { identity: null, actor: null, hasErrors: false };
  for (let round = 0; round <= rounds; round += 1) {
    const started = performance.now();
    const found = await findSession(scope, session, db);
    if (found === null || found === 'waiting') throw new Error('The session was not gathered.');
    const { entries } = await listSessionEntries(scope, found, db);
    const shown = showSession(entries);
    layTimeline(shown.entries);
    const between = performance.now();
    await listSessions(
      scope,
      { filter: none, range: rangeOf('24h', new Date()), cursor: null },
      db,
    );
    // The first round warms and is not counted.
    if (round === 0) continue;
    opened.push(between - started);
    listed.push(performance.now() - between);
  }
  return [
    figure('sessions, entries gathered', perSecond, '/s', { min: 1500 }),
    figure(
      `session of ${spans.toLocaleString('en')} spans p95, read and laid out`,
      quantileOf(opened, 0.95),
      'ms',
      { max: 300 },
    ),
    figure('list of sessions, first page p95', quantileOf(listed, 0.95), 'ms', { max: 80 }),
  ];
}

async function gather(db: Pool): Promise<number> {
  await db.query(
    `INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, session, trace, span, parent,
       dialect, kind, name, status, started_ns, ended_ns, input_tokens, output_tokens, marks, bodies, salt)
     SELECT date_trunc('milliseconds', now()), 9, i, '00000000-0000-7000-8000-000000000001',
       '00000000-0000-7000-8000-000000000001', 'self', $2, sha256('trace'), int8send(i),
       CASE WHEN i % 10 = 0 THEN CASE WHEN i > 0 THEN int8send(0) END ELSE int8send(i - i % 10) END,
       'genai', CASE WHEN i % 10 = 0 THEN 'step' WHEN i % 10 = 1 THEN 'inference' ELSE 'tool_call' END, 'item ' || i, 'ok',
       (extract(epoch FROM now()) * 1000)::bigint * 1000000 + i * 20000000,
       (extract(epoch FROM now()) * 1000)::bigint * 1000000 + i * 20000000 + 18000000, 400, 50, 0, '', ''
     FROM generate_series(0::bigint, $1::bigint - 1) i`,
    [spans, session],
  );
  const client = await db.connect();
  try {
    let entries = 0;
    const started = performance.now();
    for (const shard of [1, 2, 9]) entries += await gatherShard(client, shard);
    return entries / ((performance.now() - started) / 1000);
  } finally {
    client.release();
  }
}

/** In batches as large as a worker's; the seeded log has no heads to read, so the places come from the facts. */
async function gatherShard(
  client: Parameters<typeof gatherSessions>[0],
  shard: number,
): Promise<number> {
  let after = { receivedAt: new Date(0), position: -1n };
  for (let entries = 0; ; ) {
    const { rows } = await client.query<{ received_at: Date; position: bigint; n: number }>(
      `SELECT received_at, position, n FROM (
         SELECT received_at, position, row_number() OVER (ORDER BY received_at, position)::int AS n FROM (
           SELECT received_at, position FROM interaction WHERE shard = $1 AND received_at >= $2
             AND (received_at, shard, position) > ($2, $1, $3) ORDER BY received_at, shard, position LIMIT 20000) b
       ) numbered ORDER BY n DESC LIMIT 1`,
      [shard, after.receivedAt, after.position.toString()],
    );
    const end = rows[0];
    if (end === undefined) return entries;
    const through = { receivedAt: end.received_at, position: BigInt(end.position) };
    await client.query('BEGIN');
    await gatherSessions(
      client,
      { shard, after, through, entries: end.n },
      { within: [], before: [], again: [] },
    );
    await client.query('COMMIT');
    after = through;
    entries += end.n;
  }
}
