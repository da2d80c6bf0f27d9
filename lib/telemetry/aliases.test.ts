import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from './normalise';
import { type AnyValue, type Attributes, type Interaction, marks } from './schema';

const NOW_MS = 1_795_000_002_000;

const normalised = (attributes: Attributes, resource: Attributes = []) =>
  normaliseSpan(decodedSpan(attributes), decodedOrigin({ resource }), NOW_MS);
const bodyOf = ({ bodies }: Interaction, role: string) =>
  bodies.find((body) => body.role === role)?.text;

/** Attribute as sent, what else it needs to matter, and the fact it becomes. */
const facts: [
  name: string,
  sent: AnyValue,
  fact: keyof Interaction,
  is: unknown,
  others?: Attributes,
][] = [
  ['gen_ai.operation.name', 'chat', 'operation', 'chat'],
  ['gen_ai.provider.name', 'openai', 'provider', 'openai'],
  ['gen_ai.system', 'openai', 'provider', 'openai'],
  ['llm.provider', 'azure', 'provider', 'azure'],
  ['llm.system', 'mistralai', 'provider', 'mistralai'],
  ['gen_ai.response.model', 'm-2', 'model', 'm-2'],
  ['gen_ai.request.model', 'm-1', 'model', 'm-1'],
  ['gen_ai.request.model', 'm-1', 'requestModel', 'm-1', [['gen_ai.response.model', 'm-2']]],
  ['gen_ai.request.model', 'm-2', 'requestModel', null, [['gen_ai.response.model', 'm-2']]],
  ['llm.model_name', 'm-3', 'model', 'm-3'],
  ['llm.request.model_name', 'm-4', 'model', 'm-4'],
  ['llm.response.model_name', 'm-5', 'model', 'm-5'],
  ['embedding.model_name', 'e-1', 'model', 'e-1'],
  ['reranker.model_name', 'r-1', 'model', 'r-1'],
  ['gen_ai.tool.name', 'find', 'resource', 'find', [['gen_ai.operation.name', 'execute_tool']]],
  ['mcp.tool.name', 'find', 'resource', 'find', [['gen_ai.operation.name', 'execute_tool']]],
  ['tool.name', 'find', 'resource', 'find', [['openinference.span.kind', 'TOOL']]],
  ['gen_ai.data_source.id', 'kb', 'resource', 'kb', [['gen_ai.operation.name', 'retrieval']]],
  [
    'aws.bedrock.knowledge_base.id',
    'kb',
    'resource',
    'kb',
    [['gen_ai.operation.name', 'retrieval']],
  ],
  ['gen_ai.memory.store.id', 'st', 'resource', 'st', [['gen_ai.operation.name', 'search_memory']]],
  ['mcp.target', 'files', 'resource', 'files', [['mcp.method.name', 'tools/list']]],
  [
    'mcp.resource.uri',
    'file:///a',
    'resource',
    'file:///a',
    [['mcp.method.name', 'resources/read']],
  ],
  ['mcp.method.name', 'tools/list', 'operation', 'tools/list'],
  ['openinference.span.kind', 'RERANKER', 'operation', 'RERANKER'],
  ['gen_ai.agent.name', 'a', 'declaredName', 'a'],
  ['agent.name', 'a', 'declaredName', 'a'],
  ['gen_ai.agent.id', 'a-1', 'declaredId', 'a-1'],
  ['agent.id', 'a-1', 'declaredId', 'a-1'],
  ['gen_ai.agent.version', '2', 'declaredVersion', '2'],
  ['agent.version', '2', 'declaredVersion', '2'],
  ['user.id', 'u', 'onBehalfOf', 'u'],
  ['user.id', 42, 'onBehalfOf', '42'],
  ['enduser.id', 'u', 'onBehalfOf', 'u'],
  ['gen_ai.conversation.id', 'c', 'conversation', 'c'],
  ['prompt.id', 'p-1', 'promptId', 'p-1'],
  ['gen_ai.response.id', 'r-1', 'responseId', 'r-1'],
  ['session.id', 'c', 'conversation', 'c'],
  ['error.type', 'timeout', 'errorType', 'timeout'],
  ['gen_ai.usage.input_tokens', 7, 'inputTokens', 7],
  ['gen_ai.usage.input_tokens', '7', 'inputTokens', 7],
  ['gen_ai.usage.prompt_tokens', 7, 'inputTokens', 7],
  ['llm.token_count.prompt', 7, 'inputTokens', 7],
  ['llm.usage.prompt_tokens', 7, 'inputTokens', 7],
  ['gen_ai.usage.output_tokens', 7, 'outputTokens', 7],
  ['gen_ai.usage.completion_tokens', 7, 'outputTokens', 7],
  ['llm.token_count.completion', 7, 'outputTokens', 7],
  ['llm.usage.completion_tokens', 7, 'outputTokens', 7],
  ['gen_ai.usage.cache_read.input_tokens', 7, 'cacheReadTokens', 7],
  ['gen_ai.usage.cache_read_input_tokens', 7, 'cacheReadTokens', 7],
  ['llm.token_count.prompt_details.cache_read', 7, 'cacheReadTokens', 7],
  ['llm.token_count.prompt_details.cache_input', 7, 'cacheReadTokens', 7],
  ['gen_ai.usage.cache_write.input_tokens', 7, 'cacheWriteTokens', 7],
  ['gen_ai.usage.cache_creation.input_tokens', 7, 'cacheWriteTokens', 7],
  ['gen_ai.usage.cache_creation_input_tokens', 7, 'cacheWriteTokens', 7],
  ['llm.token_count.prompt_details.cache_write', 7, 'cacheWriteTokens', 7],
  ['gen_ai.usage.reasoning.output_tokens', 7, 'reasoningTokens', 7],
  ['gen_ai.usage.reasoning_tokens', 7, 'reasoningTokens', 7],
  ['llm.token_count.completion_details.reasoning', 7, 'reasoningTokens', 7],
  ['gen_ai.usage.cost', 0.5, 'cost', 0.5],
  ['gen_ai.usage.total_cost', '0.5', 'cost', 0.5],
  ['llm.cost.total', 0.5, 'cost', 0.5],
  ['llm.usage.cost', 0.5, 'costSource', 'sent'],
  ['client.address', '10.0.0.1', 'clientAddress', '10.0.0.1'],
  ['client.socket.address', '10.0.0.1', 'clientAddress', '10.0.0.1'],
  ['client.port', 1, 'clientPort', 1],
  ['client.socket.port', 1, 'clientPort', 1],
  ['server.address', 'h', 'serverAddress', 'h'],
  ['net.peer.name', 'h', 'serverAddress', 'h'],
  ['network.peer.address', 'h', 'serverAddress', 'h'],
  ['server.socket.address', 'h', 'serverAddress', 'h'],
  ['net.sock.peer.addr', 'h', 'serverAddress', 'h'],
  ['net.peer.ip', 'h', 'serverAddress', 'h'],
  ['server.port', 443, 'serverPort', 443],
  ['net.peer.port', 443, 'serverPort', 443],
  ['network.peer.port', 443, 'serverPort', 443],
  ['server.socket.port', 443, 'serverPort', 443],
  ['net.sock.peer.port', 443, 'serverPort', 443],
  ['a2a.method.name', 'message/send', 'operation', 'message/send'],
  ['a2a.message.id', 'm-1', 'requestId', 'm-1', [['a2a.method.name', 'message/send']]],
  ['a2a.task.id', 't-1', 'responseId', 't-1', [['a2a.method.name', 'message/send']]],
  ['a2a.task.state', 'failed', 'errorType', 'failed', [['a2a.method.name', 'message/send']]],
  ['exception.type', 'Timeout', 'errorType', 'Timeout'],
];

/** Of a call that is served the peer is the client, and the host the server. */
const served: [name: string, sent: AnyValue, fact: keyof Interaction][] = [
  ['net.peer.name', 'h', 'clientAddress'],
  ['network.peer.address', 'h', 'clientAddress'],
  ['net.sock.peer.addr', 'h', 'clientAddress'],
  ['net.peer.ip', 'h', 'clientAddress'],
  ['net.peer.port', 443, 'clientPort'],
  ['network.peer.port', 443, 'clientPort'],
  ['net.sock.peer.port', 443, 'clientPort'],
  ['net.host.name', 'h', 'serverAddress'],
  ['net.host.ip', 'h', 'serverAddress'],
  ['net.host.port', 443, 'serverPort'],
];

/** Attribute as sent, and the body that holds it. */
const bodies: [name: string, sent: AnyValue, role: string, text: string][] = [
  ['gen_ai.input.messages', '[{"role": "user"}]', 'input', '[{"role": "user"}]'],
  ['gen_ai.input.messages', [{ role: 'user' }], 'input', '[{"role":"user"}]'],
  ['gen_ai.prompt', 'why', 'input', 'why'],
  ['gen_ai.prompt.0.content', 'why', 'input', '[{"content":"why"}]'],
  ['gen_ai.tool.call.arguments', { id: 1 }, 'input', '{"id":1}'],
  ['gen_ai.retrieval.query.text', 'why', 'input', 'why'],
  ['gen_ai.memory.query.text', 'why', 'input', 'why'],
  ['llm.input_messages.0.message.role', 'user', 'input', '[{"role":"user"}]'],
  ['llm.input_messages', '[]', 'input', '[]'],
  ['llm.prompts.0.prompt.text', 'why', 'input', '[{"text":"why"}]'],
  ['llm.prompts', ['why'], 'input', '["why"]'],
  ['reranker.query', 'why', 'input', 'why'],
  ['input.value', 'why', 'input', 'why'],
  ['embedding.embeddings.0.embedding.text', 'why', 'input', '[{"text":"why"}]'],
  ['embedding.text', 'why', 'input', 'why'],
  ['gen_ai.output.messages', '[]', 'output', '[]'],
  ['gen_ai.completion', 'so', 'output', 'so'],
  ['gen_ai.completion.0.finish_reason', 'stop', 'output', '[{"finish_reason":"stop"}]'],
  ['gen_ai.tool.call.result', 'so', 'output', 'so'],
  ['gen_ai.retrieval.documents', [{ id: 'd' }], 'output', '[{"id":"d"}]'],
  ['llm.output_messages.0.message.content', 'so', 'output', '[{"content":"so"}]'],
  ['llm.output_messages', 'so', 'output', 'so'],
  ['retrieval.documents.0.document.id', 'd', 'output', '[{"id":"d"}]'],
  ['retrieval.documents', 'so', 'output', 'so'],
  ['reranker.output_documents.0.document.id', 'd', 'output', '[{"id":"d"}]'],
  ['output.value', 'so', 'output', 'so'],
  ['gen_ai.memory.records', [{ id: 'r' }], 'input', '[{"id":"r"}]'],
  ['gen_ai.system_instructions', '[{"type":"text"}]', 'instructions', '[{"type":"text"}]'],
  ['gen_ai.tool.definitions', [{ name: 'find' }], 'tools', '[{"name":"find"}]'],
  ['llm.tools.0.tool.json_schema', '{}', 'tools', '[{"json_schema":"{}"}]'],
  ['llm.tools', '[]', 'tools', '[]'],
  ['tool.json_schema', '{"a":1}', 'tools', '{"a":1}'],
  ['error.message', 'no', 'error', 'no'],
  ['exception.message', 'no', 'error', 'no'],
];

describe('every name of the alias table', () => {
  it.each(facts)('%s = %o is %s', (name, sent, fact, is, others = []) => {
    const interaction = normalised([[name, sent], ...others]);
    expect(interaction[fact]).toBe(is);
    expect(bodyOf(interaction, 'attributes')).toBeUndefined();
  });

  it.each(bodies)('%s = %o is in the body %s', (name, sent, role, text) => {
    const interaction = normalised([[name, sent]]);
    expect(bodyOf(interaction, role)).toBe(text);
    expect(bodyOf(interaction, 'attributes')).toBeUndefined();
  });

  it.each(served)('%s = %o of a served call is %s', (name, sent, fact) => {
    const interaction = normaliseSpan(
      decodedSpan([[name, sent]], { kind: 2 }),
      decodedOrigin(),
      NOW_MS,
    );
    expect(interaction[fact]).toBe(sent);
    expect(bodyOf(interaction, 'attributes')).toBe('{"spanKind":"server"}');
  });

  it.each([
    ['gen_ai.tool.call.id', 'call-1'],
    ['gen_ai.tool.call_id', 'call-1'],
    ['tool.id', 'call-1'],
  ])('%s says that a span is a tool call, and which', (name, sent) => {
    const interaction = normalised([
      ['gen_ai.custom', 1],
      [name, sent],
    ]);
    expect(interaction).toMatchObject({ kind: 'tool_call', toolCallId: sent });
    expect(bodyOf(interaction, 'attributes')).not.toContain(sent);
  });

  it.each([
    ['service.name', 'service'],
    ['deployment.environment.name', 'environment'],
    ['deployment.environment', 'environment'],
    ['gen_ai.agent.name', 'declaredName'],
    ['agent.name', 'declaredName'],
    ['gen_ai.agent.id', 'declaredId'],
    ['agent.id', 'declaredId'],
    ['gen_ai.agent.version', 'declaredVersion'],
    ['agent.version', 'declaredVersion'],
    ['user.id', 'onBehalfOf'],
    ['enduser.id', 'onBehalfOf'],
    ['gen_ai.conversation.id', 'conversation'],
    ['session.id', 'conversation'],
  ] as const)('%s of a resource is %s', (name, fact) => {
    expect(normalised([], [[name, 'x']])[fact]).toBe('x');
  });

  it.each([
    ['replay', marks.replayed],
    ['simulate', marks.simulated],
    ['somebody', 0],
  ])('sallyport.made_by %s of a resource is a mark', (madeBy, mark) => {
    expect(normalised([], [['sallyport.made_by', madeBy]]).marks).toBe(mark);
  });

  it.each(['gen_ai.usage.total_tokens', 'llm.usage.total_tokens', 'llm.token_count.total'])(
    '%s is derived, so what was sent stays an attribute',
    (name) => {
      const interaction = normalised([[name, 9]]);
      expect(bodyOf(interaction, 'attributes')).toBe(`{"span":{"${name}":9}}`);
      expect([interaction.inputTokens, interaction.outputTokens]).toEqual([null, null]);
    },
  );

  it('has a case here', async () => {
    const { spanAliases } = await import('./aliases');
    const tested = new Set([...facts, ...bodies, ...served].map(([name]) => name));
    // Read by MCP, Logfire and records, whose tests have their cases.
    for (const name of ['mcp.session.id', 'jsonrpc.request.id', 'logfire.span_type', 'event.name'])
      tested.add(name);
    const untested = Object.values(spanAliases)
      .flat()
      .filter(
        (name) => ![...tested].some((sent) => sent === name || sent.startsWith(name.slice(0, -1))),
      )
      .filter((name) => !['gen_ai.tool.call.id', 'gen_ai.tool.call_id', 'tool.id'].includes(name));
    expect(untested).toEqual([]);
  });
});

describe('two names for one thing', () => {
  it('the current name wins in either order and the other stays an attribute', () => {
    const sent: Attributes = [
      ['gen_ai.system', 'old'],
      ['gen_ai.provider.name', 'new'],
    ];
    for (const attributes of [sent, sent.toReversed()]) {
      const interaction = normalised(attributes);
      expect(interaction.provider).toBe('new');
      expect(bodyOf(interaction, 'attributes')).toBe('{"span":{"gen_ai.system":"old"}}');
    }
  });

  it('an unusable current name gives way to a usable older one', () => {
    const interaction = normalised([
      ['gen_ai.usage.input_tokens', 'many'],
      ['gen_ai.usage.prompt_tokens', 12],
    ]);
    expect(interaction.inputTokens).toBe(12);
    expect(bodyOf(interaction, 'attributes')).toContain('"gen_ai.usage.input_tokens":"many"');
  });

  it('a prompt template’s name is no prompt', () => {
    const interaction = normalised([['gen_ai.prompt.name', 'greeting']]);
    expect(bodyOf(interaction, 'input')).toBeUndefined();
    expect(bodyOf(interaction, 'attributes')).toContain('greeting');
  });

  it('cached tokens are never added to what was sent', () => {
    const interaction = normalised([
      ['gen_ai.usage.input_tokens', 100],
      ['gen_ai.usage.cache_read.input_tokens', 80],
      ['gen_ai.usage.cache_creation.input_tokens', 10],
    ]);
    expect(interaction).toMatchObject({
      inputTokens: 100,
      cacheReadTokens: 80,
      cacheWriteTokens: 10,
    });
  });
});
