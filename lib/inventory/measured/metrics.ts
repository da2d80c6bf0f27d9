import { isUsageOperation } from '@/lib/telemetry/dialects/genai';

/** What of usage a metric can tell, as it is counted from calls too. */
export const figures = ['calls', 'input_tokens', 'output_tokens', 'cost'] as const;
export type Figure = (typeof figures)[number];

/** More runs of series than this of one identity are not followed: nobody fills the tables with series. */
export const runsMax = 2_000;

/** Which figure a metric tells; of a histogram its sum, or how many were recorded. */
type Known = { figure: Figure; of: 'sum' | 'count' };

/** By the kind of token that a point tells. */
type TokenTypes = Readonly<Record<string, Figure>>;

const byType: TokenTypes = { input: 'input_tokens', output: 'output_tokens' };

/**
 * Metrics that count what calls tell too. Data only. Cached input is within the input of all but Claude Code, which
 * counts it apart; reasoning is within the output, or apart in calls and metrics alike. The conventions'
 * `gen_ai.client.inference.operation.*` are left out: they are told not to be used for totals.
 */
const knownMetrics: Readonly<Record<string, TokenTypes | Known>> = {
  'gen_ai.client.token.usage': byType,
  'gen_ai.client.inference.usage.input_tokens': { figure: 'input_tokens', of: 'sum' },
  'gen_ai.client.inference.usage.output_tokens': { figure: 'output_tokens', of: 'sum' },
  'gen_ai.client.operation.duration': { figure: 'calls', of: 'count' },
  'gen_ai.client.inference.duration': { figure: 'calls', of: 'count' },
  'claude_code.token.usage': {
    ...byType,
    cache_read: 'input_tokens',
    cache_write: 'input_tokens',
  },
  'claude_code.cost.usage': { figure: 'cost', of: 'sum' },
  'codex.turn.token_usage': byType,
  'gemini_cli.token.usage': byType,
  'gemini_cli.api.request.count': { figure: 'calls', of: 'sum' },
};

export const metricNames: readonly string[] = Object.keys(knownMetrics);

/** What a data point of this metric tells of usage; null where that is nothing that is counted. */
export function figureOf(
  metric: string,
  { tokenType, operation }: { tokenType: string | null; operation: string | null },
): Known | null {
  if (!Object.hasOwn(knownMetrics, metric) || !isUsageOperation(operation)) return null;
  const known = knownMetrics[metric];
  if (known === undefined) return null;
  if (isKnown(known)) return known;
  const figure =
    tokenType !== null && Object.hasOwn(known, tokenType) ? known[tokenType] : undefined;
  return figure === undefined ? null : { figure, of: 'sum' };
}

const isKnown = (known: TokenTypes | Known): known is Known => Object.hasOwn(known, 'of');
