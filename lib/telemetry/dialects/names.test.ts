import { describe, expect, it } from 'vitest';
import { namesOfDialect } from '@/tests/support/alias-names';
import { decodedOrigin, decodedRecord, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from '../normalise';
import { normaliseRecord } from '../normalise-record';
import type { AnyValue, Body, Dialect, Interaction } from '../schema';
import { dialectOrder } from './order';

const NOW_MS = 1_795_000_002_000;

type Sent = Record<string, AnyValue>;
type Fact = keyof Interaction | Body['role'];
/** A name as sent, the value it is sent with, the fact or body it becomes, and what that is. */
type Case = [name: string, sent: AnyValue, fact: Fact, is: unknown, others?: Sent];
type Cases = { of: Dialect; kind?: number; record?: string; with?: Sent; cases: Case[] };

const factOf = (interaction: Interaction, fact: Fact) =>
  interaction.bodies.find(({ role }) => role === fact)?.text ??
  interaction[fact as keyof Interaction]; // what is no body is a fact

const claude = (record: string, cases: Case[]): Cases => ({ of: 'claude_code', record, cases });

const all: Cases[] = [
  claude('claude_code.api_request', [
    ['model', 'claude-x', 'resource', 'claude-x'],
    ['request_id', 'req_1', 'requestId', 'req_1'],
    ['client_request_id', 'cl_1', 'requestId', 'cl_1'],
    ['input_tokens', '12', 'inputTokens', 12],
    ['output_tokens', '7', 'outputTokens', 7],
    ['cache_read_tokens', '5', 'cacheReadTokens', 5],
    ['cache_creation_tokens', '3', 'cacheWriteTokens', 3],
    ['cost_usd', '0.0123', 'cost', 0.0123],
    ['cost_usd', 0.5, 'costSource', 'sent'],
    ['duration_ms', '1000', 'startedNs', 1_795_000_000_000_000_000n],
    ['user.email', 'ada@example.com', 'onBehalfOf', 'ada@example.com', { 'user.id': 'f00' }],
    ['user.account_uuid', 'acc-1', 'onBehalfOf', 'acc-1', { 'user.id': 'f00' }],
    ['app.version', '2.1.300', 'declaredVersion', '2.1.300'],
    ['session.id', 'ses-1', 'conversation', 'ses-1'],
    ['prompt.id', 'pr-1', 'promptId', 'pr-1'],
  ]),
  claude('claude_code.api_error', [
    ['error', 'Overloaded', 'error', 'Overloaded'],
    ['status_code', '529', 'errorType', '529'],
    ['status_code', 529, 'errorType', '529'],
    ['model', 'claude-x', 'status', 'error'],
  ]),
  claude('claude_code.tool_result', [
    ['tool_name', 'Bash', 'resource', 'Bash'],
    ['tool_use_id', 'toolu_1', 'toolCallId', 'toolu_1'],
    ['mcp_tool_name', 'close', 'resource', 'close', { tool_name: 'mcp_tool' }],
    ['mcp_server_name', 'tickets', 'resource', 'tickets/close', { mcp_tool_name: 'close' }],
    ['tool_name', 'mcp__tickets__close__all', 'resource', 'tickets/close__all'],
    ['tool_name', 'mcp____close', 'resource', 'mcp____close'],
    ['tool_name', 'mcp__tickets__', 'resource', 'mcp__tickets__'],
    ['success', 'true', 'status', 'ok'],
    ['success', 'false', 'status', 'error'],
    ['success', true, 'status', 'ok'],
    ['error_type', 'ShellError', 'errorType', 'ShellError'],
    ['error', 'exit 1', 'error', 'exit 1'],
    ['tool_input', '{"a":1}', 'input', '{"a":1}'],
    ['tool_parameters', '{"bash_command":"ls"}', 'input', '{"bash_command":"ls"}'],
  ]),
  claude('claude_code.user_prompt', [['prompt', 'fix it', 'input', 'fix it']]),
  claude('claude_code.assistant_response', [['response', 'done', 'output', 'done']]),
  claude('claude_code.api_request_body', [['body', '{"a":1}', 'input', '{"a":1}']]),
  claude('claude_code.api_response_body', [['body', '{"a":1}', 'output', '{"a":1}']]),
  {
    of: 'claude_code',
    with: { 'claude_code.any': 1 },
    cases: [
      ['user_prompt', 'fix it', 'input', 'fix it'],
      ['full_command', 'ls -l', 'input', 'ls -l'],
      ['file_path', '/a', 'input', '/a'],
    ],
  },
  {
    of: 'codex',
    record: 'codex.sse_event',
    with: { 'event.kind': 'response.completed', input_token_count: '9' },
    cases: [
      ['event.kind', 'response.completed', 'operation', 'response.completed'],
      ['input_token_count', '9', 'inputTokens', 9],
      ['output_token_count', '4', 'outputTokens', 4],
      ['cached_token_count', '3', 'cacheReadTokens', 3],
      ['reasoning_token_count', '2', 'reasoningTokens', 2],
      ['codex.usage.reasoning_output_tokens', 2, 'reasoningTokens', 2],
      ['model', 'gpt-x', 'resource', 'gpt-x'],
      ['slug', 'gpt-y', 'resource', 'gpt-y'],
      ['conversation.id', 'con-1', 'conversation', 'con-1'],
      ['thread.id', 'con-1', 'conversation', 'con-1'],
      ['turn.id', 'turn-1', 'promptId', 'turn-1'],
      ['user.email', 'ada@example.com', 'onBehalfOf', 'ada@example.com', { 'user.id': 'f00' }],
      ['user.account_id', 'acc-1', 'onBehalfOf', 'acc-1'],
      ['app.version', '0.60.0', 'declaredVersion', '0.60.0'],
    ],
  },
  {
    of: 'codex',
    record: 'codex.api_request',
    cases: [
      ['http.response.status_code', 429, 'errorType', '429'],
      ['http.response.status_code', '500', 'status', 'error'],
      ['http.response.status_code', 200, 'status', 'unset'],
      ['error.message', 'too many', 'error', 'too many'],
    ],
  },
  {
    of: 'codex',
    record: 'codex.conversation_starts',
    cases: [['provider_name', 'OpenAI', 'provider', 'OpenAI']],
  },
  { of: 'codex', record: 'codex.user_prompt', cases: [['prompt', 'fix it', 'input', 'fix it']] },
  {
    of: 'codex',
    record: 'codex.tool_result',
    cases: [
      ['tool_name', 'shell', 'resource', 'shell'],
      ['call_id', 'call_1', 'toolCallId', 'call_1'],
      ['mcp_server', 'tickets', 'resource', 'tickets/close', { tool_name: 'close' }],
      ['arguments', '{"a":1}', 'input', '{"a":1}'],
      ['output', 'a.txt', 'output', 'a.txt'],
      ['success', 'false', 'status', 'error'],
      ['duration_ms', '1000', 'startedNs', 1_795_000_000_000_000_000n],
    ],
  },
  {
    of: 'gemini_cli',
    record: 'gemini_cli.api_response',
    cases: [
      ['model', 'gemini-x', 'resource', 'gemini-x'],
      ['model_name', 'gemini-x', 'resource', 'gemini-x'],
      ['prompt_id', 'pr-1', 'promptId', 'pr-1'],
      ['input_token_count', 9, 'inputTokens', 9],
      ['output_token_count', 4, 'outputTokens', 4],
      ['cached_content_token_count', 3, 'cacheReadTokens', 3],
      ['thoughts_token_count', 2, 'reasoningTokens', 2],
      ['response_text', 'done', 'output', 'done'],
      ['duration_ms', 1000, 'startedNs', 1_795_000_000_000_000_000n],
      ['user.email', 'ada@example.com', 'onBehalfOf', 'ada@example.com', { 'user.id': 'f00' }],
    ],
  },
  {
    of: 'gemini_cli',
    record: 'gemini_cli.api_error',
    cases: [
      ['error', 'quota', 'error', 'quota'],
      ['error_type', 'ApiError', 'errorType', 'ApiError'],
      ['status_code', 429, 'errorType', '429'],
    ],
  },
  {
    of: 'gemini_cli',
    record: 'gemini_cli.api_request',
    cases: [['request_text', '[]', 'input', '[]']],
  },
  {
    of: 'gemini_cli',
    record: 'gemini_cli.user_prompt',
    cases: [['prompt', 'fix it', 'input', 'fix it']],
  },
  {
    of: 'gemini_cli',
    record: 'gemini_cli.tool_call',
    cases: [
      ['function_name', 'read_file', 'resource', 'read_file'],
      ['mcp_server_name', 'tickets', 'resource', 'tickets/close', { function_name: 'close' }],
      ['tool_call_id', 'call_1', 'toolCallId', 'call_1'],
      ['call_id', 'call_1', 'toolCallId', 'call_1'],
      ['function_args', '{"a":1}', 'input', '{"a":1}'],
      ['success', false, 'status', 'error'],
    ],
  },
  {
    of: 'traceloop',
    cases: [
      ['traceloop.span.kind', 'workflow', 'operation', 'workflow'],
      ['traceloop.entity.input', '{"a":1}', 'input', '{"a":1}'],
      ['traceloop.entity.output', '{"a":1}', 'output', '{"a":1}'],
      ['traceloop.association.properties.session_id', 's', 'conversation', 's'],
      ['traceloop.association.properties.conversation_id', 's', 'conversation', 's'],
      ['traceloop.association.properties.chat_id', 's', 'conversation', 's'],
      ['traceloop.association.properties.user_id', 'u', 'onBehalfOf', 'u'],
      ['traceloop.entity.name', 'find', 'resource', 'find', { 'traceloop.span.kind': 'tool' }],
      [
        'traceloop.entity.name',
        'clerk',
        'declaredName',
        'clerk',
        { 'traceloop.span.kind': 'agent' },
      ],
      ['llm.request.type', 'chat', 'kind', 'inference'],
      ['llm.request.functions.0.name', 'find', 'tools', '[{"name":"find"}]'],
      ['gen_ai.guardrail.name', 'tone', 'kind', 'step'],
      [
        'mcp.request.id',
        '3',
        'requestId',
        's/3',
        { 'mcp.session.id': 's', 'llm.request.type': '' },
      ],
      ['mcp.response.value', 'so', 'output', 'so', { 'llm.request.type': '' }],
      ['db.query.result.0.id', 'a', 'output', '[{"id":"a"}]', { 'db.vector.query.top_k': 1 }],
      ['db.query.result', 'so', 'output', 'so', { 'db.vector.query.top_k': 1 }],
      ['gen_ai.guardrail.input', 'why', 'input', 'why'],
      ['gen_ai.guardrail.output', 'so', 'output', 'so'],
      ['gen_ai.guardrail.error.type', 'Timeout', 'errorType', 'Timeout'],
      ['gen_ai.guardrail.error.message', 'late', 'error', 'late'],
      ['db.vector.query.top_k', 3, 'kind', 'retrieval'],
    ],
  },
  {
    of: 'traceloop',
    with: { 'db.vector.upsert.count': 2 },
    cases: [
      ['db.system', 'chroma', 'resource', 'chroma'],
      ['db.system.name', 'chroma', 'provider', 'chroma'],
      ['db.operation', 'query', 'operation', 'query'],
      ['db.operation.name', 'query', 'operation', 'query'],
      ['db.namespace', 'docs', 'resource', 'docs', { 'db.system': 'chroma' }],
      ['db.name', 'docs', 'resource', 'docs', { 'db.system': 'chroma' }],
      ['db.query.text', 'why', 'input', 'why'],
      ['db.statement', 'why', 'input', 'why'],
      ['db.response.status_code', '42P01', 'status', 'unset'],
    ],
  },
  {
    of: 'vercel',
    with: { 'ai.operationId': 'ai.generateText.doGenerate' },
    cases: [
      ['ai.operationId', 'ai.embed.doEmbed', 'operation', 'ai.embed.doEmbed'],
      ['ai.model.provider', 'openai.chat', 'provider', 'openai.chat'],
      ['ai.model.id', 'm', 'resource', 'm'],
      ['ai.response.model', 'm-2', 'resource', 'm-2'],
      ['ai.response.id', 'r', 'responseId', 'r'],
      ['ai.usage.inputTokens', 9, 'inputTokens', 9],
      ['ai.usage.promptTokens', 9, 'inputTokens', 9],
      ['ai.usage.tokens', 9, 'inputTokens', 9],
      ['ai.usage.outputTokens', 4, 'outputTokens', 4],
      ['ai.usage.completionTokens', 4, 'outputTokens', 4],
      ['ai.usage.cachedInputTokens', 3, 'cacheReadTokens', 3],
      ['ai.usage.inputTokenDetails.cacheReadTokens', 3, 'cacheReadTokens', 3],
      ['ai.usage.inputTokenDetails.cacheWriteTokens', 3, 'cacheWriteTokens', 3],
      ['ai.usage.reasoningTokens', 2, 'reasoningTokens', 2],
      ['ai.usage.outputTokenDetails.reasoningTokens', 2, 'reasoningTokens', 2],
      ['ai.telemetry.metadata.userId', 'u', 'onBehalfOf', 'u'],
      ['ai.telemetry.metadata.sessionId', 's', 'conversation', 's'],
      ['ai.telemetry.metadata.conversationId', 's', 'conversation', 's'],
      ['ai.prompt', '{"prompt":"why"}', 'input', '{"prompt":"why"}'],
      ['ai.prompt.messages', '[]', 'input', '[]'],
      ['ai.prompt.tools', ['{}'], 'tools', '["{}"]'],
      ['ai.value', '"why"', 'input', '"why"'],
      ['ai.values', ['"why"'], 'input', '["\\"why\\""]'],
      ['ai.documents', ['"a"'], 'input', '["\\"a\\""]'],
      ['ai.decision.questions', '[]', 'input', '[]'],
      ['ai.response.text', 'so', 'output', 'so'],
      ['ai.response.object', '{"a":1}', 'output', '{"a":1}'],
      ['ai.response.toolCalls', '[]', 'output', '[]'],
      ['ai.ranking', ['{}'], 'output', '["{}"]'],
      ['ai.decision.answers', '[]', 'output', '[]'],
    ],
  },
  {
    of: 'vercel',
    with: { 'ai.operationId': 'ai.toolCall' },
    cases: [
      ['ai.toolCall.name', 'find', 'resource', 'find'],
      ['ai.toolCall.id', 'call_1', 'toolCallId', 'call_1'],
      ['ai.toolCall.args', '{"a":1}', 'input', '{"a":1}'],
      ['ai.toolCall.result', '{"b":1}', 'output', '{"b":1}'],
    ],
  },
  {
    of: 'logfire',
    with: { 'logfire.msg': 'agent run' },
    cases: [
      ['agent_name', 'clerk', 'declaredName', 'clerk'],
      ['model_name', 'm', 'model', 'm'],
      ['all_messages_events', '[]', 'input', '[]'],
      ['pydantic_ai.all_messages', '[]', 'input', '[]'],
      ['events', '[]', 'input', '[]'],
      ['tool_arguments', '{"a":1}', 'input', '{"a":1}'],
      ['tool_response', 'so', 'output', 'so'],
      ['final_result', 'so', 'output', 'so'],
    ],
  },
  {
    of: 'openinference',
    with: { 'openinference.span.kind': 'TOOL' },
    cases: [
      ['tool.parameters', '{"a":1}', 'input', '{"a":1}'],
      ['llm.function_call', '{"name":"find"}', 'output', '{"name":"find"}'],
      ['reranker.input_documents.0.document.id', 'd', 'input', '[{"id":"d"}]'],
    ],
  },
  {
    of: 'genai',
    record: 'gen_ai.evaluation.result',
    cases: [['gen_ai.evaluation.explanation', 'it is rude', 'output', 'it is rude']],
  },
  {
    of: 'database',
    kind: 3,
    cases: [
      ['db.operation.name', 'SELECT', 'operation', 'SELECT'],
      ['db.operation', 'SELECT', 'operation', 'SELECT'],
      ['db.system.name', 'postgresql', 'provider', 'postgresql'],
      ['db.system', 'postgresql', 'resource', 'postgresql'],
      ['db.namespace', 'shop', 'resource', 'shop'],
      ['db.name', 'shop', 'resource', 'shop'],
      ['db.query.text', 'SELECT 1', 'input', 'SELECT 1'],
      ['db.statement', 'SELECT 1', 'input', 'SELECT 1'],
      ['db.response.status_code', '42P01', 'status', 'unset'],
    ],
  },
  {
    of: 'messaging',
    cases: [
      ['messaging.system', 'kafka', 'provider', 'kafka'],
      ['messaging.destination.name', 'orders', 'resource', 'orders'],
      ['messaging.destination', 'orders', 'resource', 'orders'],
      ['messaging.operation.type', 'process', 'operation', 'process'],
      ['messaging.operation.name', 'ack', 'operation', 'ack'],
      ['messaging.operation', 'publish', 'operation', 'publish'],
      ['messaging.message.id', 'm-1', 'requestId', 'm-1'],
      ['messaging.message_id', 'm-1', 'requestId', 'm-1'],
      ['messaging.message.conversation_id', 'c', 'conversation', 'c'],
      ['messaging.conversation_id', 'c', 'conversation', 'c'],
    ],
  },
  {
    of: 'rpc',
    cases: [
      ['rpc.method', 'Pay', 'operation', 'Pay'],
      ['rpc.system', 'grpc', 'provider', 'grpc'],
      ['rpc.system.name', 'grpc', 'provider', 'grpc'],
      ['rpc.service', 'shop.Till', 'resource', 'shop.Till'],
      ['rpc.response.status_code', 'OK', 'status', 'unset'],
      ['rpc.grpc.status_code', 0, 'status', 'unset'],
      ['rpc.connect_rpc.error_code', 'x', 'status', 'unset'],
    ],
  },
  {
    of: 'http',
    with: { 'http.flavor': '1.1' },
    cases: [
      ['http.request.method', 'GET', 'operation', 'GET'],
      ['http.method', 'GET', 'operation', 'GET'],
      ['url.full', 'https://h.example/a?b=c', 'resource', 'h.example'],
      ['http.url', 'https://h.example:8443/a', 'resource', 'h.example:8443'],
      ['http.client_ip', '10.0.0.1', 'clientAddress', '10.0.0.1'],
      ['http.response.status_code', 200, 'status', 'unset'],
      ['http.status_code', 200, 'status', 'unset'],
    ],
  },
  {
    of: 'faas',
    cases: [
      ['faas.trigger', 'timer', 'operation', 'timer'],
      ['faas.invoked_name', 'thumbnails', 'resource', 'thumbnails'],
      ['faas.invoked_provider', 'aws', 'provider', 'aws'],
      ['faas.invocation_id', 'i-1', 'requestId', 'i-1'],
      ['faas.execution', 'i-1', 'requestId', 'i-1'],
    ],
  },
];

describe('every name that a dialect reads', () => {
  const rows = all.flatMap(({ cases, ...how }) =>
    cases.map(([name, sent, fact, is, others]) => ({ ...how, name, sent, fact, is, others })),
  );

  it.each(rows)('$of: $name = $sent is $fact', ({ of, record, kind = 0, name, sent, ...rest }) => {
    const attributes = { ...rest.with, ...rest.others, [name]: sent };
    const interaction =
      record === undefined
        ? normaliseSpan(decodedSpan(Object.entries(attributes), { kind }), decodedOrigin(), NOW_MS)
        : normaliseRecord(decodedRecord(record, attributes), decodedOrigin(), NOW_MS);
    expect(interaction.dialect).toBe(of);
    expect(factOf(interaction, rest.fact)).toEqual(rest.is);
  });

  it.each(dialectOrder)('has a case here: $name', (rules) => {
    const tested = rows.filter(({ of }) => of === rules.name).map(({ name }) => name);
    const isTested = (name: string) =>
      name.endsWith('.*')
        ? tested.some((sent) => sent.startsWith(name.slice(0, -1)))
        : tested.includes(name);
    expect(namesOfDialect(rules).filter((name) => !isTested(name))).toEqual([]);
  });
});
