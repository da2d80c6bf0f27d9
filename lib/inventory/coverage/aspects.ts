/**
 * What of an identity's telemetry can arrive or be missing: columns of `coverage_hour` (how many) and of
 * `coverage` (last seen) alike. `prompt` and `answer` are content outside of inferences, in events, steps
 * and calls of agents, which is where coding agents send it.
 */
export const aspects = [
  'inference',
  'input',
  'output',
  'prompt',
  'answer',
  'tool_call',
  'argument',
  'result',
  'retrieval',
  'transfer',
  'mcp',
  'trace',
  'log',
  'metric',
] as const;
export type Aspect = (typeof aspects)[number];
