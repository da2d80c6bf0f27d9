/** Spans as senders write them, in OTLP/JSON, for tests and benches. Every value is made up. */

import type { AnyValue, Attributes, LogRecord, Origin, Span } from '@/lib/telemetry/schema';

export type OtlpValue =
  | { stringValue: string }
  | { intValue: string }
  | { doubleValue: number }
  | { boolValue: boolean }
  | { bytesValue: string }
  | { arrayValue: { values: OtlpValue[] } }
  | { kvlistValue: { values: OtlpAttribute[] } };
export type OtlpAttribute = { key: string; value: OtlpValue };
export type OtlpEvent = { timeUnixNano: string; name: string; attributes: OtlpAttribute[] };
export type OtlpSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  events?: OtlpEvent[];
  status?: { code?: number; message?: string };
};

export type Plain = string | number | boolean | Plain[] | { [key: string]: Plain };

/** `at` numbers the span: ids and times follow from it, so that a run can be repeated. */
export type SpanOptions = { at?: number; startedMs?: number; attributes?: Record<string, Plain> };

export function genaiChatSpan(options: SpanOptions = {}): OtlpSpan {
  return span('chat gpt-4.1-mini', 3, options, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4.1-mini',
    'gen_ai.response.model': 'gpt-4.1-mini-2025-04-14',
    'gen_ai.response.id': 'chatcmpl-4f0c2',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.request.temperature': 0.2,
    'gen_ai.request.max_tokens': 1024,
    'gen_ai.conversation.id': 'conv-invoice-7731',
    'gen_ai.agent.name': 'billing-agent',
    'gen_ai.agent.version': '3.2.0',
    'gen_ai.usage.input_tokens': 412,
    'gen_ai.usage.output_tokens': 58,
    'gen_ai.usage.cache_read.input_tokens': 256,
    'user.id': 'customer-5521',
    'server.address': 'api.openai.com',
    'server.port': 443,
    'gen_ai.system_instructions': JSON.stringify([
      { type: 'text', content: 'You answer questions about invoices. Never promise a refund.' },
    ]),
    'gen_ai.input.messages': JSON.stringify([
      {
        role: 'user',
        parts: [{ type: 'text', content: 'Why is invoice 7731 higher than last month?' }],
      },
    ]),
    'gen_ai.output.messages': JSON.stringify([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'Invoice 7731 includes two seats that were added on the 4th.' },
        ],
        finish_reason: 'stop',
      },
    ]),
  });
}

export function openInferenceSpan(options: SpanOptions = {}): OtlpSpan {
  return span('ChatCompletion', 1, options, {
    'openinference.span.kind': 'LLM',
    'llm.system': 'anthropic',
    'llm.model_name': 'claude-sonnet-4-5',
    'llm.invocation_parameters': '{"max_tokens": 512, "temperature": 0}',
    'llm.input_messages.0.message.role': 'system',
    'llm.input_messages.0.message.content': 'You book meeting rooms.',
    'llm.input_messages.1.message.role': 'user',
    'llm.input_messages.1.message.content': 'A room for six on Thursday at ten, please.',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'toolu_018',
    'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'find_room',
    'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments':
      '{"seats": 6, "from": "2026-11-26T10:00"}',
    'llm.tools.0.tool.json_schema':
      '{"name": "find_room", "parameters": {"type": "object", "properties": {"seats": {"type": "integer"}}}}',
    'llm.token_count.prompt': 188,
    'llm.token_count.completion': 41,
    'llm.token_count.total': 229,
    'llm.token_count.prompt_details.cache_read': 64,
    'llm.cost.total': 0.00117,
    'session.id': 'room-session-19',
    'user.id': 'employee-88',
    'input.value': '{"messages": [{"role": "user", "content": "A room for six …"}]}',
    'input.mime_type': 'application/json',
  });
}

export function toolSpan(options: SpanOptions = {}): OtlpSpan {
  return {
    ...span('execute_tool lookup_invoice', 1, options, {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'lookup_invoice',
      'gen_ai.tool.call.id': 'call_9b1',
      'gen_ai.tool.type': 'function',
      'gen_ai.agent.name': 'billing-agent',
      'gen_ai.tool.call.arguments': '{"invoice": 7731}',
      'gen_ai.tool.call.result': '{"total": 412.5, "currency": "EUR", "seats": 14}',
    }),
    parentSpanId: hex(8, (options.at ?? 1) + 7_000_000),
    status: { code: 1 },
  };
}

export function unknownSpan(options: SpanOptions = {}): OtlpSpan {
  return {
    ...span('GET /v2/rates', 3, options, {
      'rates.version': 2,
      'rates.status': 503,
      'server.address': 'rates.example.com',
      'server.port': 8443,
      'error.type': '503',
    }),
    status: { code: 2, message: 'Service Unavailable' },
  };
}

/** A body for `POST /v1/traces`. */
export function exportRequest(spans: OtlpSpan[], service = 'billing') {
  return {
    resourceSpans: [
      {
        resource: {
          attributes: attributesOf({
            'service.name': service,
            'service.version': '3.2.0',
            'deployment.environment.name': 'production',
            'telemetry.sdk.name': 'opentelemetry',
            'telemetry.sdk.language': 'nodejs',
            'telemetry.sdk.version': '2.1.0',
          }),
        },
        scopeSpans: [{ scope: { name: 'sallyport-test', version: '1.0.0' }, spans }],
      },
    ],
  };
}

export function attributesOf(values: Record<string, Plain>): OtlpAttribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function span(
  name: string,
  kind: number,
  { at = 1, startedMs = 1_795_000_000_000, attributes = {} }: SpanOptions,
  own: Record<string, Plain>,
): OtlpSpan {
  const startedNs = BigInt(startedMs) * 1_000_000n + BigInt(at);
  return {
    traceId: hex(16, at),
    spanId: hex(8, at),
    name,
    kind,
    startTimeUnixNano: `${startedNs}`,
    endTimeUnixNano: `${startedNs + 840_000_000n}`,
    attributes: attributesOf({ ...own, ...attributes }),
  };
}

function otlpValue(value: Plain): OtlpValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: `${value}` } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(otlpValue) } };
  return { kvlistValue: { values: attributesOf(value) } };
}

const hex = (bytes: number, at: number) => at.toString(16).padStart(bytes * 2, '0');

/** A span as decoding leaves it, for tests of what comes after; `change` replaces whole fields. */
export function decodedSpan(attributes: Attributes = [], change: Partial<Span> = {}): Span {
  return {
    trace: new Uint8Array(16).fill(7),
    span: new Uint8Array(8).fill(9),
    parent: new Uint8Array(0),
    name: 'a span',
    kind: 0,
    startedNs: 1_795_000_000_000_000_000n,
    endedNs: 1_795_000_001_000_000_000n,
    attributes,
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: '',
    traceState: '',
    marks: 0,
    ...change,
  };
}

/** A log record as decoding leaves it; `change` replaces whole fields. */
export function decodedRecord(
  eventName: string,
  attributes: Record<string, AnyValue> = {},
  change: Partial<LogRecord> = {},
): LogRecord {
  return {
    trace: new Uint8Array(0),
    span: new Uint8Array(0),
    timeNs: 1_795_000_001_000_000_000n,
    observedNs: 1_795_000_001_500_000_000n,
    severity: 9,
    severityText: '',
    eventName,
    body: null,
    attributes: Object.entries(attributes),
    marks: 0,
    ...change,
  };
}

export function decodedOrigin(change: Partial<Origin> = {}): Origin {
  return { resource: [], scopeName: '', scopeVersion: '', scope: [], ...change };
}
