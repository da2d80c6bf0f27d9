import { toolOf } from '../acted-on';
import type { AliasNames } from '../aliases';
import type { Claims } from '../claims';
import { stringOf } from '../forms';
import type { InteractionKind } from '../schema';
import type { DialectRules } from './dialect';
import { kindOfGenaiRecord, kindOfOperation } from './genai';

const kindByName = new Map<string, InteractionKind>([
  ['claude_code.api_request', 'inference'],
  ['claude_code.api_error', 'inference'],
  ['claude_code.tool_result', 'tool_call'],
  ['claude_code.interaction', 'step'],
  ['claude_code.llm_request', 'inference'],
  ['claude_code.tool', 'tool_call'],
  ['claude_code.tool.execution', 'step'],
  ['claude_code.tool.blocked_on_user', 'event'],
  ['claude_code.hook', 'event'],
]);

/** The last one says again what the `api_error`s before it said, so it is an event. */
const errors = new Set(['claude_code.api_error', 'claude_code.api_retries_exhausted']);

const failure: AliasNames = { errorType: ['error_type', 'status_code'] };
const body = (slot: 'input' | 'output'): AliasNames => ({ [slot]: ['body'] });

/**
 * Claude Code's log events and spans. Its `input_tokens` leave out what came from the cache or went into it.
 * A decision, a prompt, a hook and raw bodies are events: the request or the tool's result they belong to
 * tells of the same call, and is the one that counts.
 */
export const claudeCode: DialectRules = {
  name: 'claude_code',
  detect: (signs) => signs.has('claudeCode'),
  kindOf: (claims, { span, record }) =>
    kindByName.get(span.name) ??
    (record === null ? (kindOfOperation(claims) ?? 'step') : kindOfGenaiRecord(claims, span.name)),
  isError: (_claims, { span }) => errors.has(span.name),
  namesFirst: { user: ['user.email', 'user.account_uuid'] },
  names: {
    responseModel: ['model'],
    tool: ['mcp_tool_name', 'tool_name'],
    mcpTarget: ['mcp_server_name'],
    toolCall: ['tool_use_id'],
    agentVersion: ['app.version'],
    requestId: ['request_id', 'client_request_id'],
    uncachedInputTokens: ['input_tokens'],
    outputTokens: ['output_tokens'],
    cacheReadTokens: ['cache_read_tokens'],
    cacheWriteTokens: ['cache_creation_tokens'],
    cost: ['cost_usd'],
    durationMs: ['duration_ms'],
    isSuccess: ['success'],
    errorType: ['error_type'],
    errorMessage: ['error'],
    statusCode: ['status_code'],
    toolParameters: ['tool_parameters'],
    input: ['tool_input', 'prompt', 'user_prompt', 'full_command', 'file_path'],
    output: ['response'],
  },
  resourceOf: (claims, _named, kind) => {
    if (kind !== 'tool_call') return null;
    const name = toolInParameters(claims.peek('toolParameters') ?? '') ?? toolInName(claims);
    return name === null ? null : { kind: 'tool', name };
  },
  namesOf: {
    'claude_code.api_error': failure,
    'claude_code.api_request_body': body('input'),
    'claude_code.api_response_body': body('output'),
  },
};

/** Longer ones are not looked into for a name. */
const PARAMETERS_CHARACTERS_MAX = 65_536;

/** The tool of an MCP server, which is told only inside of the parameters; null where they do not say. */
function toolInParameters(parameters: string): string | null {
  if (parameters.length > PARAMETERS_CHARACTERS_MAX || !parameters.includes('"mcp_tool_name"'))
    return null;
  try {
    const read: unknown = JSON.parse(parameters);
    const tool = memberOf(read, 'mcp_tool_name');
    return tool === null ? null : toolOf(memberOf(read, 'mcp_server_name'), tool);
  } catch {
    return null;
  }
}

/** A name among an object's own members, of whatever type they are. */
function memberOf(object: unknown, name: string): string | null {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return null;
  return stringOf((object as Record<string, unknown>)[name]); // an own member, just looked up
}

/** The same where its name holds both, as Claude's tools are named to the model: `mcp__tickets__close`. */
function toolInName(claims: Claims): string | null {
  const [prefix, server, ...tool] = (claims.peek('tool') ?? '').split('__');
  if (prefix !== 'mcp' || !server || tool.join('__') === '') return null;
  return toolOf(server, tool.join('__'));
}
