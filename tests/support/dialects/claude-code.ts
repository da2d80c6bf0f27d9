/** One session of Claude Code as it is sent: names are its own, every value is made up. */
import type { AnyValue, Origin } from '@/lib/telemetry/schema';
import { decodedOrigin } from '../spans';
import { logged, spanned, writtenIn } from './session';

const resource = [
  ['service.name', 'claude-code'],
  ['service.version', '2.1.289'],
] as const;
export const logOrigin: Origin = decodedOrigin({
  resource: [...resource],
  scopeName: 'com.anthropic.claude_code.events',
});
export const spanOrigin: Origin = decodedOrigin({
  resource: [...resource],
  scopeName: 'com.anthropic.claude_code.tracing',
});

const standard = {
  'session.id': 'ses-4711',
  'user.id': 'f00d',
  'user.email': 'ada@example.com',
  'user.account_uuid': '6f0c',
  'organization.id': 'org-1',
  'terminal.type': 'xterm',
  'app.version': '2.1.289',
};

let sequence = 0;
/** The body holds the full name, an attribute the short one. Written in the span that is open, if one is. */
const event = (seconds: number, name: string, own: Record<string, AnyValue>, span?: number) => {
  sequence += 1;
  const attributes = { ...standard, 'event.name': name, 'event.sequence': sequence, ...own };
  return logged(seconds, attributes, {
    body: `claude_code.${name}`,
    ...(span === undefined ? {} : writtenIn(1, span)),
  });
};

export const logs = [
  event(0, 'mcp_server_connection', { status: 'connected', server_name: 'tickets' }),
  event(1, 'user_prompt', {
    'prompt.id': 'prompt-1',
    prompt_length: '24',
    prompt: 'Close the stale tickets.',
  }),
  event(
    4,
    'api_request',
    {
      'prompt.id': 'prompt-1',
      model: 'claude-opus-5',
      input_tokens: '12',
      output_tokens: '310',
      cache_read_tokens: '18000',
      cache_creation_tokens: '2400',
      cost_usd: '0.0316',
      cost_usd_micros: 31_600,
      duration_ms: '2750',
      ttft_ms: '810',
      request_id: 'req_011',
      client_request_id: 'cl-011',
      query_source: 'repl_main_thread',
    },
    10,
  ),
  event(5, 'tool_decision', {
    'prompt.id': 'prompt-1',
    tool_name: 'mcp_tool',
    tool_source: 'mcp',
    tool_use_id: 'toolu_01',
    decision: 'accept',
    source: 'user_temporary',
  }),
  event(
    6,
    'tool_result',
    {
      'prompt.id': 'prompt-1',
      tool_name: 'mcp_tool',
      tool_use_id: 'toolu_01',
      success: 'true',
      duration_ms: '420',
      decision_type: 'accept',
      decision_source: 'user_temporary',
      mcp_server_scope: 'project',
      tool_parameters: '{"mcp_server_name":"tickets","mcp_tool_name":"close_ticket","id":88}',
    },
    14,
  ),
  event(8, 'tool_result', {
    'prompt.id': 'prompt-1',
    tool_name: 'Bash',
    tool_use_id: 'toolu_02',
    success: 'false',
    duration_ms: '95',
    error_type: 'ShellError',
    error: 'exit code 1',
    tool_parameters: '{"bash_command":"git","full_command":"git push"}',
    tool_input: '{"command":"git push"}',
  }),
  event(8.5, 'tool_result', {
    'prompt.id': 'prompt-1',
    tool_name: 'mcp_tool',
    tool_use_id: 'toolu_03',
    success: 'true',
    duration_ms: '60',
    mcp_server_scope: 'user',
    tool_parameters: '{"mcp_server_name":"helpdesk","mcp_tool_name":"close_ticket","id":9}',
  }),
  event(9, 'hook_execution_complete', { hook_event: 'PostToolUse', total_duration_ms: '12' }),
  event(10, 'api_error', {
    'prompt.id': 'prompt-1',
    model: 'claude-opus-5',
    error: 'Overloaded',
    status_code: '529',
    duration_ms: '1200',
    attempt: '1',
    request_id: 'req_012',
  }),
  event(11, 'api_retries_exhausted', { model: 'claude-opus-5', error: 'Overloaded' }),
  event(12, 'api_request_body', { 'prompt.id': 'prompt-1', body: '{"messages":[]}' }),
  event(12, 'api_response_body', { 'prompt.id': 'prompt-1', body: '{"content":[]}' }),
  event(13, 'assistant_response', { 'prompt.id': 'prompt-1', response: 'One is closed.' }),
];

const shared = { 'session.id': 'ses-4711', 'user.email': 'ada@example.com' };

/** The second prompt's root never arrives, so its request hangs on a span that nobody has. */
export const spans = [
  spanned('claude_code.interaction', [1, 13], [1, 10], {
    ...shared,
    'prompt.id': 'prompt-1',
    user_prompt: 'Close the stale tickets.',
  }),
  spanned('claude_code.llm_request', [1.25, 4], [1, 11, 10], {
    ...shared,
    'prompt.id': 'prompt-1',
    'gen_ai.system': 'anthropic',
    'gen_ai.request.model': 'claude-opus-5',
    'gen_ai.response.id': 'req_011',
    'gen_ai.response.finish_reasons': ['tool_use'],
    request_id: 'req_011',
    input_tokens: 12,
    output_tokens: 310,
    cache_read_tokens: 18_000,
    cache_creation_tokens: 2400,
    success: true,
  }),
  spanned('claude_code.tool', [4.5, 6], [1, 12, 10], {
    ...shared,
    tool_name: 'mcp_tool',
    tool_use_id: 'toolu_01',
    'gen_ai.tool.call.id': 'toolu_01',
  }),
  spanned('claude_code.tool.blocked_on_user', [4.5, 5], [1, 13, 12], {
    ...shared,
    decision: 'accept',
    source: 'user_temporary',
  }),
  spanned('claude_code.tool.execution', [5, 6], [1, 14, 12], {
    ...shared,
    tool_use_id: 'toolu_01',
    success: true,
  }),
  spanned('claude_code.hook', [8.9, 9], [1, 15, 10], shared),
  spanned(
    'claude_code.tool',
    [7.9, 8],
    [1, 16, 10],
    {
      ...shared,
      'span.type': 'tool',
      tool_name: 'Bash',
      tool_use_id: 'toolu_02',
      'gen_ai.tool.call.id': 'toolu_02',
      full_command: 'git push',
    },
    { statusCode: 2 },
  ),
  spanned('claude_code.tool', [8.4, 8.5], [1, 17, 10], {
    ...shared,
    'span.type': 'tool',
    tool_name: 'mcp__helpdesk__close_ticket',
    tool_use_id: 'toolu_03',
    'gen_ai.tool.call.id': 'toolu_03',
  }),
  spanned('claude_code.llm_request', [8.8, 10], [1, 18, 10], {
    ...shared,
    'span.type': 'llm_request',
    'prompt.id': 'prompt-1',
    'gen_ai.system': 'anthropic',
    'gen_ai.request.model': 'claude-opus-5',
    model: 'claude-opus-5',
    request_id: 'req_012',
    attempt: 1,
    success: false,
    status_code: 529,
    error: 'Overloaded',
  }),
  spanned('claude_code.llm_request', [20, 22], [2, 21, 20], {
    ...shared,
    'prompt.id': 'prompt-2',
    'gen_ai.system': 'anthropic',
    'gen_ai.request.model': 'claude-opus-5',
    request_id: 'req_013',
    input_tokens: 4,
    output_tokens: 6,
  }),
];
