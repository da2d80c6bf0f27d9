/** What of usage a metric can tell, as it is counted from calls too. */
export const figures = ['calls', 'input_tokens', 'output_tokens', 'cost'] as const;
export type Figure = (typeof figures)[number];

type Known = {
  metric: string;
  /** Null: whatever kind of token, or none, is told. */
  tokenType: string | null;
  figure: Figure;
  /** What of a histogram is the figure; of a sum it is its value. */
  of: 'sum' | 'count';
};

const tokens = (metric: string, tokenType: string | null, figure: Figure): Known => ({
  metric,
  tokenType,
  figure,
  of: 'sum',
});
const calls = (metric: string): Known => ({ metric, tokenType: null, figure: 'calls', of: 'count' });

/**
 * Metrics that count what calls tell too, by the names of OpenTelemetry's GenAI conventions, Claude Code and
 * Gemini CLI. Data only. Claude Code counts cached input apart, the others within input.
 */
export const knownMetrics: readonly Known[] = [
  tokens('claude_code.token.usage', 'input', 'input_tokens'),
  tokens('claude_code.token.usage', 'cache_read', 'input_tokens'),
  tokens('claude_code.token.usage', 'cache_write', 'input_tokens'),
  tokens('claude_code.token.usage', 'output', 'output_tokens'),
  tokens('claude_code.cost.usage', null, 'cost'),
  tokens('gemini_cli.token.usage', 'input', 'input_tokens'),
  tokens('gemini_cli.token.usage', 'output', 'output_tokens'),
  tokens('gemini_cli.api.request.count', null, 'calls'),
  tokens('gen_ai.client.token.usage', 'input', 'input_tokens'),
  tokens('gen_ai.client.token.usage', 'output', 'output_tokens'),
  tokens('gen_ai.client.inference.usage.input_tokens', null, 'input_tokens'),
  tokens('gen_ai.client.inference.usage.output_tokens', null, 'output_tokens'),
  tokens('gen_ai.client.inference.operation.input_tokens', null, 'input_tokens'),
  tokens('gen_ai.client.inference.operation.output_tokens', null, 'output_tokens'),
  calls('gen_ai.client.operation.duration'),
  calls('gen_ai.client.inference.duration'),
];
