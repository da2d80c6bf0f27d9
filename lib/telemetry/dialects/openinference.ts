import type { InteractionKind } from '../schema';
import { type DialectRules, kindByPresence } from './dialect';
import { kindOfGenaiRecord, messageBody } from './genai';

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
  detect: (signs) => signs.has('openInference'),
  kindOf: (claims, { span, record }) =>
    record === null
      ? (kindBySpanKind.get(claims.peek('openInferenceKind')?.toUpperCase() ?? '') ??
        kindByPresence(claims))
      : kindOfGenaiRecord(claims, span.name),
  names: {
    toolParameters: ['tool.parameters'],
    documents: ['reranker.input_documents.*'],
    output: ['llm.function_call'],
  },
  bodyOf: messageBody,
};
