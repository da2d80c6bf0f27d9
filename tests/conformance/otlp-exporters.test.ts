import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inflateBounded } from '@/lib/telemetry/inflate';
import { decodeTracesJson } from '@/lib/telemetry/otlp-json';
import { decodeTracesProtobuf } from '@/lib/telemetry/otlp-protobuf';
import { contentTypes, encodeExportResponse } from '@/lib/telemetry/otlp-response';
import type { Item } from '@/lib/telemetry/schema';
import { comparable } from '../support/otlp-requests';

const received = { protobuf: [] as Item[], json: [] as Item[], encodings: [] as unknown[] };

const server = createServer(async (request, response) => {
  const format = request.headers['content-type'] === contentTypes.json ? 'json' : 'protobuf';
  const encoding = request.headers['content-encoding'];
  const body = inflateBounded(await readBody(request), encoding, {
    bytesMax: 1_000_000,
    ratioMax: 100,
  });
  if (!body.ok) throw new Error(body.message);
  const decoded =
    format === 'json' ? decodeTracesJson(body.value) : decodeTracesProtobuf(body.value);
  if (!decoded.ok) throw new Error(decoded.message);
  received[format].push(...decoded.value);
  received.encodings.push(encoding);
  response.setHeader('content-type', contentTypes[format]);
  response.end(encodeExportResponse('trace', format, 0, ''));
});

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

beforeEach(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterEach(() => new Promise((done) => server.close(done)));

test('the JavaScript SDK reads the same by protobuf and by JSON', async () => {
  // `as`: a server that listens on a port has such an address.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  const gzip = { url, compression: 'gzip' as never }; // `as`: the enum is in a package of its own
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'conformance', 'service.version': '1.2.3' }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new ProtoExporter(gzip) }),
      new BatchSpanProcessor({ exporter: new HttpExporter({ url }) }),
    ],
  });
  const tracer = provider.getTracer('conformance-tracer', '0.1.0');
  const parent = tracer.startSpan('invoke_agent Ünïcode 🛡️', { kind: SpanKind.INTERNAL });
  const child = tracer.startSpan(
    'chat some-model',
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 9_007_199_254_740_991,
        'gen_ai.request.temperature': 0.7,
        'gen_ai.response.finish_reasons': ['stop', 'length'],
        negative: -42,
        flag: true,
      },
      links: [{ context: parent.spanContext(), attributes: { reason: 'retry' } }],
    },
    trace.setSpan(context.active(), parent),
  );
  child.addEvent('gen_ai.choice', { index: 0 });
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'it timed out' });
  child.end();
  parent.end();
  await provider.forceFlush();
  await provider.shutdown();

  expect(received.encodings.toSorted()).toEqual(['gzip', undefined]);
  expect(received.protobuf).toHaveLength(2);
  expect(comparable(received.json)).toEqual(comparable(received.protobuf));
  const [sent, outer] = received.protobuf.map((item) => ('span' in item ? item.span : null));
  expect(sent).toMatchObject({
    name: 'chat some-model',
    kind: 3,
    statusCode: 2,
    statusMessage: 'it timed out',
    marks: 0,
    attributes: [
      ['gen_ai.operation.name', 'chat'],
      ['gen_ai.usage.input_tokens', 9_007_199_254_740_991],
      ['gen_ai.request.temperature', 0.7],
      ['gen_ai.response.finish_reasons', ['stop', 'length']],
      ['negative', -42],
      ['flag', true],
    ],
    events: [{ name: 'gen_ai.choice', attributes: [['index', 0]] }],
    links: [{ attributes: [['reason', 'retry']] }],
  });
  expect(outer?.name).toBe('invoke_agent Ünïcode 🛡️');
  expect(hex(sent?.trace)).toBe(parent.spanContext().traceId);
  expect(hex(sent?.span)).toBe(child.spanContext().spanId);
  expect(hex(sent?.parent)).toBe(parent.spanContext().spanId);
  expect(sent !== null && sent !== undefined && sent.endedNs >= sent.startedNs).toBe(true);
  expect(received.protobuf[0]?.origin).toMatchObject({
    scopeName: 'conformance-tracer',
    scopeVersion: '0.1.0',
    resource: expect.arrayContaining([['service.name', 'conformance']]),
  });
});

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
