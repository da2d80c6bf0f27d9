import type { Claims } from '../claims';
import type { InteractionKind } from '../schema';
import type { DialectRules } from './dialect';
import { hasUsage, kindOfGenaiRecord, kindOfOperation } from './genai';

const isRefused = (claims: Claims) =>
  Number(claims.peek('statusCode') ?? 0) >= 400 || claims.has('errorMessage');

/**
 * Codex tells of one call of the model several times: a request, an event for each part of the answer, and
 * one at the end with what it used. Only that last one counts, and only with its usage, since the same end
 * is told without it too. A request that failed is never answered, so there the request counts.
 */
function kindOfRecord(name: string, claims: Claims): InteractionKind {
  switch (name) {
    case 'codex.sse_event':
    case 'codex.websocket_event':
      if (claims.peek('operation') === 'response.failed') return 'inference';
      return claims.peek('operation') === 'response.completed' && hasUsage(claims)
        ? 'inference'
        : 'event';
    case 'codex.api_request':
    case 'codex.websocket_request':
      return isRefused(claims) ? 'inference' : 'event';
    case 'codex.tool_result':
      return 'tool_call';
    default:
      return kindOfGenaiRecord(claims, name);
  }
}

/**
 * OpenAI's Codex. Its input tokens include the cached ones. Its spans repeat the usage that its log events
 * tell and carry no id of the call, so they are steps: counted, each call would be counted twice. None of its
 * own names an operation of GenAI's; a span that does is of a library which its process uses.
 */
export const codex: DialectRules = {
  name: 'codex',
  detect: (signs) => signs.has('codex'),
  kindOf: (claims, { span, record }) =>
    record === null ? (kindOfOperation(claims) ?? 'step') : kindOfRecord(span.name, claims),
  isError: (claims, { record }) =>
    record !== null && (isRefused(claims) || claims.peek('operation') === 'response.failed'),
  namesFirst: { user: ['user.email', 'user.account_id'] },
  names: {
    operation: ['event.kind'],
    provider: ['provider_name'],
    responseModel: ['model', 'slug'],
    tool: ['tool_name'],
    mcpTarget: ['mcp_server'],
    toolCall: ['call_id'],
    agentVersion: ['app.version'],
    conversation: ['conversation.id', 'thread.id'],
    promptId: ['turn.id'],
    inputTokens: ['input_token_count'],
    outputTokens: ['output_token_count'],
    cacheReadTokens: ['cached_token_count'],
    reasoningTokens: ['reasoning_token_count', 'codex.usage.reasoning_output_tokens'],
    durationMs: ['duration_ms'],
    isSuccess: ['success'],
    statusCode: ['http.response.status_code'],
    input: ['arguments', 'prompt'],
    output: ['output'],
  },
};
