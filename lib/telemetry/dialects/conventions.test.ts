import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedRecord, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from '../normalise';
import { normaliseRecord } from '../normalise-record';
import type { AnyValue, LogRecord, Span } from '../schema';

const NOW_MS = 1_795_000_002_000;
const [SERVER, CLIENT] = [2, 3];

const read = (
  attributes: Record<string, AnyValue>,
  change: Partial<Span> = {},
  service = 'files',
) =>
  normaliseSpan(
    decodedSpan(Object.entries(attributes), change),
    decodedOrigin({ resource: [['service.name', service]] }),
    NOW_MS,
  );
const told = (
  name: string,
  attributes: Record<string, AnyValue>,
  change: Partial<LogRecord> = {},
  scopeName = '',
) => normaliseRecord(decodedRecord(name, attributes, change), decodedOrigin({ scopeName }), NOW_MS);

describe('MCP', () => {
  const call = {
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'read_file',
    'mcp.session.id': 'mcp-7',
    'jsonrpc.request.id': '3',
  };

  it('both ends of one call of a tool carry one id and say who the other is', () => {
    const client = read({ ...call, 'server.address': 'files.example' }, { kind: CLIENT });
    const server = read({ ...call, 'client.address': '10.1.2.3' }, { kind: SERVER });
    for (const end of [client, server])
      expect(end).toMatchObject({
        dialect: 'mcp',
        kind: 'tool_call',
        resource: 'read_file',
        requestId: 'mcp-7/3',
      });
    expect(client).toMatchObject({ serverAddress: 'files.example', conversation: null });
    expect(server).toMatchObject({ clientAddress: '10.1.2.3', conversation: 'mcp-7' });
  });

  it('a number of JSON-RPC is no id without its session', () => {
    const { requestId, bodies } = read({ 'mcp.method.name': 'ping', 'jsonrpc.request.id': '3' });
    expect(requestId).toBeNull();
    expect(bodies[0]?.text).toContain('jsonrpc.request.id');
  });

  it.each([
    ['a client by address', CLIENT, { 'server.address': 'h', 'server.port': 81 }, 'h:81'],
    ['a client by the target it names', CLIENT, { 'mcp.target': 'files-1' }, 'files-1'],
    ['a client by what it reads', CLIENT, { 'mcp.resource.uri': 'file:///a' }, 'file:///a'],
    ['a server by itself', SERVER, { 'mcp.resource.uri': 'file:///a' }, 'files'],
  ])('the resource is the server: %s', (_what, kind, more, resource) => {
    expect(read({ 'mcp.method.name': 'resources/read', ...more }, { kind })).toMatchObject({
      kind: 'mcp',
      resourceKind: 'mcp_server',
      resource,
    });
  });

  it.each([
    ['a client', CLIENT],
    ['a server', SERVER],
  ])('of %s that names no operation is a call of the tool it names', (_what, kind) => {
    const { 'gen_ai.operation.name': _, ...sent } = call;
    expect(read(sent, { kind })).toMatchObject({
      dialect: 'mcp',
      kind: 'tool_call',
      resourceKind: 'tool',
      resource: 'read_file',
      operation: 'tools/call',
      requestId: 'mcp-7/3',
    });
  });

  it('a call that names no tool is a request to the server', () => {
    const sent = { 'mcp.method.name': 'tools/call', 'server.address': 'files.example' };
    expect(read(sent)).toMatchObject({ kind: 'mcp', resource: 'files.example' });
  });

  it('tools of one name are two where their servers are named', () => {
    const ofServer = (target: string) => read({ ...call, 'mcp.target': target }).resource;
    expect(ofServer('tickets')).toBe('tickets/read_file');
    expect(ofServer('files')).toBe('files/read_file');
  });

  it('what a tool itself reports as failed is an error', () => {
    expect(read({ ...call, 'error.type': 'tool_error' })).toMatchObject({
      status: 'error',
      errorType: 'tool_error',
    });
  });
});

describe('A2A', () => {
  it('a message to an agent is a call of it, with an id at both ends', () => {
    const sent = {
      'a2a.method.name': 'message/send',
      'a2a.message.id': 'msg-1',
      'gen_ai.agent.name': 'planner',
      'gen_ai.conversation.id': 'ctx-1',
    };
    expect(read(sent, { kind: CLIENT })).toMatchObject({
      dialect: 'genai',
      kind: 'agent_call',
      operation: 'message/send',
      resource: 'planner',
      resourceKind: 'endpoint',
      declaredName: null,
      conversation: 'ctx-1',
      requestId: 'msg-1',
    });
    expect(read(sent, { kind: SERVER })).toMatchObject({ declaredName: 'planner', resource: null });
  });

  it.each([
    ['message/stream', 'agent_call'],
    ['SendMessage', 'agent_call'],
    ['SendStreamingMessage', 'agent_call'],
    ['tasks/get', 'step'],
    ['tasks/cancel', 'step'],
    ['tasks/resubscribe', 'step'],
    ['GetTask', 'step'],
    ['agent/getAuthenticatedExtendedCard', 'step'],
    ['constructor', 'step'],
  ])('%s is a kind %s', (method, kind) => {
    expect(read({ 'a2a.method.name': method }).kind).toBe(kind);
    expect(read({ 'a2a.method.name': method, 'logfire.msg': 'x' }).kind).toBe(kind);
    expect(read({ 'a2a.method.name': method, 'gen_ai.operation.name': 'invoke_agent' }).kind).toBe(
      kind,
    );
  });

  it.each([
    ['completed', 'unset', null],
    ['working', 'unset', null],
    ['failed', 'error', 'failed'],
    ['rejected', 'error', 'rejected'],
    ['TASK_STATE_FAILED', 'error', 'TASK_STATE_FAILED'],
  ])('a task that is %s has the status %s', (state, status, errorType) => {
    const sent = { 'a2a.method.name': 'message/send', 'a2a.task.id': 't-1' };
    for (const more of [{}, { 'logfire.msg': 'x' }])
      expect(read({ ...sent, ...more, 'a2a.task.state': state })).toMatchObject({
        kind: 'agent_call',
        responseId: 't-1',
        status,
        errorType,
      });
  });
});

describe('GenAI’s events as log records', () => {
  it('the details of an operation are the call, with its content', () => {
    const call = told('gen_ai.client.inference.operation.details', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'm',
      'gen_ai.response.id': 'r-1',
      'gen_ai.usage.input_tokens': 9,
      'gen_ai.input.messages': [{ role: 'user', parts: [] }],
    });
    expect(call).toMatchObject({
      signal: 'log',
      dialect: 'genai',
      kind: 'inference',
      responseId: 'r-1',
      inputTokens: 9,
    });
    expect(call.bodies[0]).toEqual({ role: 'input', text: '[{"role":"user","parts":[]}]' });
    expect(told('gen_ai.client.inference.operation.details', {}).kind).toBe('inference');
  });

  it('an evaluation names the response it judges', () => {
    const result = told('gen_ai.evaluation.result', {
      'gen_ai.evaluation.name': 'tone',
      'gen_ai.evaluation.score.label': 'rude',
      'gen_ai.response.id': 'r-1',
    });
    expect(result).toMatchObject({ kind: 'event', responseId: 'r-1' });
    expect(result.bodies[0]?.text).toContain('"gen_ai.evaluation.name":"tone"');
  });

  it('an exception is an event that failed', () => {
    const failed = told('gen_ai.client.operation.exception', {
      'exception.type': 'RateLimit',
      'exception.message': 'slow down',
    });
    expect(failed).toMatchObject({ kind: 'event', status: 'error', errorType: 'RateLimit' });
    expect(failed.bodies[0]).toEqual({ role: 'error', text: 'slow down' });
  });

  it.each<[string, AnyValue, string, string]>([
    [
      'gen_ai.system.message',
      { content: 'be kind' },
      'input',
      '[{"content":"be kind","role":"system"}]',
    ],
    ['gen_ai.user.message', { content: 'why' }, 'input', '[{"content":"why","role":"user"}]'],
    ['gen_ai.user.message', 'why', 'input', '[{"content":"why","role":"user"}]'],
    [
      'gen_ai.assistant.message',
      { role: 'model', content: 'so' },
      'input',
      '[{"role":"model","content":"so"}]',
    ],
    ['gen_ai.tool.message', { id: 'c-1' }, 'input', '[{"id":"c-1","role":"tool"}]'],
    [
      'gen_ai.choice',
      { index: 0, message: { content: 'so' } },
      'output',
      '[{"index":0,"message":{"content":"so"},"role":"assistant"}]',
    ],
  ])('%s with %o is an event that holds the message', (name, body, role, text) => {
    const message = told(name, { 'gen_ai.system': 'openai' }, { body });
    expect(message).toMatchObject({ kind: 'event', provider: 'openai' });
    expect(message.bodies[0]).toEqual({ role, text });
    expect(message.bodies.at(-1)?.text).not.toContain('"body"');
  });
});

describe('OpenLLMetry', () => {
  it.each<[string, Record<string, AnyValue>, string, string | null]>([
    ['workflow', { 'traceloop.span.kind': 'workflow' }, 'step', null],
    ['task', { 'traceloop.span.kind': 'task' }, 'step', null],
    ['session', { 'traceloop.span.kind': 'session' }, 'step', null],
    ['agent', { 'traceloop.span.kind': 'agent', 'traceloop.entity.name': 'a' }, 'agent_call', null],
    [
      'tool',
      { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'find' },
      'tool_call',
      'find',
    ],
    [
      'unknown',
      { 'traceloop.span.kind': 'unknown', 'gen_ai.request.model': 'm' },
      'inference',
      'm',
    ],
    ['a chat', { 'llm.request.type': 'chat', 'gen_ai.request.model': 'm' }, 'inference', 'm'],
    ['a completion', { 'llm.request.type': 'completion' }, 'inference', null],
    ['a rerank', { 'llm.request.type': 'rerank' }, 'inference', null],
    [
      'an embedding',
      { 'llm.request.type': 'embedding', 'gen_ai.request.model': 'm' },
      'embedding',
      'm',
    ],
    [
      'GenAI’s operation',
      { 'traceloop.workflow.name': 'w', 'gen_ai.operation.name': 'chat' },
      'inference',
      null,
    ],
    [
      'a guardrail',
      { 'gen_ai.guardrail.name': 'tone', 'gen_ai.operation.name': 'guard' },
      'step',
      null,
    ],
    [
      'a query by vector',
      { 'db.system': 'chroma', 'db.vector.query.top_k': 3, 'server.address': 'v' },
      'retrieval',
      'v',
    ],
    [
      'another use of a vector database',
      { 'db.system': 'chroma', 'db.vector.upsert.count': 2 },
      'data_transfer',
      'chroma',
    ],
  ])('%s', (_what, attributes, kind, resource) => {
    expect(read(attributes)).toMatchObject({ dialect: 'traceloop', kind, resource });
  });

  it('a list of functions is nested again', () => {
    const { bodies } = read({
      'llm.request.type': 'chat',
      'llm.request.functions.0.name': 'find',
      'llm.request.functions.0.description': 'Finds.',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'why',
    });
    expect(bodies).toEqual([
      { role: 'input', text: '[{"role":"user","content":"why"}]' },
      { role: 'tools', text: '[{"name":"find","description":"Finds."}]' },
      { role: 'attributes', text: expect.stringContaining('llm.request.type') },
    ]);
  });
});

describe('a database of vectors', () => {
  it('what a query found is told in events, one each', () => {
    const found = (id: string) => ({
      name: 'db.query.result',
      timeNs: 1n,
      attributes: [['db.query.result.id', id] as const],
    });
    const query = read(
      { 'db.system': 'chroma', 'db.vector.query.top_k': 2 },
      { events: [found('a'), found('b')] },
    );
    expect(query.bodies[0]).toEqual({
      role: 'output',
      text: '[{"db.query.result.id":"a"},{"db.query.result.id":"b"}]',
    });
  });
});

describe('OpenInference', () => {
  it('a ranking is asked for with its documents', () => {
    const { bodies } = read({
      'openinference.span.kind': 'RERANKER',
      'reranker.query': 'why',
      'reranker.input_documents.0.document.content': 'because',
    });
    expect(JSON.parse(bodies[0]?.text ?? '')).toEqual({
      query: 'why',
      documents: [{ content: 'because' }],
    });
  });
});

describe('Logfire', () => {
  const tookNoTime = { endedNs: decodedSpan().startedNs };

  it('a pending span only announces one that will be counted when it ends', () => {
    const call = {
      'logfire.msg': 'chat m',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'm',
    };
    expect(read({ ...call, 'logfire.span_type': 'span' }).kind).toBe('inference');
    const announced = { ...call, 'logfire.span_type': 'pending_span' };
    const pending = read(announced, tookNoTime);
    expect(pending.kind).toBe('event');
    expect(pending.bodies[0]?.text).toContain('pending_span');
    const request = { 'logfire.span_type': 'pending_span', 'http.request.method': 'GET' };
    expect(read(request, tookNoTime)).toMatchObject({ dialect: 'http', kind: 'event' });
  });

  it.each<[string, Record<string, AnyValue>, Partial<Span>]>([
    ['took time', {}, {}],
    ['used tokens', { 'gen_ai.usage.output_tokens': 1 }, tookNoTime],
    ['brought something about', { 'gen_ai.tool.call.result': 'so' }, tookNoTime],
  ])('what %s announces nothing, whatever it says', (_what, more, change) => {
    const call = { 'gen_ai.operation.name': 'execute_tool', 'logfire.span_type': 'pending_span' };
    expect(read({ ...call, ...more }, change).kind).toBe('tool_call');
  });

  it.each<[string, Record<string, AnyValue>, string]>([
    [
      'the run of an agent, whatever it sums up',
      { agent_name: 'a', model_name: 'm', 'gen_ai.usage.input_tokens': 80 },
      'agent_call',
    ],
    ['a call of the model', { 'gen_ai.operation.name': 'chat', agent_name: 'a' }, 'inference'],
    ['a tool', { 'gen_ai.tool.name': 't', agent_name: 'a' }, 'tool_call'],
    ['several tools', { tools: ['a', 'b'] }, 'step'],
    ['MCP', { 'mcp.method.name': 'tools/list' }, 'mcp'],
  ])('%s', (_what, attributes, kind) => {
    expect(read({ 'logfire.msg': 'x', ...attributes })).toMatchObject({ dialect: 'logfire', kind });
  });
});
