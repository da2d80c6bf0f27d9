/** One session of Gemini CLI as it is sent: names are its own, every value is made up. */
import type { AnyValue, Origin } from '@/lib/telemetry/schema';
import { decodedOrigin } from '../spans';
import { logged, spanned, writtenIn } from './session';

export const origin: Origin = decodedOrigin({
  resource: [['service.name', 'gemini-cli']],
  scopeName: 'gemini-cli',
});

const standard = {
  'session.id': 'ses-g1',
  'installation.id': 'inst-9',
  interactive: true,
  'user.email': 'ada@example.com',
  auth_type: 'oauth-personal',
};

/** The body is prose, an attribute says which event it is. What a span wraps is written in it. */
const event = (seconds: number, name: string, own: Record<string, AnyValue>, span?: number) =>
  logged(
    seconds,
    { ...standard, 'event.name': name, ...own },
    {
      body: `Something of ${name.length} letters happened.`,
      ...(span === undefined ? {} : writtenIn(1, span)),
    },
  );

export const logs = [
  event(0, 'gemini_cli.config', { model: 'gemini-4-pro', core_tools_enabled: 'read_file' }),
  event(1, 'gemini_cli.user_prompt', {
    prompt_length: 17,
    prompt_id: 'ses-g1########0',
    prompt: 'Summarise the log',
  }),
  event(2, 'gemini_cli.api_request', {
    model: 'gemini-4-pro',
    prompt_id: 'ses-g1########0',
    request_text: '[{"role":"user"}]',
  }),
  event(
    5,
    'gemini_cli.api_response',
    {
      model: 'gemini-4-pro',
      prompt_id: 'ses-g1########0',
      status_code: 200,
      duration_ms: 2500,
      input_token_count: 900,
      output_token_count: 60,
      cached_content_token_count: 512,
      thoughts_token_count: 33,
      tool_token_count: 0,
      total_token_count: 993,
      response_text: 'I will read it.',
    },
    11,
  ),
  event(
    5,
    'gen_ai.client.inference.operation.details',
    {
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.request.model': 'gemini-4-pro',
      'gen_ai.response.id': 'resp-g1',
      'gen_ai.usage.input_tokens': 900,
      'gen_ai.usage.output_tokens': 60,
      'gen_ai.input.messages': '[{"role":"user","parts":[]}]',
      'gen_ai.output.messages': '[{"role":"assistant","parts":[]}]',
    },
    11,
  ),
  event(
    7,
    'gemini_cli.tool_call',
    {
      function_name: 'read_file',
      function_args: '{"path":"app.log"}',
      decision: 'accept',
      success: true,
      duration_ms: 40,
      prompt_id: 'ses-g1########0',
      tool_type: 'native',
    },
    12,
  ),
  event(
    8,
    'gemini_cli.tool_call',
    {
      function_name: 'close_ticket',
      function_args: '{"id":88}',
      success: false,
      duration_ms: 15,
      error: 'no such ticket',
      error_type: 'tool_error',
      prompt_id: 'ses-g1########0',
      tool_type: 'mcp',
      mcp_server_name: 'tickets',
    },
    15,
  ),
  event(
    9,
    'gemini_cli.api_error',
    {
      model: 'gemini-4-pro',
      prompt_id: 'ses-g1########1',
      error: 'quota exceeded',
      error_type: 'ApiError',
      status_code: 429,
      duration_ms: 90,
    },
    16,
  ),
  event(10, 'gemini_cli.conseca.verdict', { verdict: 'allow' }),
];

const shared = {
  'gen_ai.agent.name': 'gemini-cli',
  'gen_ai.conversation.id': 'ses-g1',
};

export const spans = [
  spanned('user_prompt', [1, 9], [1, 10], { ...shared, 'gen_ai.operation.name': 'user_prompt' }),
  spanned('llm_call', [2.5, 5], [1, 11, 10], {
    ...shared,
    'gen_ai.operation.name': 'llm_call',
    'gen_ai.request.model': 'gemini-4-pro',
    'gen_ai.usage.input_tokens': 900,
    'gen_ai.usage.output_tokens': 60,
  }),
  spanned('schedule_tool_calls', [6, 7], [1, 13, 10], {
    ...shared,
    'gen_ai.operation.name': 'schedule_tool_calls',
  }),
  spanned('tool_call', [6.9, 7], [1, 12, 13], {
    ...shared,
    'gen_ai.operation.name': 'tool_call',
    'gen_ai.tool.name': 'read_file',
    'gen_ai.tool.call_id': 'read_file-1',
  }),
  spanned(
    'tool_call',
    [7.98, 8],
    [1, 15, 13],
    {
      ...shared,
      'gen_ai.operation.name': 'tool_call',
      'gen_ai.tool.name': 'close_ticket',
      'gen_ai.tool.call_id': 'close_ticket-2',
    },
    { statusCode: 2, statusMessage: 'no such ticket' },
  ),
  spanned(
    'llm_call',
    [8.91, 9],
    [1, 16, 10],
    { ...shared, 'gen_ai.operation.name': 'llm_call', 'gen_ai.request.model': 'gemini-4-pro' },
    { statusCode: 2, statusMessage: 'quota exceeded' },
  ),
  spanned('agent_call', [7, 8], [1, 14, 10], {
    ...shared,
    'gen_ai.operation.name': 'agent_call',
  }),
];
