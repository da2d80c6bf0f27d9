import type { Queryable } from '@/lib/db/pool';
import { sessionOf } from '@/lib/log/prepare';
import { bodyRoles, marks } from '@/lib/telemetry/schema';

/** What an entry tells, as far as the tests of who-sends-what need it. */
export type Told = {
  receivedAt: Date;
  /** When it happened; arrival where nothing is said. */
  at?: Date;
  identity?: string | null;
  fingerprint?: Buffer | null;
  reporter?: string;
  session?: string;
  kind?: string;
  signal?: string | null;
  dialect?: string;
  status?: string;
  onBehalfOf?: string | null;
  /** Indices of roles, see lib/telemetry/schema.ts. */
  roles?: number[];
  isImplausible?: boolean;
  declaredName?: string | null;
  declaredId?: string | null;
  service?: string | null;
  provider?: string | null;
  /** Kind and name of what is acted on. */
  resource?: readonly [kind: string, name: string];
  serverAddress?: string | null;
  spanKind?: string | null;
};

export const aReporter = '00000000-0000-7000-8000-00000000000c';

/** Appends entries with their facts to a shard, in one statement with its head, in the order given. */
export async function appendTold(
  migrator: Queryable,
  shard: number,
  entries: readonly Told[],
): Promise<void> {
  const rows = entries.map((entry, n) => ({
    n,
    received_at: entry.receivedAt.toISOString(),
    reporter: entry.reporter ?? aReporter,
    identity: entry.identity ?? null,
    fingerprint: entry.fingerprint?.toString('hex') ?? null,
    session:
      entry.session ??
      sessionOf('', null, Buffer.from(`${shard} ${n} ${entry.receivedAt.getTime()}`)),
    kind: entry.kind ?? 'inference',
    signal: entry.signal === undefined ? 'trace' : entry.signal,
    dialect: entry.dialect ?? 'genai',
    status: entry.status ?? 'ok',
    on_behalf_of: entry.onBehalfOf ?? null,
    declared_name: entry.declaredName ?? null,
    declared_id: entry.declaredId ?? null,
    service: entry.service ?? null,
    provider: entry.provider ?? null,
    resource_kind: entry.resource?.[0] ?? null,
    resource: entry.resource?.[0] === 'model' ? null : (entry.resource?.[1] ?? null),
    model: entry.resource?.[0] === 'model' ? entry.resource[1] : null,
    server_address: entry.serverAddress ?? null,
    span_kind: entry.spanKind ?? null,
    started_ns: String(BigInt((entry.at ?? entry.receivedAt).getTime()) * 1_000_000n),
    marks: entry.isImplausible === true ? marks.implausible_time : 0,
    bodies: (entry.roles ?? [])
      .map((role) => role.toString(16).padStart(2, '0') + '00'.repeat(36))
      .join(''),
  }));
  await migrator.query(
    `WITH item AS (
       SELECT * FROM json_to_recordset($2::json) AS r(n bigint, received_at timestamptz, reporter uuid, identity uuid,
         fingerprint text, session uuid, kind text, signal text, dialect text, status text, on_behalf_of text,
         declared_name text, declared_id text, service text, provider text, resource_kind text, resource text, model text,
         server_address text, span_kind text, started_ns bigint, marks int, bodies text)
     ), head AS (
       UPDATE shard SET next_position = next_position + (SELECT count(*) FROM item),
         last_received_at = greatest(last_received_at, (SELECT max(received_at) FROM item))
       WHERE id = $1 RETURNING next_position - (SELECT count(*) FROM item) AS first
     ), entry AS (
       INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
       SELECT received_at, $1, first + n, 'interaction', reporter, sha256(int8send(first + n)) FROM item, head
     )
     INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, fingerprint, declared_name,
       declared_id, service, provider, resource_kind, resource, model, server_address, span_kind, on_behalf_of, session,
       signal, dialect, kind, name, status, started_ns, ended_ns, marks, bodies, salt)
     SELECT received_at, $1, first + n, reporter, identity, 'peer', decode(fingerprint, 'hex'), declared_name,
       declared_id, service, provider, resource_kind, resource, model, server_address, span_kind, on_behalf_of, session,
       signal, dialect, kind, 'item', status, started_ns, started_ns, marks, decode(bodies, 'hex'), ''
     FROM item, head`,
    [shard, JSON.stringify(rows)],
  );
}

const hour = 3_600_000;
const day = 24 * hour;
const [input, output] = [bodyRoles.indexOf('input'), bodyRoles.indexOf('output')];

export const agent = (n: number) =>
  `00000000-0000-7000-8000-0000000000${n.toString(16).padStart(2, '0')}`;
export const session = (n: number) => `00000000-0000-8000-8000-${n.toString(16).padStart(12, '0')}`;
export const print = (n: number) => Buffer.alloc(16, n);

/** A log of several agents and shadow actors over days, late and implausible entries among them. */
export function manyTold(endMs: number, count: number): Told[] {
  let state = 7;
  const roll = (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
  return Array.from({ length: count }, (_, n) => {
    const isShadow = roll(4) === 0;
    const receivedAt = new Date(endMs - 12 * day + Math.floor((n * 12 * day) / count));
    return {
      receivedAt,
      at: new Date(receivedAt.getTime() - roll(40) * hour),
      identity: isShadow ? null : agent(roll(5)),
      fingerprint: isShadow ? print(roll(4)) : null,
      session: session(Math.floor(n / 9) * 3 + roll(3)),
      kind:
        ['inference', 'tool_call', 'event', 'retrieval', 'data_transfer', 'mcp', 'step'][roll(7)] ??
        'step',
      signal: [null, 'trace', 'log', 'metric'][roll(4)] ?? null,
      dialect: ['genai', 'vercel', 'codex'][roll(3)] ?? 'genai',
      status: roll(6) === 0 ? 'error' : 'ok',
      onBehalfOf: roll(5) === 0 ? 'somebody' : null,
      roles: [[], [input], [output], [input, output], [5], [2, 3, 5, 4, 1, 0]][roll(6)] ?? [],
      isImplausible: roll(30) === 0,
    };
  });
}
