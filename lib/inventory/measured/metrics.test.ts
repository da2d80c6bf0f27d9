import { expect, it } from 'vitest';
import { figureOf, metricNames } from './metrics';

it.each<[string, string | null, string | null, string | null]>([
  ['claude_code.token.usage', 'input', null, 'input_tokens sum'],
  ['claude_code.token.usage', 'cache_read', null, 'input_tokens sum'],
  ['claude_code.token.usage', 'cache_write', null, 'input_tokens sum'],
  ['claude_code.token.usage', 'output', null, 'output_tokens sum'],
  ['claude_code.token.usage', null, null, null],
  ['claude_code.token.usage', 'constructor', null, null],
  ['claude_code.cost.usage', null, null, 'cost sum'],
  ['claude_code.lines_of_code.count', null, null, null],
  ['codex.turn.token_usage', 'input', null, 'input_tokens sum'],
  ['codex.turn.token_usage', 'cache_read', null, null],
  ['codex.turn.token_usage', 'total', null, null],
  ['gemini_cli.token.usage', 'output', null, 'output_tokens sum'],
  ['gemini_cli.token.usage', 'cache_read', null, null],
  ['gemini_cli.token.usage', 'reasoning', null, null],
  ['gemini_cli.api.request.count', null, null, 'calls sum'],
  ['gen_ai.client.token.usage', 'input', 'chat', 'input_tokens sum'],
  ['gen_ai.client.token.usage', 'input', 'invoke_agent', null],
  ['gen_ai.client.token.usage', 'input', 'a word of its own', 'input_tokens sum'],
  ['gen_ai.client.inference.usage.input_tokens', 'input', 'chat', 'input_tokens sum'],
  ['gen_ai.client.inference.usage.cache_read.input_tokens', 'cache_read', 'chat', null],
  ['gen_ai.client.inference.operation.input_tokens', 'input', 'chat', null],
  ['gen_ai.client.operation.duration', null, 'chat', 'calls count'],
  ['gen_ai.client.operation.duration', null, 'embeddings', 'calls count'],
  ['gen_ai.client.operation.duration', null, 'execute_tool', null],
  ['gen_ai.client.inference.duration', null, null, 'calls count'],
  ['__proto__', null, null, null],
])('%s of %s tokens at %s tells %s', (metric, tokenType, operation, expected) => {
  const known = figureOf(metric, { tokenType, operation });
  expect(known === null ? null : `${known.figure} ${known.of}`).toBe(expected);
});

it('names are read from the log by an index, so they are few', () => {
  expect(metricNames.length).toBeLessThan(20);
});
