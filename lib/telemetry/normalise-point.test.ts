import { describe, expect, test } from 'vitest';
import { decodedOrigin } from '@/tests/support/spans';
import { emptyPoint } from './metric-point';
import { normalisePoint } from './normalise-point';
import { type Attributes, type MetricForm, type MetricPoint, marks } from './schema';

const nowMs = 1_795_000_000_000;
const nowNs = BigInt(nowMs) * 1_000_000n;
const pointOf = (
  name: string,
  attributes: Attributes,
  change: Partial<MetricPoint> = {},
  form: MetricForm = 'sum',
): MetricPoint => ({
  ...emptyPoint({ name, description: '', unit: '', form, temporality: 1, isMonotonic: true }),
  startedNs: nowNs - 1n,
  timeNs: nowNs,
  attributes,
  value: 1,
  ...change,
});
const measure = (...sent: Parameters<typeof pointOf>) =>
  normalisePoint(
    pointOf(...sent),
    decodedOrigin({ resource: [['service.name', 'claude-code']] }),
    nowMs,
  );
const bodyOf = ({ bodies }: ReturnType<typeof measure>) => JSON.parse(bodies[0]?.text ?? '{}');

describe('what known metrics say', () => {
  test.each<[string, Attributes, object]>([
    ['claude_code.token.usage', [['type', 'cacheCreation']], { tokenType: 'cache_write' }],
    ['claude_code.token.usage', [['type', 'input']], { tokenType: 'input' }],
    ['claude_code.lines_of_code.count', [['type', 'added']], { tokenType: null }],
    [
      'claude_code.cost.usage',
      [
        ['model', 'm'],
        ['session.id', 's'],
      ],
      { model: 'm', conversation: 's' },
    ],
    ['claude_code.code_edit_tool.decision', [['tool', 'Edit']], { tool: 'Edit' }],
    [
      'gemini_cli.token.usage',
      [
        ['type', 'thought'],
        ['model', 'g'],
      ],
      { tokenType: 'reasoning', model: 'g' },
    ],
    ['gemini_cli.tool.call.count', [['function_name', 'read_file']], { tool: 'read_file' }],
    ...[
      'claude_code.token.usage',
      'claude_code.session.count',
      'codex.turn.count',
      'gemini_cli.x',
    ].map((metric): [string, Attributes, object] => [
      metric,
      [
        ['user.id', 'f00d'],
        ['user.email', 'ada@example.com'],
      ],
      { onBehalfOf: 'ada@example.com' },
    ]),
    ['codex.turn.count', [['user.account_id', 'acc-1']], { onBehalfOf: 'acc-1' }],
    [
      'gen_ai.client.token.usage',
      [
        ['user.email', 'ada@example.com'],
        ['user.id', 'f00d'],
      ],
      { onBehalfOf: 'f00d' },
    ],
    ['gemini_cli.api.request.count', [['error_type', 'quota']], { errorType: 'quota' }],
    [
      'gen_ai.client.token.usage',
      [
        ['gen_ai.token.type', 'output'],
        ['gen_ai.system', 'openai'],
        ['gen_ai.request.model', 'a'],
        ['gen_ai.response.model', 'b'],
      ],
      { tokenType: 'output', provider: 'openai', model: 'b' },
    ],
    ['gen_ai.client.inference.usage.cache_read.input_tokens', [], { tokenType: 'cache_read' }],
    [
      'gen_ai.execute_tool.duration',
      [
        ['gen_ai.tool.name', 't'],
        ['error.type', 'e'],
      ],
      { tool: 't', errorType: 'e' },
    ],
    ['constructor', [['type', '__proto__']], { tokenType: null }],
  ])('%s %j', (name, attributes, expected) => {
    expect(measure(name, attributes)).toMatchObject({ ...expected, service: 'claude-code' });
  });

  test('a word that is translated stays among the attributes, one that is not does not', () => {
    expect(bodyOf(measure('gemini_cli.token.usage', [['type', 'thought']]))).toEqual({
      point: { type: 'thought' },
    });
    expect(measure('gemini_cli.token.usage', [['type', 'input']]).bodies).toEqual([]);
  });
});

describe('numbers', () => {
  test.each<[Partial<MetricPoint>, object, object]>([
    [{ value: Number.NaN }, { value: null }, { value: 'NaN' }],
    [{ value: Number.NEGATIVE_INFINITY }, { value: null }, { value: '-Infinity' }],
    [{ value: 2n ** 53n + 1n }, { value: 2 ** 53 }, { value: 2 ** 53 }],
    [{ value: -0 }, { value: 0 }, {}],
    [{ value: null }, { value: null }, {}],
    [{ value: null, count: 2n ** 64n - 1n }, { count: null }, { count: 2 ** 64 }],
    [
      { value: null, count: 5n, sum: 1.5, min: Number.POSITIVE_INFINITY },
      { count: 5, sum: 1.5, min: null },
      { min: 'Infinity' },
    ],
  ])('%o', (change, facts, body) => {
    const measurement = measure('m', [], change);
    expect(measurement).toMatchObject(facts);
    expect(bodyOf(measurement)).toEqual(body);
  });

  test('an integer that a double cannot hold keeps its digits', () => {
    expect(measure('m', [], { value: 2n ** 53n + 1n }).bodies[0]?.text).toBe(
      '{"value":9007199254740993}',
    );
  });
});

describe('odd ones are kept and marked', () => {
  test.each<[string, Partial<MetricPoint>, number]>([
    ['a start behind the end', { startedNs: nowNs + 1n }, marks.ends_before_start],
    ['a time in 1970', { timeNs: 5n, startedNs: 0n }, marks.implausible_time],
    ['a name that is too long', { name: 'n'.repeat(300) }, marks.truncated],
    ['nothing odd', { startedNs: 0n }, 0],
  ])('%s', (_what, change, expected) => {
    expect(measure('m', [], change).marks).toBe(expected);
  });

  test('without a time it is of when it arrived, and an unknown temporality is shown', () => {
    const measurement = measure('m', [], { timeNs: 0n, startedNs: 0n, temporality: 9 });
    expect(measurement).toMatchObject({
      endedNs: nowNs,
      startedNs: null,
      temporality: null,
      marks: 0,
    });
    expect(bodyOf(measurement)).toEqual({ temporality: 9 });
  });
});
