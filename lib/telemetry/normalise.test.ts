import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodedOrigin,
  decodedSpan,
  exportRequest,
  genaiChatSpan,
  openInferenceSpan,
  toolSpan,
  unknownSpan,
} from '@/tests/support/spans';
import { slots, spanAliases } from './aliases';
import { normaliseSpan } from './normalise';
import { decodeTracesJson } from './otlp-json';
import {
  type AnyValue,
  type Attributes,
  type Interaction,
  interactionKinds,
  type Mark,
  marks,
  type Span,
} from './schema';

const NOW_MS = 1_795_000_002_000;

const normalised = (
  attributes: Attributes,
  change: Partial<Span> = {},
  resource: Attributes = [],
) => normaliseSpan(decodedSpan(attributes, change), decodedOrigin({ resource }), NOW_MS);
const bodyOf = ({ bodies }: Interaction, role: string) =>
  bodies.find((body) => body.role === role)?.text;
const remainsOf = (interaction: Interaction) =>
  JSON.parse(bodyOf(interaction, 'attributes') ?? '{}');
const marksOf = (interaction: Interaction) =>
  Object.keys(marks).filter((mark) => (interaction.marks & marks[mark as Mark]) !== 0); // keys are the marks

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

describe('status and errors', () => {
  it.each<[Partial<Span>, Attributes, string]>([
    [{ statusCode: 0 }, [], 'unset'],
    [{ statusCode: 1 }, [], 'ok'],
    [{ statusCode: 2 }, [], 'error'],
    [{ statusCode: 0 }, [['error.type', 'x']], 'error'],
    [{ statusCode: 1 }, [['error.type', 'x']], 'error'],
    [{ statusCode: -7 }, [], 'unset'],
    [{ statusCode: 99 }, [], 'unset'],
  ])('%o with %o is %s', (change, attributes, status) => {
    const interaction = normalised(attributes, change);
    expect(interaction.status).toBe(status);
    const isKnown = [0, 1, 2].includes(change.statusCode ?? 0);
    expect(remainsOf(interaction).statusCode).toBe(isKnown ? undefined : change.statusCode);
  });

  it('the status message and the exception are the body error, each once', () => {
    const interaction = normalised([], {
      statusCode: 2,
      statusMessage: 'connection reset',
      events: [
        {
          name: 'exception',
          timeNs: 5n,
          attributes: [
            ['exception.type', 'ConnectionError'],
            ['exception.message', 'connection reset'],
            ['exception.stacktrace', 'at read (net.ts:1)'],
          ],
        },
      ],
    });
    expect(interaction.errorType).toBe('ConnectionError');
    expect(bodyOf(interaction, 'error')).toBe('connection reset\nat read (net.ts:1)');
    expect(remainsOf(interaction).events).toEqual([
      { name: 'exception', timeNs: 5, attributes: { 'exception.type': 'ConnectionError' } },
    ]);
  });

  it('a message of a status that is no error stays an attribute', () => {
    const interaction = normalised([], { statusCode: 1, statusMessage: 'fine' });
    expect(bodyOf(interaction, 'error')).toBeUndefined();
    expect(remainsOf(interaction).statusMessage).toBe('fine');
  });
});

describe('content in span events', () => {
  const events = (...names: [string, Attributes][]) => ({
    events: names.map(([name, attributes]) => ({ name, timeNs: 1n, attributes })),
  });

  it('one event with the prompt and one with the completion', () => {
    const interaction = normalised(
      [],
      events(
        ['gen_ai.content.prompt', [['gen_ai.prompt', 'why']]],
        ['gen_ai.content.completion', [['gen_ai.completion', 'so']]],
      ),
    );
    expect(interaction.dialect).toBe('genai');
    expect([bodyOf(interaction, 'input'), bodyOf(interaction, 'output')]).toEqual(['why', 'so']);
  });

  it('an event for each message, in their order, with the role that their name says', () => {
    const interaction = normalised(
      [],
      events(
        ['gen_ai.system.message', [['content', 'be kind']]],
        ['gen_ai.user.message', [['content', 'why']]],
        [
          'gen_ai.assistant.message',
          [
            ['role', 'model'],
            ['content', 'let me look'],
          ],
        ],
        [
          'gen_ai.tool.message',
          [
            ['id', 'call-1'],
            ['content', { rows: 2 }],
          ],
        ],
        [
          'gen_ai.choice',
          [
            ['index', 0],
            ['finish_reason', 'stop'],
            ['message', { content: 'so' }],
          ],
        ],
      ),
    );
    expect(JSON.parse(bodyOf(interaction, 'input') ?? '')).toEqual([
      { content: 'be kind', role: 'system' },
      { content: 'why', role: 'user' },
      { role: 'model', content: 'let me look' },
      { id: 'call-1', content: { rows: 2 }, role: 'tool' },
    ]);
    expect(JSON.parse(bodyOf(interaction, 'output') ?? '')).toEqual([
      { index: 0, finish_reason: 'stop', message: { content: 'so' }, role: 'assistant' },
    ]);
    expect(remainsOf(interaction).events).toHaveLength(5);
  });

  it('the details event carries all content', () => {
    const interaction = normalised(
      [],
      events([
        'gen_ai.client.inference.operation.details',
        [
          ['gen_ai.input.messages', [{ role: 'user' }]],
          ['gen_ai.system_instructions', 'be kind'],
          ['other', 1],
        ],
      ]),
    );
    expect(bodyOf(interaction, 'input')).toBe('[{"role":"user"}]');
    expect(bodyOf(interaction, 'instructions')).toBe('be kind');
    expect(remainsOf(interaction).events[0].attributes).toEqual({ other: 1 });
  });

  it('the span’s own attribute goes before an event, which stays as it was sent', () => {
    const interaction = normalised(
      [['gen_ai.input.messages', 'own']],
      events(['gen_ai.user.message', [['content', 'from the event']]]),
    );
    expect(bodyOf(interaction, 'input')).toBe('own');
    expect(remainsOf(interaction).events[0].attributes).toEqual({ content: 'from the event' });
  });
});

describe('what is odd is kept and marked', () => {
  const second = 1_000_000_000n;
  const now = BigInt(NOW_MS) * 1_000_000n;
  const day = 86_400n * second;

  it.each<[string, Attributes, Partial<Span>, Mark[]]>([
    ['a start 401 days ago', [], { startedNs: now - 401n * day }, ['implausible_time']],
    ['a start 399 days ago', [], { startedNs: now - 399n * day }, []],
    ['an end 11 minutes ahead', [], { endedNs: now + 660n * second }, ['implausible_time']],
    ['an end 9 minutes ahead', [], { endedNs: now + 540n * second }, []],
    [
      'an end a nanosecond before its start',
      [],
      { startedNs: now, endedNs: now - 1n },
      ['ends_before_start'],
    ],
    ['a parent id of 3 bytes', [], { parent: Uint8Array.of(1, 2, 3) }, ['invalid_parent']],
    ['a parent id of zeros', [], { parent: new Uint8Array(8) }, []],
    ['negative tokens', [['gen_ai.usage.input_tokens', -1]], {}, ['negative_tokens']],
    ['negative tokens as text', [['llm.token_count.completion', '-12']], {}, ['negative_tokens']],
    [
      'a key sent twice',
      [
        ['a', 1],
        ['a', 2],
      ],
      {},
      ['duplicate_keys'],
    ],
    ['a name of 300 characters', [], { name: 'n'.repeat(300) }, ['truncated']],
    ['what decoding found', [], { marks: marks.invalid_text }, ['invalid_text']],
  ])('%s', (_what, attributes, change, expected) => {
    expect(marksOf(normalised(attributes, change))).toEqual(expected);
  });

  it('times are kept to the nanosecond as sent', () => {
    expect(normalised([], { startedNs: 1n, endedNs: 2n ** 63n - 1n })).toMatchObject({
      startedNs: 1n,
      endedNs: 2n ** 63n - 1n,
    });
  });

  it('a parent id of another length is shown among the attributes', () => {
    const interaction = normalised([], { parent: Uint8Array.of(1, 2, 255) });
    expect(interaction.parent).toBeNull();
    expect(remainsOf(interaction).parentSpanId).toBe('0102ff');
  });

  it('a fact is cut between characters and stays among the attributes in full', () => {
    const model = `${'m'.repeat(255)}😀tail`;
    const interaction = normalised([['gen_ai.request.model', model]], { name: model });
    expect(interaction.model).toBe('m'.repeat(255));
    expect(interaction.name).toBe('m'.repeat(255));
    expect(remainsOf(interaction)).toMatchObject({
      name: model,
      span: { 'gen_ai.request.model': model },
    });
  });

  it('the first of two equal keys is read, the later ones are shown', () => {
    const interaction = normalised([
      ['gen_ai.request.model', 'first'],
      ['gen_ai.request.model', 'second'],
      ['gen_ai.request.model', 'third'],
    ]);
    expect(interaction.model).toBe('first');
    expect(remainsOf(interaction)).toEqual({
      repeated_span: { 'gen_ai.request.model': ['second', 'third'] },
    });
  });
});

const hostile: AnyValue[] = [
  0,
  1,
  -1,
  1.5,
  -0,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  65_536,
  2n ** 63n - 1n,
  -(2n ** 63n),
  true,
  false,
  null,
  '',
  ' ',
  '-1',
  '1e5',
  '0x10',
  'NaN',
  '9'.repeat(400),
  'x'.repeat(100_000),
  '\u202e\u0007<script>',
  [],
  [[]],
  ['a', 1],
  {},
  { a: { b: [1] } },
  new Uint8Array(0),
  Uint8Array.of(255),
];

describe('whatever a sender writes', () => {
  it.each(Object.keys(slots))(
    'any value of %s is either used or kept, and never throws',
    (slot) => {
      const names = spanAliases[slot as keyof typeof slots] ?? []; // Object.keys forgets the slots
      for (const name of names)
        for (const value of hostile) {
          const sent = name.replace('.*', '.0.x');
          const interaction = normalised([
            ['gen_ai.operation.name', 'chat'],
            [sent, value],
          ]);
          expect(interactionKinds).toContain(interaction.kind);
          for (const { text, role } of interaction.bodies)
            if (role === 'attributes') expect(() => JSON.parse(text)).not.toThrow();
          for (const fact of [
            'inputTokens',
            'outputTokens',
            'cacheReadTokens',
            'reasoningTokens',
          ] as const)
            expect(interaction[fact] === null || Number.isSafeInteger(interaction[fact])).toBe(
              true,
            );
          expect(interaction.cost === null || Number.isFinite(interaction.cost)).toBe(true);
          expect(Object.is(interaction.cost, -0)).toBe(false);
          for (const port of [interaction.serverPort, interaction.clientPort])
            expect(port === null || (port >= 0 && port <= 65_535)).toBe(true);
          for (const text of [interaction.model, interaction.operation, interaction.conversation])
            expect((text ?? '').length).toBeLessThanOrEqual(256);
        }
    },
  );

  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }),
  );
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.string(), leaf, { maxKeys: 3 }),
  );
  const names = Object.values(spanAliases).flat();
  const key = fc.oneof(
    fc.constantFrom(...names.map((name) => name.replace('.*', '.0.message.role'))),
    fc.constantFrom(...names.map((name) => name.replace('.*', '.1.x'))),
    fc.string(),
  );

  it('no attribute is lost: every key and value sent is in a fact or in a body', () => {
    let serial = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, value), { maxLength: 12 }),
        fc.array(fc.tuple(key, value), { maxLength: 4 }),
        fc.array(fc.tuple(key, value), { maxLength: 4 }),
        fc.constantFrom('exception', 'gen_ai.user.message', 'gen_ai.content.prompt', 'other'),
        (own, shared, ofEvent, eventName) => {
          // Every value is made to hold a text of its own, so that it can be found again.
          const told: string[] = [];
          const distinct = (pairs: [string, AnyValue][]): Attributes =>
            pairs.map(([name, sent]) => {
              serial += 1;
              const text = `v${serial}v`;
              told.push(text);
              if (typeof sent === 'string') return [name, sent + text];
              return [name, typeof sent === 'number' || sent === null ? text : [sent, text]];
            });
          const interaction = normalised(
            distinct(own),
            { events: [{ name: eventName, timeNs: 1n, attributes: distinct(ofEvent) }] },
            distinct(shared),
          );
          const { bodies, ...facts } = interaction;
          const kept = `${Object.values(facts).join('\n')}\n${bodies.map(({ text }) => text).join('\n')}`;
          for (const text of told) expect(kept).toContain(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('spans as senders write them', () => {
  const decoded = decodeTracesJson(
    Buffer.from(
      JSON.stringify(
        exportRequest([genaiChatSpan(), openInferenceSpan(), toolSpan(), unknownSpan()]),
      ),
    ),
  );
  const interactions = (decoded.ok ? decoded.value : []).map((item) => {
    if (!('span' in item)) throw new Error(item.detail);
    return normaliseSpan(item.span, item.origin, 1_795_000_001_000);
  });
  const [chat, openInference, tool, other] = interactions;

  it('a chat by the GenAI conventions', () => {
    expect(chat).toMatchObject({
      dialect: 'genai',
      kind: 'inference',
      operation: 'chat',
      provider: 'openai',
      model: 'gpt-4.1-mini-2025-04-14',
      requestModel: 'gpt-4.1-mini',
      resourceKind: 'model',
      declaredName: 'billing-agent',
      declaredVersion: '3.2.0',
      service: 'billing',
      environment: 'production',
      onBehalfOf: 'customer-5521',
      conversation: 'conv-invoice-7731',
      inputTokens: 412,
      outputTokens: 58,
      cacheReadTokens: 256,
      cost: null,
      serverAddress: 'api.openai.com',
      serverPort: 443,
      marks: 0,
    });
    expect(chat?.bodies.map(({ role }) => role)).toEqual([
      'input',
      'output',
      'instructions',
      'attributes',
    ]);
    expect(chat && remainsOf(chat)).toMatchObject({
      spanKind: 'client',
      span: { 'gen_ai.response.finish_reasons': ['stop'] },
      scope: { name: 'sallyport-test', version: '1.0.0' },
      resource: { 'telemetry.sdk.name': 'opentelemetry' },
    });
  });

  it('an LLM call by OpenInference, its lists nested again', () => {
    expect(openInference).toMatchObject({
      dialect: 'openinference',
      kind: 'inference',
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      inputTokens: 188,
      outputTokens: 41,
      cost: 0.00117,
      costSource: 'sent',
      conversation: 'room-session-19',
    });
    expect(openInference && JSON.parse(bodyOf(openInference, 'input') ?? '')).toEqual([
      { role: 'system', content: 'You book meeting rooms.' },
      { role: 'user', content: 'A room for six on Thursday at ten, please.' },
    ]);
    expect(
      openInference && JSON.parse(bodyOf(openInference, 'output') ?? '')[0].tool_calls[0].id,
    ).toBe('toolu_018');
    expect(openInference && remainsOf(openInference).span['input.value']).toContain('messages');
  });

  it('a tool call and a call of no dialect', () => {
    expect(tool).toMatchObject({ kind: 'tool_call', resource: 'lookup_invoice', status: 'ok' });
    expect(other).toMatchObject({
      dialect: 'unknown',
      kind: 'data_transfer',
      resource: 'rates.example.com:8443',
      status: 'error',
      errorType: '503',
    });
    expect(other && bodyOf(other, 'error')).toBe('Service Unavailable');
  });

  it('spans of one batch that claim differently each keep what they left of their resource', () => {
    const origin = decodedOrigin({ resource: [['session.id', 'of the resource']] });
    const first = normaliseSpan(decodedSpan(), origin, NOW_MS);
    const second = normaliseSpan(decodedSpan([['session.id', 'own']]), origin, NOW_MS);
    const third = normaliseSpan(decodedSpan(), origin, NOW_MS);
    expect([first.conversation, bodyOf(first, 'attributes')]).toEqual([
      'of the resource',
      undefined,
    ]);
    expect(second.conversation).toBe('own');
    expect(remainsOf(second)).toEqual({ resource: { 'session.id': 'of the resource' } });
    expect(third.bodies).toEqual(first.bodies);
  });
});
