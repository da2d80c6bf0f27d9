import { type DialectRules, kindByPresence } from './dialect';
import type { InteractionKind } from './schema';

/** OpenTelemetry's GenAI and MCP conventions, and the operations that known senders add to them. */
const kindByOperation = new Map<string, InteractionKind>([
  ['chat', 'inference'],
  ['generate_content', 'inference'],
  ['text_completion', 'inference'],
  ['llm_call', 'inference'],
  ['rerank', 'inference'],
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

const isOwn = (name: string) => name.startsWith('gen_ai.') || name.startsWith('mcp.');

export const genai: DialectRules = {
  name: 'genai',
  detect: ({ attributes, events }) =>
    attributes.some(([key]) => isOwn(key)) || events.some(({ name }) => name.startsWith('gen_ai.')),
  kindOf: (claims) => {
    const operation = claims.peek('operation');
    const method = claims.peek('mcpMethod');
    if (method !== null)
      return method === 'tools/call' && operation === 'execute_tool' ? 'tool_call' : 'mcp';
    return kindByOperation.get(operation ?? '') ?? kindByPresence(claims);
  },
};
