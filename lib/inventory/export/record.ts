import { unpackBodies } from '@/lib/log/leaf';
import type { StoredBody } from '@/lib/log/queries';
import type { EntryPlace } from '@/lib/log/schema';
import { bodyRoles } from '@/lib/telemetry/schema';
import { formatEntryId } from '../entry-id';
import { marksOf } from '../labels';
import { type Cell, csvLine, jsonLine } from './cell';
import type { ExportFormat } from './schema';

/** A row of `interaction` with the names of its identity and reporter and its leaf, as PostgreSQL gives it. */
export type ExportRow = EntryPlace & { readonly facts: Readonly<Record<string, unknown>> };

const nsPerSecond = 1_000_000_000n;
// The years 1970 to 9999, which RFC 3339 can write.
const lastSecond = 253_402_300_800n;

/** RFC 3339 with nanoseconds; null for what no calendar reaches. */
export function instantOfNs(ns: bigint): string | null {
  const second = ns / nsPerSecond;
  if (ns < 0n || second >= lastSecond) return null;
  const fraction = String(ns % nsPerSecond).padStart(9, '0');
  return `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

// A column of the file, in its order: the entry, when, the whos, then what it says of itself.
const texts = [
  'reporter',
  'reporter_name',
  'identity',
  'identity_name',
  'identity_kind',
  'vantage',
  'fingerprint',
  'declared_name',
  'declared_id',
  'declared_version',
  'service',
  'environment',
  'on_behalf_of',
  'kind',
  'operation',
  'name',
  'provider',
  'model',
  'request_model',
  'resource_kind',
  'resource',
  'status',
  'error_type',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost',
  'cost_source',
  'client_address',
  'client_port',
  'server_address',
  'server_port',
  'session',
  'conversation',
  'prompt_id',
  'request_id',
  'response_id',
  'tool_call_id',
  'signal',
  'dialect',
  'trace',
  'span',
  'span_kind',
  'parent',
] as const;

/** Everything of one row that is no content, in the order of the file's columns. */
export function factsOf({ facts, ...place }: ExportRow): Record<string, Cell> {
  const record: Record<string, Cell> = {
    id: formatEntryId(place),
    leaf: cellOf(facts.leaf),
    shard: place.shard,
    position: cellOf(place.position),
    received_at: place.receivedAt.toISOString(),
    started_at: instantOfNs(bigintOf(facts.started_ns)),
    ended_at: instantOfNs(bigintOf(facts.ended_ns)),
    // As sent, for what no calendar reaches.
    started_ns: String(facts.started_ns),
  };
  for (const name of texts) record[name] = cellOf(facts[name]);
  record.marks = marksOf(Number(facts.marks ?? 0)).join(' ');
  record.redacted = cellOf(facts.redacted);
  return record;
}

const bigintOf = (value: unknown): bigint => (typeof value === 'bigint' ? value : 0n);

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (typeof value === 'number') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

const digestsOf = (row: ExportRow) =>
  row.facts.bodies instanceof Uint8Array ? unpackBodies(row.facts.bodies) : [];

/** The first line of the file; an NDJSON file has none. */
export function headOf(format: ExportFormat, withContent: boolean): string {
  if (format === 'ndjson') return '';
  const nothing = { receivedAt: new Date(0), shard: 0, position: 0n, facts: {} };
  const content = withContent ? bodyRoles.map((role) => `content_${role}`) : [];
  return `${[...Object.keys(factsOf(nothing)), 'bodies', ...content].join(',')}\r\n`;
}

/** One row of the file. `content` is null where only facts leave. */
export function lineOf(
  format: ExportFormat,
  row: ExportRow,
  content: readonly StoredBody[] | null,
): string {
  const facts = factsOf(row);
  const digests = digestsOf(row);
  const textOf = (role: string) => content?.find((body) => body.role === role)?.text ?? null;
  if (format === 'csv') {
    const bodies = digests.map(({ role, bytes, digest }) => `${role} ${bytes} ${digest}`);
    const contents = content === null ? [] : bodyRoles.map(textOf);
    return csvLine([...Object.values(facts), bodies.join('; '), ...contents]);
  }
  if (content === null) return jsonLine({ ...facts, bodies: digests });
  return jsonLine({
    ...facts,
    bodies: digests.map((body) => ({ ...body, text: textOf(body.role) })),
  });
}
