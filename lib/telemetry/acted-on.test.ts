import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from './normalise';
import type { Attributes, Span } from './schema';

const NOW_MS = 1_795_000_002_000;

const normalised = (
  attributes: Attributes,
  change: Partial<Span> = {},
  resource: Attributes = [],
) => normaliseSpan(decodedSpan(attributes, change), decodedOrigin({ resource }), NOW_MS);

const CLIENT = 3;

describe('the kind and the resource acted on', () => {
  it.each<[string, Attributes, Partial<Span>, string, string | null, string | null]>([
    [
      'chat',
      [
        ['gen_ai.operation.name', 'chat'],
        ['gen_ai.request.model', 'm'],
      ],
      {},
      'inference',
      'model',
      'm',
    ],
    [
      'generate_content',
      [['gen_ai.operation.name', 'generate_content']],
      {},
      'inference',
      null,
      null,
    ],
    [
      'text_completion',
      [['gen_ai.operation.name', 'text_completion']],
      {},
      'inference',
      null,
      null,
    ],
    [
      'embeddings',
      [
        ['gen_ai.operation.name', 'embeddings'],
        ['gen_ai.request.model', 'm'],
      ],
      {},
      'embedding',
      'model',
      'm',
    ],
    [
      'retrieval',
      [
        ['gen_ai.operation.name', 'retrieval'],
        ['gen_ai.data_source.id', 'd'],
      ],
      {},
      'retrieval',
      'data_source',
      'd',
    ],
    [
      'execute_tool',
      [
        ['gen_ai.operation.name', 'execute_tool'],
        ['gen_ai.tool.name', 't'],
      ],
      {},
      'tool_call',
      'tool',
      't',
    ],
    [
      'invoke_agent inside',
      [
        ['gen_ai.operation.name', 'invoke_agent'],
        ['gen_ai.agent.name', 'a'],
      ],
      { kind: 1 },
      'agent_call',
      null,
      null,
    ],
    [
      'invoke_agent remote',
      [
        ['gen_ai.operation.name', 'invoke_agent'],
        ['gen_ai.agent.name', 'a'],
      ],
      { kind: CLIENT },
      'agent_call',
      'endpoint',
      'a',
    ],
    [
      'create_agent',
      [
        ['gen_ai.operation.name', 'create_agent'],
        ['gen_ai.agent.name', 'a'],
      ],
      { kind: CLIENT },
      'agent_call',
      'endpoint',
      'a',
    ],
    [
      'search_memory',
      [
        ['gen_ai.operation.name', 'search_memory'],
        ['gen_ai.memory.store.id', 's'],
      ],
      {},
      'memory',
      'data_source',
      's',
    ],
    [
      'delete_memory_store',
      [
        ['gen_ai.operation.name', 'delete_memory_store'],
        ['gen_ai.data_source.id', 's'],
      ],
      {},
      'memory',
      'data_source',
      's',
    ],
    ['invoke_workflow', [['gen_ai.operation.name', 'invoke_workflow']], {}, 'step', null, null],
    [
      'plan',
      [
        ['gen_ai.operation.name', 'plan'],
        ['gen_ai.request.model', 'm'],
      ],
      {},
      'step',
      null,
      null,
    ],
    [
      'agent_step with a model',
      [
        ['gen_ai.operation.name', 'agent_step'],
        ['gen_ai.request.model', 'm'],
      ],
      {},
      'step',
      null,
      null,
    ],
    [
      'a custom operation with a tool',
      [
        ['gen_ai.operation.name', 'x'],
        ['gen_ai.tool.name', 't'],
        ['gen_ai.request.model', 'm'],
      ],
      {},
      'tool_call',
      'tool',
      't',
    ],
    [
      'a custom operation with a model',
      [
        ['gen_ai.operation.name', 'x'],
        ['gen_ai.request.model', 'm'],
      ],
      {},
      'inference',
      'model',
      'm',
    ],
    ['a custom operation', [['gen_ai.operation.name', 'x']], {}, 'step', null, null],
    [
      'an operation named like a member of objects',
      [['gen_ai.operation.name', 'constructor']],
      {},
      'step',
      null,
      null,
    ],
    [
      'MCP',
      [
        ['mcp.method.name', 'resources/read'],
        ['server.address', 'mcp.example.com'],
        ['server.port', 8080],
      ],
      {},
      'mcp',
      'mcp_server',
      'mcp.example.com:8080',
    ],
    [
      'MCP over a pipe',
      [
        ['mcp.method.name', 'resources/read'],
        ['mcp.resource.uri', 'file:///a'],
      ],
      {},
      'mcp',
      'mcp_server',
      'file:///a',
    ],
    [
      'an MCP tool call',
      [
        ['mcp.method.name', 'tools/call'],
        ['gen_ai.operation.name', 'execute_tool'],
        ['gen_ai.tool.name', 't'],
      ],
      {},
      'tool_call',
      'tool',
      't',
    ],
    [
      'MCP with another operation',
      [
        ['mcp.method.name', 'tools/list'],
        ['gen_ai.operation.name', 'execute_tool'],
      ],
      {},
      'mcp',
      null,
      null,
    ],
    [
      'LLM',
      [
        ['openinference.span.kind', 'LLM'],
        ['llm.model_name', 'm'],
      ],
      {},
      'inference',
      'model',
      'm',
    ],
    [
      'EMBEDDING',
      [
        ['openinference.span.kind', 'EMBEDDING'],
        ['embedding.model_name', 'm'],
      ],
      {},
      'embedding',
      'model',
      'm',
    ],
    ['RETRIEVER', [['openinference.span.kind', 'RETRIEVER']], {}, 'retrieval', null, null],
    [
      'RERANKER',
      [
        ['openinference.span.kind', 'RERANKER'],
        ['reranker.model_name', 'm'],
      ],
      {},
      'inference',
      'model',
      'm',
    ],
    [
      'TOOL',
      [
        ['openinference.span.kind', 'TOOL'],
        ['tool.name', 't'],
      ],
      {},
      'tool_call',
      'tool',
      't',
    ],
    ['AGENT', [['openinference.span.kind', 'AGENT']], {}, 'agent_call', null, null],
    ['GUARDRAIL', [['openinference.span.kind', 'GUARDRAIL']], {}, 'step', null, null],
    ['EVALUATOR', [['openinference.span.kind', 'EVALUATOR']], {}, 'step', null, null],
    ['PROMPT', [['openinference.span.kind', 'PROMPT']], {}, 'step', null, null],
    [
      'CHAIN',
      [
        ['openinference.span.kind', 'CHAIN'],
        ['llm.model_name', 'm'],
      ],
      {},
      'step',
      null,
      null,
    ],
    [
      'a span with a peer',
      [
        ['server.address', 'db.internal'],
        ['server.port', 5432],
      ],
      {},
      'data_transfer',
      'endpoint',
      'db.internal:5432',
    ],
    [
      'a span with an IPv6 peer',
      [
        ['server.address', '2001:db8::1'],
        ['server.port', 443],
      ],
      {},
      'data_transfer',
      'endpoint',
      '[2001:db8::1]:443',
    ],
    [
      'a span with a client',
      [['client.address', '10.1.2.3']],
      {},
      'data_transfer',
      'endpoint',
      '10.1.2.3',
    ],
    ['any other span', [['job', 'nightly']], {}, 'event', null, null],
  ])('of %s', (_what, attributes, change, kind, resourceKind, resource) => {
    expect(normalised(attributes, change)).toMatchObject({ kind, resourceKind, resource });
  });

  it('calling a remote agent declares the resource’s agent, never the one that is called', () => {
    const call: Attributes = [
      ['gen_ai.operation.name', 'invoke_agent'],
      ['gen_ai.agent.name', 'called'],
    ];
    expect(normalised(call, { kind: CLIENT }).declaredName).toBeNull();
    expect(normalised(call, { kind: CLIENT }, [['gen_ai.agent.name', 'caller']])).toMatchObject({
      declaredName: 'caller',
      resource: 'called',
    });
    expect(normalised(call, { kind: 1 }).declaredName).toBe('called');
  });
});
