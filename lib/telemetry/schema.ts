/** What an agent sends and what it becomes: the shapes between decoding, normalising and the log. */

export const signals = ['trace', 'log', 'metric'] as const;
export type Signal = (typeof signals)[number];

/** OTLP AnyValue. Integers that a double cannot hold are bigint; maps have no prototype. */
export type AnyValue = string | number | bigint | boolean | null | Uint8Array | AnyValue[] | AnyMap;
export type AnyMap = { [key: string]: AnyValue };

/** In the order sent; a key may repeat, since senders are not trusted. */
export type Attributes = (readonly [key: string, value: AnyValue])[];

export type SpanEvent = { timeNs: bigint; name: string; attributes: Attributes };
export type SpanLink = { trace: Uint8Array; span: Uint8Array; attributes: Attributes };

/** How much of an item its sender left out itself, where it says so. */
export type Dropped = { attributes?: number; events?: number; links?: number };

/** One OTLP span, decoded and not yet judged: ids may have any length, times any value. */
export type Span = {
  trace: Uint8Array;
  span: Uint8Array;
  parent: Uint8Array;
  name: string;
  /** OTLP SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  startedNs: bigint;
  endedNs: bigint;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  /** OTLP status: 0 unset, 1 ok, 2 error. */
  statusCode: number;
  statusMessage: string;
  traceState: string;
  dropped?: Dropped;
  /** Bits of `marks` that decoding itself found, such as text that was not UTF-8. */
  marks: number;
};

/** One OTLP log record, decoded and not yet judged. Ids are empty where none was sent. */
export type LogRecord = {
  trace: Uint8Array;
  /** The span in which it was written. */
  span: Uint8Array;
  timeNs: bigint;
  observedNs: bigint;
  /** OTLP SeverityNumber, 0 unspecified. */
  severity: number;
  severityText: string;
  eventName: string;
  body: AnyValue;
  attributes: Attributes;
  dropped?: Dropped;
  /** As of a span. */
  marks: number;
};

export const metricForms = [
  'gauge',
  'sum',
  'histogram',
  'exponential_histogram',
  'summary',
] as const;
export type MetricForm = (typeof metricForms)[number];

/** What the data points of one metric share. */
export type Metric = {
  name: string;
  description: string;
  unit: string;
  form: MetricForm;
  /** OTLP AggregationTemporality: 0 unspecified, 1 delta, 2 cumulative. */
  temporality: number;
  isMonotonic: boolean;
};

/** One OTLP data point with its metric, decoded and not yet judged. What its form has no place for is null. */
export type MetricPoint = Metric & {
  /** Zero where none was sent, as of a gauge. */
  startedNs: bigint;
  timeNs: bigint;
  attributes: Attributes;
  value: number | bigint | null;
  count: bigint | null;
  sum: number | null;
  min: number | null;
  max: number | null;
  /** Buckets, quantiles, exemplars and flags, under the protocol's names. */
  distribution: AnyMap;
  /** As of a span. */
  marks: number;
};

export type Origin = {
  resource: Attributes;
  scopeName: string;
  scopeVersion: string;
  scope: Attributes;
};

/** Why an item is not kept as an interaction. It goes to quarantine with this reason. */
export const dropReasons = [
  'malformed_item',
  'invalid_trace_id',
  'invalid_span_id',
  'time_out_of_range',
  'too_large',
  'too_many_attributes',
  'too_many_events',
  'too_deep',
  'failed_here',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Where an item came from, whatever it is. */
export type ItemOrigin = {
  signal: Signal;
  origin: Origin;
  /** The item's own length. */
  bytes: number;
  /** The same with its resource, its scope and its metric: what `raw` comes to. */
  rawBytes: number;
  raw: () => Buffer;
};

export type SpanContent = { span: Span };
export type RecordContent = { record: LogRecord };
export type PointContent = { point: MetricPoint };
type AnyContent = SpanContent | RecordContent | PointContent;

/** One item of a request, or why it cannot be read; `raw` is a complete request that holds only it. */
export type Item<Content = AnyContent> = ItemOrigin &
  (Content | { drop: DropReason; detail: string });

export const interactionKinds = [
  'inference',
  'embedding',
  'retrieval',
  'tool_call',
  'agent_call',
  'memory',
  'mcp',
  'data_transfer',
  'process',
  'step',
  'event',
] as const;
export type InteractionKind = (typeof interactionKinds)[number];

export const resourceKinds = [
  'model',
  'tool',
  'mcp_server',
  'dataset',
  'data_source',
  'endpoint',
] as const;
export type ResourceKind = (typeof resourceKinds)[number];

export const statuses = ['ok', 'error', 'unset'] as const;
export type Status = (typeof statuses)[number];

export const vantages = ['self', 'peer', 'gateway', 'sensor'] as const;
export type Vantage = (typeof vantages)[number];

export const dialects = [
  'genai',
  'openinference',
  'traceloop',
  'vercel',
  'logfire',
  'claude_code',
  'codex',
  'gemini_cli',
  'mcp',
  'http',
  'rpc',
  'database',
  'messaging',
  'faas',
  'unknown',
] as const;
export type Dialect = (typeof dialects)[number];

/** Programs that act for whoever sits before them, and name them. Their metrics begin with the same word and a dot. */
export const codingAgents = ['claude_code', 'codex', 'gemini_cli'] as const satisfies Dialect[];

/** `attributes` holds everything sent that nothing claimed, events and links included, as JSON. */
export const bodyRoles = [
  'input',
  'output',
  'instructions',
  'tools',
  'error',
  'attributes',
] as const;
export type BodyRole = (typeof bodyRoles)[number];
export type Body = { role: BodyRole; text: string };

/** What is odd about an interaction, kept as bits: kept and shown, never a reason to lose it. */
export const marks = {
  conflicting: 1,
  implausible_time: 2,
  ends_before_start: 4,
  negative_tokens: 8,
  truncated: 16,
  invalid_text: 32,
  digest_only: 64,
  invalid_parent: 128,
  duplicate_keys: 256,
  replayed: 512,
  simulated: 1024,
  invalid_trace: 2048,
} as const;
export type Mark = keyof typeof marks;

/** OTLP SpanKind by its number, from 1. Null where a sender does not say, and of a log record. */
export const spanKinds = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof spanKinds)[number];

/** One AI input, output or data exchange as its sender tells it, before anyone is believed. */
export type Interaction = {
  /** Which signal told of it. */
  signal: Signal;
  dialect: Dialect;
  kind: InteractionKind;
  operation: string | null;
  name: string;
  provider: string | null;
  /** The model that answered, else the one asked for. */
  model: string | null;
  /** Only when another model answered than was asked for. */
  requestModel: string | null;
  resourceKind: ResourceKind | null;
  resource: string | null;
  declaredName: string | null;
  declaredId: string | null;
  declaredVersion: string | null;
  service: string | null;
  environment: string | null;
  onBehalfOf: string | null;
  conversation: string | null;
  /** What one person's prompt started, where a sender numbers prompts within a conversation. */
  promptId: string | null;
  /** Ids of one call that every signal telling of it carries: of the request, the response, the tool use. */
  requestId: string | null;
  responseId: string | null;
  toolCallId: string | null;
  /** Null where a log record was sent outside of any trace. */
  trace: Uint8Array | null;
  /** Null for a log record, which is no span itself. */
  span: Uint8Array | null;
  spanKind: SpanKind | null;
  /** Of a log record: the span in which it was written. */
  parent: Uint8Array | null;
  startedNs: bigint;
  endedNs: bigint;
  status: Status;
  errorType: string | null;
  /** Input tokens include the cached ones, as the convention says; cached are never added again. */
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  reasoningTokens: number | null;
  /** In the currency sent, US dollars by convention. Null is unknown, never zero. */
  cost: number | null;
  costSource: 'sent' | 'computed' | null;
  clientAddress: string | null;
  clientPort: number | null;
  serverAddress: string | null;
  serverPort: number | null;
  marks: number;
  /** What the content policy replaced, by kind, e.g. `aws_key=1 password=2`. */
  redacted: string | null;
  bodies: Body[];
};

export const temporalities = ['delta', 'cumulative'] as const;
export type Temporality = (typeof temporalities)[number];

/** One number that a sender counted or measured by itself. Compared with what the log counts, never added to it. */
export type Measurement = {
  name: string;
  unit: string | null;
  form: MetricForm;
  temporality: Temporality | null;
  /** Of a sum: whether it only grows. */
  monotonic: boolean | null;
  /** Null where the sender gave no start, as of a gauge. */
  startedNs: bigint | null;
  endedNs: bigint;
  /** Of a gauge or sum. What is not finite is null here and among the attributes. */
  value: number | null;
  /** Of a histogram or summary. */
  count: number | null;
  sum: number | null;
  min: number | null;
  max: number | null;
  /** Of what kind of call it was measured, in the sender's word: `chat`, `execute_tool`. */
  operation: string | null;
  provider: string | null;
  model: string | null;
  /** `input`, `output`, `cache_read`, `cache_write`, `reasoning`, or the sender's own word. */
  tokenType: string | null;
  tool: string | null;
  errorType: string | null;
  declaredName: string | null;
  declaredId: string | null;
  declaredVersion: string | null;
  service: string | null;
  environment: string | null;
  onBehalfOf: string | null;
  conversation: string | null;
  marks: number;
  redacted: string | null;
  bodies: Body[];
};

export const contentPolicies = ['keep', 'redact', 'digest'] as const;
export type ContentPolicy = (typeof contentPolicies)[number];
