import { type AliasNames, type AliasTable, aliasTable } from './aliases';
import { codingAgents } from './schema';

/** Which attribute of a data point tells what, under every name senders give it. Data only, as for spans. */
const pointAliases: AliasNames = {
  operation: ['gen_ai.operation.name'],
  provider: ['gen_ai.provider.name', 'gen_ai.system'],
  responseModel: ['gen_ai.response.model', 'model'],
  requestModel: ['gen_ai.request.model'],
  tokenType: ['gen_ai.token.type'],
  tool: ['gen_ai.tool.name', 'mcp.tool.name', 'tool_name', 'function_name'],
  agentName: ['gen_ai.agent.name', 'agent.name'],
  agentId: ['gen_ai.agent.id', 'agent.id'],
  agentVersion: ['gen_ai.agent.version', 'agent.version'],
  user: ['user.id', 'enduser.id'],
  conversation: ['gen_ai.conversation.id', 'conversation.id', 'session.id'],
  errorType: ['error.type', 'error_type'],
};

/** They name a person as their logs and spans do, beside a device or an account. */
const codingAgentAliases: AliasNames = {
  ...pointAliases,
  user: ['user.email', 'user.account_uuid', 'user.account_id', 'user.id', 'enduser.id'],
};

/** Names too common to mean the same in every metric. */
const aliasesOfMetric: Record<string, AliasNames> = {
  'claude_code.token.usage': { tokenType: ['type'] },
  'claude_code.code_edit_tool.decision': { tool: ['tool_name', 'tool'] },
  'codex.turn.token_usage': { tokenType: ['token_type'] },
  'gemini_cli.token.usage': { tokenType: ['type'] },
};

/** Metrics that are of one kind of token each. */
const tokenTypeOfMetric: Record<string, string> = {
  'gen_ai.client.inference.usage.input_tokens': 'input',
  'gen_ai.client.inference.usage.output_tokens': 'output',
  'gen_ai.client.inference.usage.cache_read.input_tokens': 'cache_read',
  'gen_ai.client.inference.usage.cache_write.input_tokens': 'cache_write',
  'gen_ai.client.inference.usage.reasoning.output_tokens': 'reasoning',
  'gen_ai.client.inference.operation.input_tokens': 'input',
  'gen_ai.client.inference.operation.output_tokens': 'output',
};

/** Senders' own words for kinds of tokens. */
const tokenTypeOfWord: Record<string, string> = {
  cacheRead: 'cache_read',
  cacheCreation: 'cache_write',
  cache: 'cache_read',
  cached_input: 'cache_read',
  thought: 'reasoning',
  reasoning_output: 'reasoning',
  prompt: 'input',
  completion: 'output',
};

const isOfCodingAgent = (metric: string) =>
  codingAgents.some((name) => metric.startsWith(`${name}.`));
const tables = new Map<string, AliasTable>(
  Object.entries(aliasesOfMetric).map(([metric, own]) => [
    metric,
    aliasTable({ ...(isOfCodingAgent(metric) ? codingAgentAliases : pointAliases), ...own }),
  ]),
);
const table = aliasTable(pointAliases);
const codingAgentTable = aliasTable(codingAgentAliases);

export const pointTableOf = (metric: string): AliasTable =>
  tables.get(metric) ?? (isOfCodingAgent(metric) ? codingAgentTable : table);

/** The kind of token that a metric, or a sender's word, stands for; null where it is one as it is. */
export function knownTokenType(metric: string, word: string | null): string | null {
  if (word !== null) return own(tokenTypeOfWord, word);
  return own(tokenTypeOfMetric, metric);
}

const own = (record: Record<string, string>, key: string): string | null =>
  Object.hasOwn(record, key) ? (record[key] ?? null) : null;
