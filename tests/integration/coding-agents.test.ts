import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { activity } from '@/lib/inventory/activity/project';
import { projectBatch } from '@/lib/log/projection';
import type { AnyValue, Attributes, LogRecord, Origin, Span } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import * as claude from '../support/dialects/claude-code';
import * as codex from '../support/dialects/codex';
import * as gemini from '../support/dialects/gemini-cli';
import { bytes, logged, spanned } from '../support/dialects/session';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { decodedOrigin } from '../support/spans';

let database: TestDatabase;
let pool: Pool;
let worker: Pool;
let gateway: TestGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
});
afterAll(async () => {
  await gateway?.close();
  await worker?.end();
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

/** What is counted of an identity, by however many signals it was told. */
async function countedOf(identity: string) {
  const client = await worker.connect();
  try {
    const { rows: shards } = await pool.query<{ id: number }>(
      `SELECT id FROM shard WHERE kind = 'telemetry'`,
    );
    for (const { id } of shards) while ((await projectBatch(client, activity, id, 5)) > 0);
  } finally {
    client.release();
  }
  const { rows } = await pool.query(
    `SELECT sum(input_tokens)::int AS input, sum(output_tokens)::int AS output FROM rollup_hour
     WHERE identity = $1`,
    [identity],
  );
  return rows[0];
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
      const used = await countedOf(id);
      expect(used).toEqual(
        {
          claude_code: { input: 20_416, output: 316 },
          codex: { input: 5200, output: 410 },
          gemini_cli: { input: 900, output: 60 },
        }[dialect],
      );
    },
  );
});

describe('one call told by a log record and a span', () => {
  const usage = { 'gen_ai.usage.input_tokens': 900, 'gen_ai.usage.output_tokens': 60 };
  const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'orchid-2', ...usage };
  const counted = { input: 900, output: 60 };

  it('in whose span it was written is counted once, though neither tells an id', async () => {
    const { id, key } = await registerReporter(pool, { name: 'writes-in-spans' });
    const origin = decodedOrigin({
      resource: [['service.name', 'writes-in-spans']],
      scopeName: 'x',
    });
    const details = logged(1, chat, {
      eventName: 'gen_ai.client.inference.operation.details',
      trace: bytes(16, 7),
      span: bytes(8, 3),
    });
    await send('traces', key, spansOf([spanned('chat orchid-2', [0, 1], [7, 3], chat)], origin));
    await send('logs', key, logsOf([details], origin));
    expect(await countedOf(id)).toEqual(counted);
  });

  it('by Claude Code is counted once, where a log tells the request and a span the response', async () => {
    const { id, key } = await registerReporter(pool, { name: 'claude-code-2' });
    const tokens = { model: 'claude-opus-5', input_tokens: 900, output_tokens: 60 };
    const same = { 'session.id': 'ses-1', 'prompt.id': 'prompt-1', ...tokens };
    const log = logged(
      4,
      { 'event.name': 'api_request', request_id: 'req_1', ...same },
      { body: 'claude_code.api_request' },
    );
    const response = { 'gen_ai.system': 'anthropic', 'gen_ai.response.id': 'msg_1' };
    const request = { 'gen_ai.request.model': 'claude-opus-5' };
    const span = spanned('claude_code.llm_request', [1, 4], [9, 4], {
      ...same,
      ...request,
      ...response,
    });
    const of = ({ scopeName }: Origin) =>
      decodedOrigin({ resource: [['service.name', 'claude-code-2']], scopeName });
    await send('logs', key, logsOf([log], of(claude.logOrigin)));
    await send('traces', key, spansOf([span], of(claude.spanOrigin)));
    expect(await countedOf(id)).toEqual(counted);
  });

  it('instrumented by a framework and by its client is counted once', async () => {
    const { id, key } = await registerReporter(pool, { name: 'framework' });
    const origin = decodedOrigin({ resource: [['service.name', 'framework']], scopeName: 'x' });
    const answered = { ...chat, 'gen_ai.response.id': 'resp-7' };
    const spans = [
      spanned('chat orchid-2', [0.2, 0.9], [8, 6, 5], answered),
      spanned('ChatModel.chat', [0, 1], [8, 5], answered),
    ];
    await send('traces', key, spansOf(spans, origin));
    expect(await countedOf(id)).toEqual(counted);
  });
});
