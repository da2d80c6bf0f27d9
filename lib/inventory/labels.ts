import {
  type BodyRole,
  type Dialect,
  type InteractionKind,
  type Mark,
  marks,
  type ResourceKind,
  type Signal,
  type Status,
  type Vantage,
} from '@/lib/telemetry/schema';
import type { Preset } from './address';
import type { InteractionDetail, Whose } from './schema';
import { visibleText } from './visible';

export const kindLabels = {
  inference: { word: 'Inference', icon: 'inference', did: 'asked' },
  embedding: { word: 'Embedding', icon: 'embed', did: 'embedded with' },
  retrieval: { word: 'Retrieval', icon: 'retrieval', did: 'retrieved from' },
  tool_call: { word: 'Tool call', icon: 'tool', did: 'called' },
  agent_call: { word: 'Agent call', icon: 'agent', did: 'called the agent' },
  memory: { word: 'Memory access', icon: 'database', did: 'used the memory' },
  mcp: { word: 'MCP request', icon: 'connect', did: 'sent a request to' },
  data_transfer: { word: 'Data transfer', icon: 'exchange', did: 'exchanged data with' },
  process: { word: 'Process event', icon: 'terminal', did: 'ran' },
  step: { word: 'Step', icon: 'session', did: 'took the step' },
  event: { word: 'Event', icon: 'info', did: 'reported' },
} as const satisfies Record<InteractionKind, { word: string; icon: string; did: string }>;

export const identityIcons = {
  agent: 'agent',
  daemon: 'daemon',
  service: 'service',
  external_api: 'external_api',
} as const;

export const statusLabels: Record<Status, { word: string; sentence: string }> = {
  ok: { word: 'Ok', sentence: 'It was reported as ok.' },
  error: { word: 'Error', sentence: 'It was reported as failed' },
  unset: { word: 'No error', sentence: 'No error was reported.' },
};

export const resourceLabels: Record<ResourceKind, string> = {
  model: 'model',
  tool: 'tool',
  mcp_server: 'MCP server',
  dataset: 'dataset',
  data_source: 'data source',
  endpoint: 'endpoint',
};

export const vantageLabels: Record<Vantage, string> = {
  self: 'reported by itself',
  peer: 'reported by the other side',
  gateway: 'seen by a gateway',
  sensor: 'seen by a sensor',
};

export const signalLabels: Record<Signal, string> = {
  trace: 'a span',
  log: 'a log record',
  metric: 'a data point',
};

/** In whose words an interaction was sent. */
export const dialectLabels: Record<Dialect, string> = {
  genai: 'OpenTelemetry GenAI',
  openinference: 'OpenInference',
  traceloop: 'OpenLLMetry',
  vercel: 'Vercel AI SDK',
  logfire: 'Pydantic Logfire',
  claude_code: 'Claude Code',
  codex: 'Codex',
  gemini_cli: 'Gemini CLI',
  mcp: 'Model Context Protocol',
  http: 'OpenTelemetry HTTP',
  rpc: 'OpenTelemetry RPC',
  database: 'OpenTelemetry database',
  messaging: 'OpenTelemetry messaging',
  faas: 'OpenTelemetry function',
  unknown: 'no known convention',
};

export const bodyLabels: Record<BodyRole, string> = {
  input: 'Input',
  output: 'Output',
  instructions: 'Instructions',
  tools: 'Tools offered',
  error: 'Error',
  attributes: 'Raw attributes',
};

/** In the order a reader needs them; raw attributes stay folded. */
export const bodyOrder: readonly BodyRole[] = [
  'error',
  'input',
  'output',
  'instructions',
  'tools',
  'attributes',
];

export const markLabels: Record<Mark, { word: string; sentence: string }> = {
  conflicting: {
    word: 'Conflicting',
    sentence: 'Another entry has the same trace and span but other content. Both are kept.',
  },
  implausible_time: {
    word: 'Implausible time',
    sentence: 'It says it happened over 400 days ago or in the future. Trust the arrival time.',
  },
  ends_before_start: {
    word: 'Ends before start',
    sentence: 'Its end lies before its start, so it has no duration.',
  },
  negative_tokens: {
    word: 'Negative tokens',
    sentence: 'It reported fewer than zero tokens, which are not counted.',
  },
  truncated: {
    word: 'Cut',
    sentence: 'A name was too long and is cut; the raw attributes hold all of it.',
  },
  invalid_text: {
    word: 'Invalid text',
    sentence: 'Some text was not valid UTF-8; what could not be read is replaced.',
  },
  digest_only: {
    word: 'Digest only',
    sentence: 'The content policy kept sizes and digests, not the content.',
  },
  invalid_parent: {
    word: 'Invalid parent',
    sentence: 'Its parent span id is malformed and is not used.',
  },
  duplicate_keys: {
    word: 'Repeated keys',
    sentence: 'An attribute was sent twice. The first one counts; the raw attributes hold all.',
  },
  replayed: {
    word: 'Replayed',
    sentence: 'Sent by the command `replay` from a recorded run; its step times are made up.',
  },
  simulated: {
    word: 'Simulated',
    sentence: 'Sent by the command `simulate`: nobody did this.',
  },
  invalid_trace: {
    word: 'Invalid trace',
    sentence: 'Its trace id is malformed and is not used; the raw attributes hold it.',
  },
};

/** The marks that are set, in the order of their bits. */
export function marksOf(bits: number): Mark[] {
  // Object.entries widens the keys of a constant that has no others.
  return (Object.entries(marks) as [Mark, number][])
    .filter(([, bit]) => (bits & bit) !== 0)
    .map(([mark]) => mark);
}

export const presetLabels: Record<Preset, string> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

/** The name to show: of the registered identity, else what it declared of itself. */
export function nameOf(who: Whose): { name: string; isRegistered: boolean } {
  if (who.identity !== null) return { name: who.identityName ?? who.identity, isRegistered: true };
  return { name: who.declaredName ?? who.service ?? 'Nameless', isRegistered: false };
}

/** One sentence: who did what, on whose behalf, and how it ended. All foreign words in it are made visible. */
export function verdictOf(interaction: InteractionDetail): { claim: string; rest: string } {
  const { name, isRegistered } = nameOf(interaction);
  const who = isRegistered ? visibleText(name) : `Unregistered ${visibleText(name)}`;
  const what = visibleText(interaction.resource ?? interaction.name);
  const forWhom =
    interaction.onBehalfOf === null ? '' : ` on behalf of ${visibleText(interaction.onBehalfOf)}`;
  const { sentence } = statusLabels[interaction.status];
  const why = interaction.errorType === null ? '.' : `: ${visibleText(interaction.errorType)}.`;
  return {
    claim: `${who} ${kindLabels[interaction.kind].did} ${what}${forWhom}.`,
    rest: interaction.status === 'error' ? `${sentence}${why}` : sentence,
  };
}

/** `2,914.20`, `0.0021`: cents where they matter, and what is small to two digits. */
export const amount = (cost: number): string =>
  cost !== 0 && Math.abs(cost) < 0.1
    ? cost.toLocaleString('en-GB', { maximumSignificantDigits: 2 })
    : cost.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** `1 session`, `1,204 entries`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${thousands(count)} ${count === 1 ? one : many}`;
export const thousands = (value: number | bigint): string => value.toLocaleString('en-GB');
export const countText = ({ count, isMore }: { count: number; isMore: boolean }): string =>
  `${thousands(count)}${isMore ? '+' : ''}`;
