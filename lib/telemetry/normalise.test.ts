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
import { normaliseSpan } from './normalise';
import { decodeTracesJson } from './otlp-json';
import { type Attributes, type Interaction, type Mark, marks, type Span } from './schema';

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
