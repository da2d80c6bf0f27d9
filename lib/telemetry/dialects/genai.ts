import { messageEvents } from '../aliases';
import type { Claims } from '../claims';
import { messageText } from '../event-content';
import type { AnyValue, InteractionKind } from '../schema';
import { type DialectRules, kindByPresence } from './dialect';

/** The event in which a call's content, and often its usage, is logged. */
export const DETAILS_EVENT = 'gen_ai.client.inference.operation.details';

/** OpenTelemetry's GenAI and MCP conventions, and the operations that known senders add to them. */
const kindByOperation = new Map<string, InteractionKind>([
  ['chat', 'inference'],
  ['generate_content', 'inference'],
  ['text_completion', 'inference'],
  ['llm_call', 'inference'],
  ['rerank', 'inference'],
  ['decide', 'inference'],
  ['embeddings', 'embedding'],
  ['retrieval', 'retrieval'],
  ['execute_tool', 'tool_call'],
  ['tool_call', 'tool_call'],
  ['invoke_agent', 'agent_call'],
  ['create_agent', 'agent_call'],
  ['agent_call', 'agent_call'],
  ['create_memory_store', 'memory'],
  ['search_memory', 'memory'],
  ['create_memory', 'memory'],
  ['update_memory', 'memory'],
  ['upsert_memory', 'memory'],
  ['delete_memory', 'memory'],
  ['delete_memory_store', 'memory'],
  ['invoke_workflow', 'step'],
  ['plan', 'step'],
  ['agent_step', 'step'],
  ['schedule_tool_calls', 'step'],
  ['guard', 'step'],
  ['guardrail.run', 'step'],
  ['run_guardrail', 'step'],
  ['user_prompt', 'event'],
  ['system_prompt', 'event'],
]);

/** Whether an operation is one on which usage is counted; of one that nobody has heard of it is believed. */
export function isUsageOperation(operation: string | null): boolean {
  const kind = kindByOperation.get(operation ?? '');
  return kind === undefined || kind === 'inference' || kind === 'embedding';
}

/** Null for an operation that nobody has heard of, or none. */
export const kindOfOperation = (claims: Claims): InteractionKind | null =>
  kindByOperation.get(claims.peek('operation') ?? '') ?? null;

export function kindOfGenai(claims: Claims): InteractionKind {
  const method = claims.peek('mcpMethod');
  // Only who says that it executes a tool counts as having done so: others leave that to the tool's own span.
  if (method !== null)
    return method === 'tools/call' && claims.peek('operation') === 'execute_tool'
      ? 'tool_call'
      : 'mcp';
  return (
    kindOfOperation(claims) ?? (claims.has('a2aMethod') ? 'agent_call' : kindByPresence(claims))
  );
}

/** A record tells of a call only if that is what it is for; any other repeats what its span says. */
export function kindOfGenaiRecord(claims: Claims, name: string): InteractionKind {
  return name === DETAILS_EVENT ? (kindOfOperation(claims) ?? 'inference') : 'event';
}

/** One message, as the older events hold it in their body. */
export function messageBody(name: string, body: AnyValue) {
  const kind = Object.hasOwn(messageEvents, name) ? messageEvents[name] : undefined;
  return kind === undefined ? null : { slot: kind.slot, text: messageText(body, kind.role) };
}

export const genai: DialectRules = {
  name: 'genai',
  detect: (signs) => signs.has('genai'),
  kindOf: (claims, { span, record }) =>
    record === null ? kindOfGenai(claims) : kindOfGenaiRecord(claims, span.name),
  namesOf: { 'gen_ai.evaluation.result': { output: ['gen_ai.evaluation.explanation'] } },
  bodyOf: messageBody,
};
