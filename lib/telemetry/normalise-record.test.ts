import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyName } from '@/tests/support/alias-names';
import { decodedOrigin, decodedRecord } from '@/tests/support/spans';
import { normaliseRecord } from './normalise-record';
import { type AnyValue, type Interaction, interactionKinds, type LogRecord } from './schema';

const NOW_MS = 1_795_000_002_000;

const told = (record: LogRecord) => normaliseRecord(record, decodedOrigin(), NOW_MS);
const bodyOf = ({ bodies }: Interaction, role: string) =>
  bodies.find((body) => body.role === role)?.text;
const remainsOf = (interaction: Interaction) =>
  JSON.parse(bodyOf(interaction, 'attributes') ?? '{}');

describe('the name of a record', () => {
  it.each<[string, Partial<LogRecord>, Record<string, AnyValue>, string]>([
    ['its event’s name', { eventName: 'order.placed' }, {}, 'order.placed'],
    [
      'an attribute that a dialect knows, before a name that none does',
      { eventName: 'event src/telemetry.rs:12' },
      { 'event.name': 'codex.user_prompt' },
      'codex.user_prompt',
    ],
    [
      'the body where it is the name of an event',
      { eventName: '', body: 'claude_code.user_prompt' },
      { 'event.name': 'user_prompt' },
      'claude_code.user_prompt',
    ],
    ['an attribute that no dialect knows', {}, { 'event.name': 'tick' }, 'tick'],
    ['no text of the body', { body: 'password is hunter2' }, {}, 'log'],
    ['a body that is no name', { body: { a: 1 } }, {}, 'log'],
  ])('is %s', (_what, change, attributes, name) => {
    const record = decodedRecord('', attributes, change);
    const interaction = told(record);
    expect(interaction.name).toBe(name);
    const isHeld = record.eventName === '' || record.eventName === name;
    expect(remainsOf(interaction).eventName).toBe(isHeld ? undefined : record.eventName);
  });

  it('leaves nothing to keep of attribute and body that say it again', () => {
    const interaction = told(
      decodedRecord('', { 'event.name': 'user_prompt' }, { body: 'claude_code.user_prompt' }),
    );
    expect(interaction.bodies).toEqual([
      { role: 'attributes', text: '{"severity":9,"observedNs":1795000001500000000}' },
    ]);
  });
});

describe('a record', () => {
  it('names the span it was written in as its parent, and is none itself', () => {
    const span = new Uint8Array(8).fill(3);
    const trace = new Uint8Array(16).fill(4);
    expect(told(decodedRecord('x', {}, { span, trace }))).toMatchObject({
      signal: 'log',
      span: null,
      parent: span,
      trace,
    });
    expect(told(decodedRecord('x'))).toMatchObject({ trace: null, parent: null });
  });

  it('of an unknown sender is an event with what it says, whatever it names', () => {
    const interaction = told(
      decodedRecord('', { 'server.address': 'db.internal' }, { body: 'row 7 was skipped' }),
    );
    expect(interaction).toMatchObject({ dialect: 'unknown', kind: 'event', resource: null });
    expect(bodyOf(interaction, 'output')).toBe('row 7 was skipped');
  });

  it.each([
    [16, 'unset', 'output'],
    [17, 'error', 'error'],
  ])('of severity %i has the status %s and its text as %s', (severity, status, role) => {
    const interaction = told(decodedRecord('', {}, { severity, body: 'disk is full' }));
    expect(interaction.status).toBe(status);
    expect(bodyOf(interaction, role)).toBe('disk is full');
    expect(remainsOf(interaction).severity).toBe(severity);
  });

  it('that repeats the names of an exchange’s span is no second exchange', () => {
    for (const attributes of [
      { 'http.request.method': 'GET', 'server.address': 'h' },
      { 'db.system.name': 'postgresql' },
      { 'messaging.system': 'kafka' },
      { 'rpc.system': 'grpc' },
      { 'faas.trigger': 'timer' },
      { 'mcp.method.name': 'tools/list' },
      { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' },
      { 'openinference.span.kind': 'LLM' },
      { 'ai.operationId': 'ai.generateText.doGenerate' },
      { 'logfire.msg': 'hello', 'gen_ai.request.model': 'm' },
      { 'traceloop.span.kind': 'tool' },
    ])
      expect(told(decodedRecord('written', attributes)).kind).toBe('event');
  });

  it('began before it was told of by as long as it took', () => {
    const at = 1_795_000_001_000_000_000n;
    const took = (duration: AnyValue, timeNs = at) =>
      told(decodedRecord('codex.tool_result', { duration_ms: duration }, { timeNs })).startedNs;
    expect(took('1250')).toBe(at - 1_250_000_000n);
    expect(took(0.5)).toBe(at - 500_000n);
    for (const hostile of ['1e99', 1e300, -5, 'soon', null, 400 * 86_400_000 + 1])
      expect(took(hostile)).toBe(at);
    expect(took(60_000, 5n)).toBe(5n);
  });

  it('without a time of its own happened when it was observed', () => {
    const interaction = told(decodedRecord('x', {}, { timeNs: 0n }));
    expect(interaction.endedNs).toBe(1_795_000_001_500_000_000n);
    expect(bodyOf(interaction, 'attributes')).toBe('{"severity":9}');
  });
});

describe('whatever a sender writes into a record', () => {
  const names = everyName().map((name) => name.replace('.*', '.0.x'));
  const events = [
    'claude_code.api_request',
    'claude_code.api_error',
    'claude_code.tool_result',
    'claude_code.api_response_body',
    'codex.sse_event',
    'codex.api_request',
    'codex.tool_result',
    'gemini_cli.api_response',
    'gemini_cli.tool_call',
    'gen_ai.client.inference.operation.details',
    'gen_ai.evaluation.result',
    'gen_ai.choice',
    'gen_ai.user.message',
    'unknown',
    '',
  ];
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }),
  );
  const value: fc.Arbitrary<AnyValue> = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.string(), leaf, { maxKeys: 3 }),
  );

  it('nothing of it is lost, and it never throws', () => {
    let serial = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...events),
        fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 14 }),
        value,
        fc.constantFrom('', 'an event of another name'),
        (eventName, attributes, body, other) => {
          const sent: string[] = [];
          const distinct = (from: AnyValue): AnyValue => {
            serial += 1;
            const text = `v${serial}v`;
            sent.push(text);
            if (typeof from === 'string') return from + text;
            return typeof from === 'number' || from === null ? text : [from, text];
          };
          const interaction = told(
            decodedRecord(
              eventName,
              {},
              {
                attributes: attributes.map(([key, from]) => [key, distinct(from)]),
                body: distinct(body),
                severityText: `${distinct(other)}`,
              },
            ),
          );
          expect(interactionKinds).toContain(interaction.kind);
          const { bodies, ...facts } = interaction;
          const kept = `${Object.values(facts).join('\n')}\n${bodies.map(({ text }) => text).join('\n')}`;
          for (const text of sent) expect(kept).toContain(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});
