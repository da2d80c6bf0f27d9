/** One session of Codex as it is sent: names are its own, every value is made up. */
import type { AnyValue, Origin } from '@/lib/telemetry/schema';
import { decodedOrigin } from '../spans';
import { at, logged, spanned, writtenIn } from './session';

export const origin: Origin = decodedOrigin({
  resource: [['service.name', 'codex_exec']],
  scopeName: 'codex_otel',
});

const standard = {
  'conversation.id': 'con-815',
  'app.version': '0.150.0',
  auth_mode: 'ApiKey',
  originator: 'codex_exec',
  'user.account_id': 'acc-3',
  'user.email': 'ada@example.com',
  'terminal.type': 'xterm',
  model: 'gpt-6-codex',
  slug: 'gpt-6-codex',
};

/**
 * The record's own name is the place in the source; an attribute says which event it is. It says only when
 * it was observed, and is written in the span that is open, if one is.
 */
const event = (seconds: number, name: string, own: Record<string, AnyValue>, span?: number) =>
  logged(
    seconds,
    { 'event.name': name, ...standard, ...own },
    {
      eventName: 'event otel/src/events/session_telemetry.rs:221',
      timeNs: 0n,
      observedNs: at(seconds),
      ...(span === undefined ? {} : writtenIn(1, span)),
    },
  );

export const logs = [
  event(0, 'codex.conversation_starts', {
    provider_name: 'OpenAI',
    reasoning_effort: 'high',
    approval_policy: 'on-request',
    sandbox_policy: 'workspace-write',
    mcp_servers: 'tickets',
  }),
  event(1, 'codex.user_prompt', { prompt_length: '20', prompt: 'Fix the failing test' }),
  event(2, 'codex.api_request', {
    duration_ms: '300',
    'http.response.status_code': '429',
    'error.message': 'Too many requests',
    attempt: '0',
    endpoint: '/responses',
  }),
  event(3, 'codex.api_request', {
    duration_ms: '640',
    'http.response.status_code': '200',
    attempt: '1',
    endpoint: '/responses',
  }),
  event(4, 'codex.sse_event', { 'event.kind': 'response.created', duration_ms: '3' }),
  event(5, 'codex.sse_event', { 'event.kind': 'response.output_item.done', duration_ms: '900' }),
  event(6, 'codex.sse_event', { 'event.kind': 'response.completed', duration_ms: '1' }),
  event(
    6,
    'codex.sse_event',
    {
      'event.kind': 'response.completed',
      input_token_count: '5200',
      output_token_count: '410',
      cached_token_count: '4096',
      reasoning_token_count: '128',
      tool_token_count: '5610',
    },
    11,
  ),
  event(7, 'codex.tool_decision', {
    tool_name: 'shell',
    call_id: 'call_1',
    decision: 'approved',
    source: 'user',
  }),
  event(
    9,
    'codex.tool_result',
    {
      tool_name: 'shell',
      call_id: 'call_1',
      arguments: '{"command":["npm","test"]}',
      duration_ms: '1500',
      success: 'true',
      output: '1 passed',
    },
    12,
  ),
  event(10, 'codex.tool_result', {
    tool_name: 'close_ticket',
    call_id: 'call_2',
    arguments: '{"id":88}',
    duration_ms: '40',
    success: 'false',
    output: 'no such ticket',
    mcp_server: 'tickets',
    mcp_server_origin: 'stdio',
  }),
  event(10.5, 'codex.tool_result', {
    tool_name: 'close_ticket',
    call_id: 'call_3',
    arguments: '{"id":9}',
    duration_ms: '30',
    success: 'true',
    output: 'closed',
    mcp_server: 'helpdesk',
    mcp_server_origin: 'https://helpdesk.example.com',
  }),
  event(11, 'codex.sse_event', {
    'event.kind': 'response.failed',
    'error.message': 'stream disconnected',
  }),
];

export const spans = [
  spanned('session_task.turn', [1, 11], [1, 10], {
    'thread.id': 'con-815',
    'turn.id': 'turn-1',
    model: 'gpt-6-codex',
  }),
  spanned('handle_responses', [5.9, 6], [1, 11, 10], {
    'gen_ai.usage.input_tokens': 5200,
    'gen_ai.usage.cache_read.input_tokens': 4096,
    'gen_ai.usage.output_tokens': 410,
    'codex.usage.reasoning_output_tokens': 128,
    'codex.usage.total_tokens': 5610,
  }),
  spanned('handle_tool_call', [7.5, 9], [1, 12, 10], {
    'thread.id': 'con-815',
    'turn.id': 'turn-1',
    tool_name: 'shell',
    call_id: 'call_1',
  }),
  // The request to the server, beside the log of its tool.
  spanned(
    'mcp.tools.call',
    [9.96, 10],
    [1, 13, 10],
    {
      'rpc.system': 'jsonrpc',
      'rpc.method': 'tools/call',
      'tool.name': 'close_ticket',
      'tool.call_id': 'call_2',
    },
    { kind: 3 },
  ),
];
