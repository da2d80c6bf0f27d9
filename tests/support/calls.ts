import type { Queryable } from '@/lib/db/pool';

/** Columns of `interaction` that a test sets; the rest is that of a plain span of one agent. */
export type Call = Partial<{
  receivedAt: Date;
  reporter: string;
  identity: string | null;
  session: string;
  signal: string | null;
  promptId: string;
  requestId: string;
  responseId: string;
  toolCallId: string;
  trace: string;
  span: string;
  spanKind: string | null;
  parent: string;
  kind: string;
  model: string | null;
  resourceKind: string | null;
  resource: string | null;
  status: string;
  startedNs: bigint;
  endedNs: bigint;
  inputTokens: number;
  outputTokens: number;
  cost: number;
  marks: number;
}>;

export const agents = [1, 2, 3].map((n) => `00000000-0000-7000-8000-00000000000${n}`);

const bytes = (hex: string | undefined) => (hex === undefined ? null : Buffer.from(hex, 'hex'));

/** Appends calls to a shard, in the order given, as a gateway would. Returns their positions. */
export async function seedCalls(
  migrator: Queryable,
  shard: number,
  calls: readonly Call[],
): Promise<bigint[]> {
  const positions: bigint[] = [];
  for (const call of calls) {
    const at = call.receivedAt ?? new Date();
    const ns = BigInt(at.getTime()) * 1_000_000n;
    const identity = call.identity === undefined ? agents[0] : call.identity;
    const { rows } = await migrator.query<{ position: bigint }>(
      `WITH head AS (
         UPDATE shard SET next_position = next_position + 1, last_received_at = greatest(last_received_at, $2)
         WHERE id = $1 RETURNING next_position - 1 AS position
       ), entry AS (
         INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
         SELECT $2, $1, position, 'interaction', $3, sha256('leaf') FROM head
       )
       INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, session, signal, prompt_id,
         request_id, response_id, tool_call_id, trace, span, parent, span_kind, dialect, kind, name, model, resource_kind, resource,
         status, started_ns, ended_ns, input_tokens, output_tokens, cost, marks, bodies, salt)
       SELECT $2, $1, position, $3, $4, 'self', $5, $6, $7, $8, $9, $10, $11, $12, $13, $25, 'genai', $14, 'call', $15, $16,
         $17, $18, $19, $20, $21, $22, $23, $24, '', '' FROM head RETURNING position`,
      [
        shard,
        at,
        call.reporter ?? identity ?? agents[0],
        identity,
        call.session ?? '00000000-0000-7000-8000-0000000000aa',
        call.signal === undefined ? 'trace' : call.signal,
        call.promptId ?? null,
        call.requestId ?? null,
        call.responseId ?? null,
        call.toolCallId ?? null,
        bytes(call.trace),
        bytes(call.span),
        bytes(call.parent),
        call.kind ?? 'inference',
        call.model === undefined ? 'orchid-2' : call.model,
        call.resourceKind === undefined ? 'model' : call.resourceKind,
        call.resource === undefined ? (call.model ?? 'orchid-2') : call.resource,
        call.status ?? 'ok',
        (call.startedNs ?? ns - 900_000_000n).toString(),
        (call.endedNs ?? ns).toString(),
        call.inputTokens ?? null,
        call.outputTokens ?? null,
        call.cost ?? null,
        call.marks ?? 0,
        call.spanKind ?? null,
      ],
    );
    positions.push(rows[0]?.position ?? -1n);
  }
  return positions;
}
