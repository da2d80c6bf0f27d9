import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyName } from '@/tests/support/alias-names';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from '../normalise';
import type { AnyValue, Attributes, Dialect, Interaction, Span } from '../schema';

const NOW_MS = 1_795_000_002_000;
const [SERVER, CLIENT, PRODUCER] = [2, 3, 4];

const read = (attributes: Attributes, change: Partial<Span> = {}, scopeName = '') =>
  normaliseSpan(decodedSpan(attributes, change), decodedOrigin({ scopeName }), NOW_MS);

const scopes = ['', 'gen_ai', 'pydantic-ai', '@traceloop/x', '@arizeai/openinference-x', 'my-app'];

/** What is said of a request: who made it, in which conversation, for which workflow. */
const context: Attributes = [
  ['traceloop.workflow.name', 'w'],
  ['traceloop.entity.path', 'w.t'],
  ['traceloop.association.properties.session_id', 'ses-1'],
  ['traceloop.association.properties.user_id', 'ada'],
  ['gen_ai.conversation.id', 'con-1'],
  ['gen_ai.agent.name', 'clerk'],
  ['gen_ai.agent.id', 'agent-1'],
  ['gen_ai.workflow.name', 'w'],
  ['gen_ai.system', 'openai'],
  ['gen_ai.request.temperature', 0.1],
  ['mcp.session.id', 'mcp-1'],
  ['mcp.protocol.version', '2025-06-18'],
  ['a2a.task.state', 'failed'],
  ['ai.telemetry.metadata.sessionId', 'ses-2'],
  ['ai.telemetry.functionId', 'f'],
  ['logfire.msg', 'a request'],
  ['claude_code.x', 1],
  ['codex.x', 1],
  ['gemini_cli.x', 1],
  ['openinference.project.name', 'p'],
];

type Carried = [what: string, kind: number, sent: Attributes, Dialect, resource: string];
const carried: Carried[] = [
  [
    'a request',
    CLIENT,
    [
      ['http.request.method', 'POST'],
      ['server.address', 'api.stripe.com'],
    ],
    'http',
    'api.stripe.com',
  ],
  [
    'a request that is served',
    SERVER,
    [
      ['http.method', 'GET'],
      ['net.peer.ip', '10.1.2.3'],
    ],
    'http',
    '10.1.2.3',
  ],
  [
    'a query',
    CLIENT,
    [
      ['db.system.name', 'postgresql'],
      ['db.namespace', 'shop'],
      ['db.query.text', 'SELECT 1'],
    ],
    'database',
    'shop',
  ],
  [
    'a message',
    PRODUCER,
    [
      ['messaging.system', 'kafka'],
      ['messaging.destination.name', 'orders'],
    ],
    'messaging',
    'orders',
  ],
  [
    'a procedure',
    CLIENT,
    [
      ['rpc.system', 'grpc'],
      ['rpc.service', 'shop.Till'],
    ],
    'rpc',
    'shop.Till',
  ],
  ['a function', CLIENT, [['faas.invoked_name', 'thumbnails']], 'faas', 'thumbnails'],
];

describe.each(carried)('%s', (_what, kind, sent, dialect, resource) => {
  const all = fc.shuffledSubarray([...context, ...sent], { minLength: sent.length });

  it('stays an exchange of data whatever is said of who makes it', () => {
    fc.assert(
      fc.property(all, fc.constantFrom(...scopes), (picked, scope) => {
        const told = picked.filter((pair) => !sent.includes(pair));
        const interaction = read([...told, ...sent], { kind }, scope);
        expect(interaction).toMatchObject({ kind: 'data_transfer', dialect, resource });
        expect(interaction.bodies.find(({ role }) => role === 'input')?.text).toBe(
          dialect === 'database' ? 'SELECT 1' : undefined,
        );
      }),
    );
  });

  it('is of the agent, the person and the conversation that it names', () => {
    expect(read([...context, ...sent], { kind })).toMatchObject({
      declaredName: 'clerk',
      declaredId: 'agent-1',
      onBehalfOf: 'ada',
      conversation: 'con-1',
    });
    const traceloop = context.filter(([key]) => key.startsWith('traceloop.'));
    expect(read([...traceloop, ...sent], { kind }).conversation).toBe('ses-1');
    const vercel = context.filter(([key]) => key.startsWith('ai.'));
    expect(read([...vercel, ...sent], { kind }).conversation).toBe('ses-2');
  });

  it('is a call of a model or a tool where it says so', () => {
    expect(read([...sent, ['gen_ai.operation.name', 'chat']], { kind }).kind).toBe('inference');
    expect(read([...sent, ['openinference.span.kind', 'TOOL']], { kind }).kind).toBe('tool_call');
  });
});

describe('a call that says what it used', () => {
  /** Each by itself says that a span only holds, announces or accompanies a call. */
  const hiding: Attributes = [
    ['logfire.span_type', 'pending_span'],
    ['gen_ai.guardrail.name', 'tone'],
    ['mcp.method.name', 'ping'],
    ['a2a.method.name', 'tasks/get'],
    ['traceloop.span.kind', 'workflow'],
    ['openinference.span.kind', 'CHAIN'],
    ['ai.operationId', 'ai.generateText'],
    ['claude_code.x', 1],
    ['codex.x', 1],
    ['gemini_cli.x', 1],
    ['messaging.operation.type', 'settle'],
    ['faas.trigger', 'timer'],
  ];
  const usage: Attributes = [
    ['gen_ai.usage.input_tokens', 9],
    ['gen_ai.usage.output_tokens', 4],
  ];
  const isExchange = ({ kind }: Interaction) => kind !== 'step' && kind !== 'event';
  const value: fc.Arbitrary<AnyValue> = fc.oneof(
    fc.constantFrom('pending_span', 'workflow', 'CHAIN', 'ping', 'true'),
    fc.string({ maxLength: 5 }),
    fc.integer(),
  );
  const names = everyName().map((name) => name.replace('.*', '.0.x'));
  const other = fc.oneof(fc.tuple(fc.constantFrom(...names), value), fc.constantFrom(...hiding));
  const scope = fc.constantFrom(
    ...scopes,
    'codex_otel',
    'gemini-cli',
    'com.anthropic.claude_code.tracing',
  );

  it.each(['chat', 'execute_tool', 'embeddings'])('counts, whatever else %s says', (operation) => {
    fc.assert(
      fc.property(fc.array(other, { maxLength: 6 }), scope, (others, of) => {
        const call: Attributes = [['gen_ai.operation.name', operation], ...usage];
        const added = others.filter(([key]) => !call.some(([own]) => own === key));
        const change = { endedNs: decodedSpan().startedNs };
        expect(isExchange(read([...added, ...call], change, of))).toBe(true);
        expect(
          isExchange(read([...call, ...added], { parent: new Uint8Array(8).fill(1) }, of)),
        ).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it.each(hiding)('%s = %s does not take the tokens of a chat from the model', (...added) => {
    const call: Attributes = [['gen_ai.operation.name', 'chat'], ...usage];
    expect(read([...call, added], { endedNs: decodedSpan().startedNs })).toMatchObject({
      kind: 'inference',
      inputTokens: 9,
      outputTokens: 4,
    });
  });

  it.each(['claude_code.x', 'codex.x', 'gemini_cli.x'])('a tool stays one with a key %s', (key) => {
    const tool: Attributes = [
      ['gen_ai.operation.name', 'execute_tool'],
      ['gen_ai.tool.name', 'find'],
    ];
    expect(read([...tool, [key, 1]])).toMatchObject({ kind: 'tool_call', resource: 'find' });
  });
});
