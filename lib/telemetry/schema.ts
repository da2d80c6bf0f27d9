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
  /** Bits of `marks` that decoding itself found, such as text that was not UTF-8. */
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
] as const;
export type DropReason = (typeof dropReasons)[number];

/** One span of a request, or why it cannot be read; `raw` is a complete request that holds only it. */
export type Item = {
  origin: Origin;
  /** The span's own length. */
  bytes: number;
  /** The same with its resource and scope: what `raw` comes to. */
  rawBytes: number;
  raw: () => Buffer;
} & ({ span: Span } | { drop: DropReason; detail: string });

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

export const dialects = ['genai', 'openinference', 'unknown'] as const;
export type Dialect = (typeof dialects)[number];

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
} as const;
export type Mark = keyof typeof marks;

/** One AI input, output or data exchange as its sender tells it, before anyone is believed. */
export type Interaction = {
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
  trace: Uint8Array;
  span: Uint8Array;
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
  costSource: 'sent' | null;
  clientAddress: string | null;
  clientPort: number | null;
  serverAddress: string | null;
  serverPort: number | null;
  marks: number;
  /** What the content policy replaced, by kind, e.g. `aws_key=1 password=2`. */
  redacted: string | null;
  bodies: Body[];
};

export const contentPolicies = ['keep', 'redact', 'digest'] as const;
export type ContentPolicy = (typeof contentPolicies)[number];
