import type { InteractionKind } from '../schema';
import { type DialectRules, kindByPresence } from './dialect';
import { kindOfOperation } from './genai';

const kindByName = new Map<string, InteractionKind>([
  ['gemini_cli.api_response', 'inference'],
  ['gemini_cli.api_error', 'inference'],
  ['gemini_cli.tool_call', 'tool_call'],
]);

/**
 * Google's Gemini CLI. An answer is logged twice, as `api_response` and as GenAI's details of an operation:
 * the first counts, the second is an event that holds the content. Its input tokens include the cached ones.
 */
export const geminiCli: DialectRules = {
  name: 'gemini_cli',
  detect: (signs) => signs.has('geminiCli'),
  kindOf: (claims, { span, record }) =>
    record === null
      ? (kindOfOperation(claims) ?? kindByPresence(claims))
      : (kindByName.get(span.name) ?? 'event'),
  isError: (_claims, { span }) => span.name === 'gemini_cli.api_error',
  namesFirst: { user: ['user.email'] },
  names: {
    responseModel: ['model', 'model_name'],
    tool: ['function_name'],
    mcpTarget: ['mcp_server_name'],
    toolCall: ['tool_call_id', 'call_id'],
    promptId: ['prompt_id'],
    inputTokens: ['input_token_count'],
    outputTokens: ['output_token_count'],
    cacheReadTokens: ['cached_content_token_count'],
    reasoningTokens: ['thoughts_token_count'],
    durationMs: ['duration_ms'],
    isSuccess: ['success'],
    errorType: ['error_type'],
    errorMessage: ['error'],
    statusCode: ['status_code'],
    input: ['function_args', 'prompt', 'request_text'],
    output: ['response_text'],
  },
};
