import { type DialectRules, kindByPresence } from './dialect';
import type { InteractionKind } from './schema';

const kindBySpanKind = new Map<string, InteractionKind>([
  ['LLM', 'inference'],
  ['EMBEDDING', 'embedding'],
  ['RETRIEVER', 'retrieval'],
  ['RERANKER', 'inference'],
  ['TOOL', 'tool_call'],
  ['AGENT', 'agent_call'],
  ['GUARDRAIL', 'step'],
  ['EVALUATOR', 'step'],
  ['PROMPT', 'step'],
  ['CHAIN', 'step'],
]);

/** Arize's OpenInference. It goes before GenAI: its instrumentations may send both at once. */
export const openInference: DialectRules = {
  name: 'openinference',
  detect: ({ attributes }, { scopeName }) =>
    attributes.some(([key]) => key === 'openinference.span.kind') ||
    scopeName.includes('openinference'),
  kindOf: (claims) =>
    kindBySpanKind.get(claims.peek('openInferenceKind')?.toUpperCase() ?? '') ??
    kindByPresence(claims),
};
