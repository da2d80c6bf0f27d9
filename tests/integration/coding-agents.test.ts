import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import type { AnyValue, Attributes, LogRecord, Origin, Span } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import * as claude from '../support/dialects/claude-code';
import * as codex from '../support/dialects/codex';
import * as gemini from '../support/dialects/gemini-cli';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
});
afterAll(async () => {
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

const anyValue = (value: AnyValue) => {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return { intValue: `${value}` };
  return Array.isArray(value)
    ? { arrayValue: { values: value.map((each) => ({ stringValue: `${each}` })) } }
    : { stringValue: `${value}` };
};
const attributesOf = (attributes: Attributes) =>
  attributes.map(([key, value]) => ({ key, value: anyValue(value) }));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const scopeOf = ({ scopeName }: Origin) => ({ name: scopeName });
const resourceOf = ({ resource }: Origin) => ({ attributes: attributesOf(resource) });

const logsOf = (logs: LogRecord[], origin: Origin) => ({
  resourceLogs: [
    {
      resource: resourceOf(origin),
      scopeLogs: [
        {
          scope: scopeOf(origin),
          logRecords: logs.map((record) => ({
            timeUnixNano: `${record.timeNs}`,
            observedTimeUnixNano: `${record.observedNs}`,
            severityNumber: record.severity,
            eventName: record.eventName,
            ...(record.body === null ? {} : { body: anyValue(record.body) }),
            traceId: hex(record.trace),
            spanId: hex(record.span),
            attributes: attributesOf(record.attributes),
          })),
        },
      ],
    },
  ],
});

const spansOf = (spans: Span[], origin: Origin) => ({
  resourceSpans: [
    {
      resource: resourceOf(origin),
      scopeSpans: [
        {
          scope: scopeOf(origin),
          spans: spans.map((span) => ({
            traceId: hex(span.trace),
            spanId: hex(span.span),
            parentSpanId: hex(span.parent),
            name: span.name,
            kind: span.kind,
            startTimeUnixNano: `${span.startedNs}`,
            endTimeUnixNano: `${span.endedNs}`,
            attributes: attributesOf(span.attributes),
          })),
        },
      ],
    },
  ],
});

async function send(signal: 'logs' | 'traces', key: string, body: object) {
  const response = await fetch(`${gateway.url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  expect([response.status, await response.json()]).toEqual([200, {}]);
}

describe('a session of a coding agent, by its logs and its spans', () => {
  it.each([
    ['claude-code', 'claude_code', claude.logs, claude.logOrigin, claude.spans, claude.spanOrigin],
    ['codex_exec', 'codex', codex.logs, codex.origin, codex.spans, codex.origin],
    ['gemini-cli', 'gemini_cli', gemini.logs, gemini.origin, gemini.spans, gemini.origin],
  ] as const)(
    'of %s is one session of its reporter, whole',
    async (name, dialect, logs, logOrigin, spans, spanOrigin) => {
      const { id, key } = await registerReporter(pool, { name });
      await send('logs', key, logsOf(logs, logOrigin));
      await send('traces', key, spansOf(spans, spanOrigin));
      await send('logs', key, logsOf(logs, logOrigin));
      const { rows } = await pool.query(
        `SELECT signal, dialect, kind, identity, session, conversation FROM interaction WHERE reporter = $1`,
        [id],
      );
      expect(rows.filter(({ signal }) => signal === 'log')).toHaveLength(logs.length);
      expect(rows.filter(({ signal }) => signal === 'trace')).toHaveLength(spans.length);
      for (const row of rows) expect(row).toMatchObject({ dialect, identity: id });
      const told = rows.filter(({ conversation }) => conversation !== null);
      expect(new Set(told.map(({ session }) => session)).size).toBe(1);
      const { rows: used } = await pool.query(
        `SELECT sum(input_tokens)::int AS input, sum(output_tokens)::int AS output FROM interaction
          WHERE reporter = $1 AND signal = 'log' AND kind IN ('inference', 'embedding')`,
        [id],
      );
      expect(used[0]).toEqual(
        {
          claude_code: { input: 20_412, output: 310 },
          codex: { input: 5200, output: 410 },
          gemini_cli: { input: 900, output: 60 },
        }[dialect],
      );
    },
  );
});
