import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from '../normalise';
import type { AnyValue, Dialect, Span } from '../schema';

const NOW_MS = 1_795_000_002_000;

const read = (attributes: Record<string, AnyValue>, change: Partial<Span> = {}, scopeName = '') =>
  normaliseSpan(
    decodedSpan(Object.entries(attributes), change),
    decodedOrigin({ scopeName }),
    NOW_MS,
  );

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const request = { 'http.request.method': 'POST', 'server.address': 'api.example.com' };

describe('which dialect reads a span', () => {
  it.each<[string, Record<string, AnyValue>, Dialect]>([
    ['GenAI over HTTP', { ...request, ...chat }, 'genai'],
    ['MCP over HTTP', { ...request, 'mcp.method.name': 'tools/list' }, 'mcp'],
    [
      'MCP with GenAI’s names',
      { ...chat, 'mcp.method.name': 'tools/call', 'rpc.system': 'jsonrpc' },
      'mcp',
    ],
    ['MCP’s target without a method', { ...chat, 'mcp.target': 'files' }, 'genai'],
    ['A2A', { ...request, 'a2a.method.name': 'message/send' }, 'genai'],
    ['OpenInference with GenAI', { ...chat, 'openinference.span.kind': 'LLM' }, 'openinference'],
    [
      'OpenInference over Vercel',
      { 'ai.operationId': 'ai.toolCall', 'openinference.span.kind': 'TOOL' },
      'openinference',
    ],
    ['OpenLLMetry with GenAI', { ...chat, 'traceloop.workflow.name': 'w' }, 'traceloop'],
    ['OpenLLMetry’s older request', { ...chat, 'llm.request.type': 'chat' }, 'traceloop'],
    ['Vercel with GenAI', { ...chat, 'ai.operationId': 'ai.generateText.doGenerate' }, 'vercel'],
    ['Logfire with GenAI', { ...chat, 'logfire.msg': 'chat m' }, 'logfire'],
    ['Logfire around a request', { ...request, 'logfire.msg': 'POST' }, 'http'],
    ['OpenLLMetry around a request', { ...request, 'traceloop.workflow.name': 'w' }, 'http'],
    ['OpenLLMetry alone', { 'traceloop.workflow.name': 'w' }, 'traceloop'],
    ['Logfire around a query', { 'db.system': 'redis', 'logfire.msg': 'GET' }, 'database'],
    ['Logfire alone', { 'logfire.msg': 'a step' }, 'logfire'],
    ['Codex with GenAI', { ...chat, 'codex.usage.total_tokens': 7 }, 'codex'],
    ['a query over HTTP', { ...request, 'db.system.name': 'elasticsearch' }, 'database'],
    ['a queue over RPC', { 'rpc.system': 'aws-api', 'messaging.system': 'aws_sqs' }, 'messaging'],
    ['RPC over HTTP', { ...request, 'rpc.system': 'connect_rpc' }, 'rpc'],
    ['a function set off by HTTP', { ...request, 'faas.trigger': 'http' }, 'http'],
    ['a scheduled function', { 'faas.trigger': 'timer' }, 'faas'],
    ['nothing that is known', { 'acme.job': 'nightly' }, 'unknown'],
    ['names that only begin alike', { 'ai.mood': 'good', gen_air: 1, 'https.x': 1 }, 'unknown'],
    ['a name shorter than any', { '': 1, a: 1, ab: 1 }, 'unknown'],
  ])('%s', (_what, attributes, dialect) => {
    expect(read(attributes).dialect).toBe(dialect);
    expect(read(Object.fromEntries(Object.entries(attributes).toReversed())).dialect).toBe(dialect);
  });

  it.each<[string, Dialect]>([
    ['com.anthropic.claude_code.tracing', 'claude_code'],
    ['codex_otel', 'codex'],
    ['gemini-cli', 'gemini_cli'],
    ['@arizeai/openinference-instrumentation-openai', 'openinference'],
    ['@traceloop/instrumentation-openai', 'traceloop'],
    ['gen_ai', 'vercel'],
    ['my-app', 'genai'],
  ])('the scope %s', (scope, dialect) => {
    expect(read(chat, {}, scope).dialect).toBe(dialect);
  });

  it.each<[string, Dialect]>([
    ['claude_code.llm_request', 'claude_code'],
    ['codex.turn', 'codex'],
    ['gemini_cli.session', 'gemini_cli'],
  ])('the name %s', (name, dialect) => {
    expect(read(chat, { name }).dialect).toBe(dialect);
  });

  it('an event within it, unless it is a request', () => {
    const events = [{ name: 'gen_ai.choice', timeNs: 1n, attributes: [] }];
    expect(read({}, { events }).dialect).toBe('genai');
    expect(read(request, { events })).toMatchObject({ dialect: 'http', kind: 'data_transfer' });
  });

  it('the scope of a library that instruments, never for a request that it carries', () => {
    expect(read(request, {}, '@traceloop/instrumentation-chromadb').dialect).toBe('http');
    expect(read(request, {}, 'gen_ai').dialect).toBe('http');
  });

  it('the scope of a coding agent, for its requests too: it tells of those by its logs', () => {
    expect(read(request, {}, 'codex_otel')).toMatchObject({ dialect: 'codex', kind: 'step' });
  });
});
