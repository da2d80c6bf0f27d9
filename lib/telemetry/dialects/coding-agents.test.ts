import { describe, expect, it } from 'vitest';
import * as claude from '@/tests/support/dialects/claude-code';
import * as codex from '@/tests/support/dialects/codex';
import * as gemini from '@/tests/support/dialects/gemini-cli';
import { at, bytes, logged } from '@/tests/support/dialects/session';
import { normaliseSpan } from '../normalise';
import { normaliseRecord } from '../normalise-record';
import type { BodyRole, Interaction, LogRecord, Origin, Span } from '../schema';

const NOW_MS = 1_795_000_100_000;

const ofLogs = (logs: LogRecord[], origin: Origin) =>
  logs.map((record) => normaliseRecord(record, origin, NOW_MS));
const ofSpans = (spans: Span[], origin: Origin) =>
  spans.map((span) => normaliseSpan(span, origin, NOW_MS));
const bodyOf = ({ bodies }: Interaction, role: BodyRole) =>
  bodies.find((body) => body.role === role)?.text;
const kinds = (interactions: Interaction[]) =>
  interactions.map(({ name, kind }) => [name.replace(/^[a-z_]+\./, ''), kind]);
const only = (interactions: Interaction[], kind: string) =>
  interactions.filter((interaction) => interaction.kind === kind);

describe('a session of Claude Code', () => {
  const logs = ofLogs(claude.logs, claude.logOrigin);
  const spans = ofSpans(claude.spans, claude.spanOrigin);
  const [request, failed] = only(logs, 'inference');
  const [ofServer, ofShell, ofOther] = only(logs, 'tool_call');

  it('one entry each counts a request, a failed request and a tool; the rest are events', () => {
    expect(kinds(logs)).toEqual([
      ['mcp_server_connection', 'event'],
      ['user_prompt', 'event'],
      ['api_request', 'inference'],
      ['tool_decision', 'event'],
      ['tool_result', 'tool_call'],
      ['tool_result', 'tool_call'],
      ['tool_result', 'tool_call'],
      ['hook_execution_complete', 'event'],
      ['api_error', 'inference'],
      ['api_retries_exhausted', 'event'],
      ['api_request_body', 'event'],
      ['api_response_body', 'event'],
      ['assistant_response', 'event'],
    ]);
    expect(kinds(spans)).toEqual([
      ['interaction', 'step'],
      ['llm_request', 'inference'],
      ['tool', 'tool_call'],
      ['tool.blocked_on_user', 'event'],
      ['tool.execution', 'step'],
      ['hook', 'event'],
      ['tool', 'tool_call'],
      ['tool', 'tool_call'],
      ['llm_request', 'inference'],
      ['llm_request', 'inference'],
    ]);
  });

  it('everything is of one person, one conversation and one service', () => {
    for (const interaction of [...logs, ...spans])
      expect(interaction).toMatchObject({
        dialect: 'claude_code',
        conversation: 'ses-4711',
        onBehalfOf: 'ada@example.com',
        service: 'claude-code',
        declaredName: null,
      });
    for (const { declaredVersion } of logs) expect(declaredVersion).toBe('2.1.289');
  });

  it('input tokens include what came from the cache and what went into it', () => {
    for (const call of [request, spans[1]])
      expect(call).toMatchObject({
        inputTokens: 12 + 18_000 + 2400,
        outputTokens: 310,
        cacheReadTokens: 18_000,
        cacheWriteTokens: 2400,
      });
    expect(request && bodyOf(request, 'attributes')).toContain('"input_tokens":"12"');
  });

  it('input tokens that no sum can hold are kept as sent', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const record = logged(
      1,
      { input_tokens: most, cache_read_tokens: 1 },
      { eventName: 'claude_code.api_request' },
    );
    expect(normaliseRecord(record, claude.logOrigin, NOW_MS).inputTokens).toBe(most);
  });

  it('a request costs what was sent and began before it was told', () => {
    expect(request).toMatchObject({
      model: 'claude-opus-5',
      resource: 'claude-opus-5',
      cost: 0.0316,
      costSource: 'sent',
      startedNs: at(1.25),
      endedNs: at(4),
      marks: 0,
    });
  });

  it('a failed request says why', () => {
    expect(failed).toMatchObject({ status: 'error', errorType: '529', resource: 'claude-opus-5' });
    expect(failed && bodyOf(failed, 'error')).toBe('Overloaded');
    expect(logs.find(({ name }) => name.endsWith('exhausted'))?.status).toBe('error');
  });

  it('the tool of an MCP server has its own name, which only its parameters tell', () => {
    expect(ofServer).toMatchObject({
      resource: 'tickets/close_ticket',
      resourceKind: 'tool',
      status: 'ok',
      toolCallId: 'toolu_01',
    });
    expect(ofOther?.resource).toBe('helpdesk/close_ticket');
    expect(ofServer && bodyOf(ofServer, 'input')).toContain('"mcp_server_name":"tickets"');
    expect(ofServer && bodyOf(ofServer, 'attributes')).toContain('"tool_name":"mcp_tool"');
    expect(ofShell).toMatchObject({ resource: 'Bash', status: 'error', errorType: 'ShellError' });
    expect(ofShell && bodyOf(ofShell, 'input')).toBe('{"command":"git push"}');
    expect(ofShell && bodyOf(ofShell, 'error')).toBe('exit code 1');
  });

  it.each([
    ['broken', '{"mcp_tool_name":"close_ticket"'],
    ['no object', '["mcp_tool_name"]'],
    ['a null', 'null "mcp_tool_name"'],
    ['no name', '{"mcp_tool_name":{"a":1}}'],
    ['an empty name', '{"mcp_tool_name":""}'],
    ['an endless name', `{"mcp_tool_name":"${'x'.repeat(257)}"}`],
    ['a name of its prototype', '{"__proto__":{"mcp_tool_name":"x"}}'],
    ['too long', `{"mcp_tool_name":"x","more":"${'y'.repeat(70_000)}"}`],
    ['deep', `${'['.repeat(30_000)}"mcp_tool_name"`],
  ])('parameters that are %s name no tool and are kept', (_what, parameters) => {
    const record = logged(
      1,
      { tool_name: 'mcp_tool', tool_parameters: parameters },
      { eventName: 'claude_code.tool_result' },
    );
    const interaction = normaliseRecord(record, claude.logOrigin, NOW_MS);
    expect(interaction.resource).toBe('mcp_tool');
    expect(bodyOf(interaction, 'input')).toBe(parameters);
  });

  it('parameters that name no server name the tool alone', () => {
    const record = logged(
      1,
      { tool_name: 'mcp_tool', tool_parameters: '{"mcp_tool_name":"close","mcp_server_name":{}}' },
      { eventName: 'claude_code.tool_result' },
    );
    expect(normaliseRecord(record, claude.logOrigin, NOW_MS).resource).toBe('close');
  });

  it('what was asked, answered and sent is content', () => {
    const said = (name: string, role: BodyRole) => {
      const interaction = logs.find((log) => log.name === `claude_code.${name}`);
      return interaction && bodyOf(interaction, role);
    };
    expect(said('user_prompt', 'input')).toBe('Close the stale tickets.');
    expect(said('assistant_response', 'output')).toBe('One is closed.');
    expect(said('api_request_body', 'input')).toBe('{"messages":[]}');
    expect(said('api_response_body', 'output')).toBe('{"content":[]}');
  });

  it('log and span of one call carry one id', () => {
    expect(request?.requestId).toBe('req_011');
    expect(spans[1]).toMatchObject({ requestId: 'req_011', responseId: 'req_011' });
    const ofSpans = only(spans, 'inference');
    expect(ofSpans[1]).toMatchObject({ requestId: failed?.requestId, status: 'error' });
    expect(bodyOf(ofSpans[1] as Interaction, 'error')).toBe('Overloaded'); // just read
    const toolCalls = only(spans, 'tool_call');
    expect(toolCalls.map(({ toolCallId }) => toolCallId)).toEqual(
      only(logs, 'tool_call').map(({ toolCallId }) => toolCallId),
    );
    expect(toolCalls[2]?.resource).toBe(ofOther?.resource);
  });

  it('a span that names no request is of the response by which the log names it', () => {
    const span = spans[1] && claude.spans[1];
    const attributes = (span?.attributes ?? []).filter(([key]) => key !== 'request_id');
    const alone = ofSpans([{ ...(span as Span), attributes }], claude.spanOrigin)[0]; // of the fixture
    expect(alone).toMatchObject({ requestId: null, responseId: request?.requestId });
    expect(alone).toMatchObject({ promptId: request?.promptId, outputTokens: 310 });
  });

  it('a log is written in the span that was open', () => {
    expect(request).toMatchObject({ trace: spans[0]?.trace, parent: spans[0]?.span, span: null });
    expect(ofServer?.parent).toEqual(spans[4]?.span);
  });

  it('a span whose root never came is still of its prompt and conversation', () => {
    expect(spans.at(-1)).toMatchObject({
      parent: bytes(8, 20),
      promptId: 'prompt-2',
      conversation: 'ses-4711',
      provider: 'anthropic',
      inputTokens: 4,
    });
  });
});

describe('a session of Codex', () => {
  const logs = ofLogs(codex.logs, codex.origin);
  const [refused, call, broken] = only(logs, 'inference');

  it('one call of the model is one inference, however often it is told', () => {
    expect(logs.map(({ name, operation, kind }) => [name, operation, kind])).toEqual([
      ['codex.conversation_starts', null, 'event'],
      ['codex.user_prompt', null, 'event'],
      ['codex.api_request', null, 'inference'],
      ['codex.api_request', null, 'event'],
      ['codex.sse_event', 'response.created', 'event'],
      ['codex.sse_event', 'response.output_item.done', 'event'],
      ['codex.sse_event', 'response.completed', 'event'],
      ['codex.sse_event', 'response.completed', 'inference'],
      ['codex.tool_decision', null, 'event'],
      ['codex.tool_result', null, 'tool_call'],
      ['codex.tool_result', null, 'tool_call'],
      ['codex.tool_result', null, 'tool_call'],
      ['codex.sse_event', 'response.failed', 'inference'],
    ]);
  });

  it('its spans repeat the usage and are not counted again', () => {
    const spans = ofSpans(codex.spans, codex.origin);
    expect(spans.map(({ kind }) => kind)).toEqual(['step', 'step', 'step', 'step']);
    expect(spans[2]).toMatchObject({ toolCallId: 'call_1', promptId: 'turn-1' });
    expect(spans[0]).toMatchObject({ conversation: 'con-815', promptId: 'turn-1' });
    expect(spans[1]).toMatchObject({ dialect: 'codex', inputTokens: 5200, reasoningTokens: 128 });
  });

  it('usage arrives as text and includes the cached tokens', () => {
    expect(call).toMatchObject({
      model: 'gpt-6-codex',
      resource: 'gpt-6-codex',
      inputTokens: 5200,
      outputTokens: 410,
      cacheReadTokens: 4096,
      reasoningTokens: 128,
      cost: null,
      status: 'unset',
    });
  });

  it('a request that was refused and an answer that broke off are failed calls', () => {
    expect(refused).toMatchObject({ status: 'error', errorType: '429', startedNs: at(1.7) });
    expect(refused && bodyOf(refused, 'error')).toBe('Too many requests');
    expect(broken).toMatchObject({ status: 'error' });
    expect(broken && bodyOf(broken, 'error')).toBe('stream disconnected');
  });

  it('tools say what went in and out, and carry the id of their decision', () => {
    const [shell, ofServer, ofOther] = only(logs, 'tool_call');
    expect(shell).toMatchObject({
      resource: 'shell',
      toolCallId: 'call_1',
      status: 'ok',
      startedNs: at(7.5),
    });
    expect(shell && bodyOf(shell, 'output')).toBe('1 passed');
    expect(ofServer).toMatchObject({ resource: 'tickets/close_ticket', status: 'error' });
    expect(ofOther).toMatchObject({ resource: 'helpdesk/close_ticket', status: 'ok' });
    expect(logs.find(({ name }) => name === 'codex.tool_decision')?.toolCallId).toBe('call_1');
  });

  it('everything is of one person and one conversation', () => {
    for (const interaction of logs)
      expect(interaction).toMatchObject({
        dialect: 'codex',
        conversation: 'con-815',
        onBehalfOf: 'ada@example.com',
        service: 'codex_exec',
        declaredVersion: '0.150.0',
      });
    expect(logs[0]?.provider).toBe('OpenAI');
    expect(logs[1] && bodyOf(logs[1], 'input')).toBe('Fix the failing test');
  });
});

describe('a session of Gemini CLI', () => {
  const logs = ofLogs(gemini.logs, gemini.origin);
  const spans = ofSpans(gemini.spans, gemini.origin);
  const [answer, failed] = only(logs, 'inference');

  it('an answer counts once, though it is logged twice', () => {
    expect(logs.map(({ name, kind }) => [name, kind])).toEqual([
      ['gemini_cli.config', 'event'],
      ['gemini_cli.user_prompt', 'event'],
      ['gemini_cli.api_request', 'event'],
      ['gemini_cli.api_response', 'inference'],
      ['gen_ai.client.inference.operation.details', 'event'],
      ['gemini_cli.tool_call', 'tool_call'],
      ['gemini_cli.tool_call', 'tool_call'],
      ['gemini_cli.api_error', 'inference'],
      ['gemini_cli.conseca.verdict', 'event'],
    ]);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['user_prompt', 'event'],
      ['llm_call', 'inference'],
      ['schedule_tool_calls', 'step'],
      ['tool_call', 'tool_call'],
      ['tool_call', 'tool_call'],
      ['llm_call', 'inference'],
      ['agent_call', 'agent_call'],
    ]);
  });

  it('an answer tells its usage, its text and how long it took', () => {
    expect(answer).toMatchObject({
      model: 'gemini-4-pro',
      inputTokens: 900,
      outputTokens: 60,
      cacheReadTokens: 512,
      reasoningTokens: 33,
      promptId: 'ses-g1########0',
      startedNs: at(2.5),
      status: 'unset',
    });
    expect(answer && bodyOf(answer, 'output')).toBe('I will read it.');
  });

  it('log and span of one call are the same place: the log is written in the span', () => {
    expect(answer?.parent).toEqual(spans[1]?.span);
    expect(answer?.trace).toEqual(spans[1]?.trace);
    expect(logs[5]?.parent).toEqual(spans[3]?.span);
    for (const [log, span] of [
      [answer, only(spans, 'inference')[0]],
      [failed, only(spans, 'inference')[1]],
      [logs[6], only(spans, 'tool_call')[1]],
    ])
      expect(log).toMatchObject({
        kind: span?.kind,
        trace: span?.trace,
        parent: span?.span,
        status: span?.status,
        span: null,
      });
    expect(spans[3]?.toolCallId).toBe('read_file-1');
  });

  it('tools and failures say what happened', () => {
    const [native, ofServer] = only(logs, 'tool_call');
    expect(native).toMatchObject({ resource: 'read_file', status: 'ok', startedNs: at(6.96) });
    expect(native && bodyOf(native, 'input')).toBe('{"path":"app.log"}');
    expect(ofServer).toMatchObject({ resource: 'tickets/close_ticket', errorType: 'tool_error' });
    expect(failed).toMatchObject({ status: 'error', errorType: 'ApiError' });
    expect(failed && bodyOf(failed, 'error')).toBe('quota exceeded');
  });

  it('everything is of one conversation, and the logs of one person', () => {
    for (const interaction of [...logs, ...spans])
      expect(interaction).toMatchObject({ dialect: 'gemini_cli', conversation: 'ses-g1' });
    for (const { onBehalfOf } of logs) expect(onBehalfOf).toBe('ada@example.com');
    for (const { declaredName } of spans) expect(declaredName).toBe('gemini-cli');
  });

  it('the prose of a record stays with its attributes', () => {
    expect(logs[0] && bodyOf(logs[0], 'attributes')).toContain('letters happened');
  });
});

describe('what a sender withholds', () => {
  it.each([
    ['Claude Code', claude.logOrigin, 'claude_code.user_prompt', { prompt: '<REDACTED>' }],
    ['Claude Code', claude.logOrigin, 'claude_code.assistant_response', { response: '<REDACTED>' }],
    ['Codex', codex.origin, 'codex.user_prompt', { prompt: '[REDACTED]' }],
  ])('is no content of %s, and is kept as it was sent', (_who, origin, eventName, attributes) => {
    const interaction = normaliseRecord(logged(1, attributes, { eventName }), origin, NOW_MS);
    expect(interaction.bodies.map(({ role }) => role)).toEqual(['attributes']);
    expect(bodyOf(interaction, 'attributes')).toContain('REDACTED');
  });
});
