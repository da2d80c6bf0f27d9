import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
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

test('spans of the unmodified JavaScript SDK are counted once, by either exporter, and after a repeat', async () => {
  const { key, id } = await registerReporter(pool, { name: 'returns-agent' });
  const options = { url: `${gateway.url}/v1/traces`, headers: { authorization: `Bearer ${key}` } };
  const ended: ReadableSpan[] = [];
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'returns-agent',
      'service.version': '1.2.3',
    }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new ProtoExporter(options) }),
      // The same spans by the other exporter: another encoding is no other content.
      new BatchSpanProcessor({ exporter: new HttpExporter(options) }),
      {
        onStart() {},
        onEnd: (span: ReadableSpan) => void ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  const tracer = provider.getTracer('returns', '0.1.0');
  const agent = tracer.startSpan('invoke_agent returns-agent', {
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'returns-agent',
      'gen_ai.conversation.id': 'conv-1',
    },
  });
  const inside = trace.setSpan(context.active(), agent);
  const chat = tracer.startSpan(
    'chat orchid-2',
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'orchid-2',
        'gen_ai.conversation.id': 'conv-1',
        'gen_ai.usage.input_tokens': 120,
        'gen_ai.usage.output_tokens': 7,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: 'Grüße 📦' }] },
        ]),
      },
    },
    inside,
  );
  chat.addEvent('gen_ai.choice', { index: 0 });
  chat.end();
  const tool = tracer.startSpan(
    'execute_tool lookup_parcel',
    {
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'lookup_parcel',
        'gen_ai.tool.call.arguments': '{"id":17}',
        'error.type': 'timeout',
      },
    },
    inside,
  );
  tool.setStatus({ code: SpanStatusCode.ERROR, message: 'it timed out' });
  tool.end();
  agent.end();
  await provider.forceFlush();
  for (const exporter of [new ProtoExporter(options), new HttpExporter(options)]) {
    await new Promise<void>((resolve, reject) =>
      exporter.export(ended, ({ error }) => (error ? reject(error) : resolve())),
    );
    await exporter.shutdown();
  }
  await provider.shutdown();

  const { rows } = await pool.query(
    'SELECT kind, name, identity, model, resource_kind, resource, status, error_type, input_tokens, output_tokens, marks, conversation, parent FROM interaction WHERE reporter = $1 ORDER BY kind',
    [id],
  );
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatchObject({ identity: id, marks: 0 });
  expect(rows[0]).toMatchObject({
    kind: 'agent_call',
    name: 'invoke_agent returns-agent',
    parent: null,
  });
  expect(rows[1]).toMatchObject({
    kind: 'inference',
    model: 'orchid-2',
    resource_kind: 'model',
    resource: 'orchid-2',
    status: 'unset',
    input_tokens: 120n,
    output_tokens: 7n,
    conversation: 'conv-1',
  });
  expect(rows[2]).toMatchObject({
    kind: 'tool_call',
    resource_kind: 'tool',
    resource: 'lookup_parcel',
    status: 'error',
    error_type: 'timeout',
  });
  expect(gateway.gateway.writer.figures()).toMatchObject({
    storedTotal: 3,
    duplicatesTotal: 9,
    conflictingTotal: 0,
  });
});
