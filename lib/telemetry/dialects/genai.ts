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

/** The methods of A2A that hand an agent something to do, by JSON-RPC's names and by gRPC's. */
const messages = new Set(['message/send', 'message/stream', 'SendMessage', 'SendStreamingMessage']);

/** How a task ends that the agent did not do. */
const failures = new Set(['failed', 'rejected', 'TASK_STATE_FAILED', 'TASK_STATE_REJECTED']);
export const isFailedTask = (claims: Claims): boolean =>
  failures.has(claims.peek('taskState') ?? '');

/** By its method what a protocol between agents or to tools carries; null where it is of no such protocol. */
export function kindOfMethod(claims: Claims): InteractionKind | null {
  const isOfTool = claims.has('tool') || claims.peek('operation') === 'execute_tool';
  const method = claims.peek('mcpMethod');
  if (method !== null) return method === 'tools/call' && isOfTool ? 'tool_call' : 'mcp';
  const toAgent = claims.peek('a2aMethod');
  if (toAgent === null) return null;
  // To ask how a task goes, or to cancel it, is no call of the agent; many such follow one.
  return messages.has(toAgent) ? 'agent_call' : 'step';
}

/** A call of a model stays one whatever protocol it also names: only it has usage that counts. */
export function kindOfGenai(claims: Claims): InteractionKind {
  const kind = kindOfOperation(claims);
  if (kind === 'inference' || kind === 'embedding') return kind;
  return kindOfMethod(claims) ?? kind ?? kindByPresence(claims);
}

/**
 * What a span is by GenAI's word that it called a model or a tool and used so much, even if other names on it
 * say that it only holds or announces a call: one attribute more must not take a call out of the counts.
 */
export function kindOfUsed(claims: Claims): InteractionKind | null {
  const kind = kindOfOperation(claims);
  const isCall = kind === 'inference' || kind === 'embedding' || kind === 'tool_call';
  return isCall && hasUsage(claims) ? kind : null;
}

export const hasUsage = (claims: Claims): boolean =>
  claims.has('inputTokens') || claims.has('outputTokens');

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
  isError: isFailedTask,
  namesOf: { 'gen_ai.evaluation.result': { output: ['gen_ai.evaluation.explanation'] } },
  bodyOf: messageBody,
};
