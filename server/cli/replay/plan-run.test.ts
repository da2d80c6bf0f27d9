import { expect, test } from 'vitest';
import { dojoRun, sweRun, tauRun } from '@/tests/support/trajectories';
import { renderSpans } from '../sending/planned-span';
import { planRun, spansOf } from './plan-run';
import { readRun } from './read-run';

function planOf(value: unknown, file = 'gpt-4o-airline.json') {
  const run = readRun(file, JSON.stringify(value), value);
  if ('reason' in run) throw new Error(run.reason);
  return planRun(run);
}
const spansFor = (value: unknown, file?: string) => [
  ...spansOf(planOf(value, file), 1_000_000_000),
];

test('an assistant message is an inference, an entry of tool_calls a tool call, in one tree', () => {
  const spans = spansFor(dojoRun(1));
  expect(spans.map(({ attributes }) => attributes['gen_ai.operation.name'])).toEqual([
    ...['chat', 'execute_tool', 'execute_tool', 'chat', 'execute_tool'],
    'invoke_agent',
  ]);
  const root = spans.at(-1);
  expect(root?.parent).toBeNull();
  expect(spans.slice(0, -1).every(({ parent }) => parent === root?.span)).toBe(true);
  expect(new Set(spans.map(({ span }) => span)).size).toBe(spans.length);
  expect(spans[0]?.reporter).toBe('garden-gpt-4o-test');
});

test('a call without a result has none, and one that failed says so', () => {
  const [, open, read, , wake] = spansFor(dojoRun(1));
  expect(open?.attributes['gen_ai.tool.call.result']).toBe('open');
  expect(open?.failure).toBeNull();
  expect(read).toMatchObject({
    failure: 'SensorError: asleep',
    attributes: { 'error.type': 'tool_error' },
  });
  expect(wake?.attributes['gen_ai.tool.call.result']).toBeNull();
  expect(wake?.failure).toBeNull();
});

test('nothing of what a run was to show is sent', () => {
  const sent = renderSpans([...spansFor(dojoRun(1)), ...spansFor(tauRun(1))]);
  for (const secret of [
    'injection',
    'neighbour',
    'utility',
    'security',
    'user_task',
    'never to be sent',
    'reward',
    'evaluation',
  ])
    expect(sent).not.toContain(secret);
});

test('the same run has the same ids and times wherever it stands, another one other ids', () => {
  expect(spansFor(dojoRun(1))).toEqual(spansFor(dojoRun(1)));
  expect(spansFor(dojoRun(1))[0]?.trace).not.toBe(spansFor(dojoRun(2))[0]?.trace);
});

test('steps follow one another within what the run took, at any speed', () => {
  const plan = planOf(dojoRun(1));
  expect(plan.totalUs / 1e6).toBeCloseTo(12.5, 1);
  for (const speed of [1, 10]) {
    const spans = [...spansOf(plan, 5_000_000, speed)];
    const root = spans.at(-1);
    let endedUs = 5_000_000;
    for (const { startUs, endUs } of spans.slice(0, -1)) {
      expect(startUs).toBeGreaterThanOrEqual(endedUs);
      expect(endUs).toBeGreaterThan(startUs);
      endedUs = endUs;
    }
    expect(root?.endUs).toBeGreaterThan(endedUs);
    expect(((root?.endUs ?? 0) - 5_000_000) * speed).toBeCloseTo(plan.totalUs, -2);
  }
});

test('an id used twice gives each call its own result, and a person takes time to answer', () => {
  const spans = spansFor(tauRun(1));
  const results = spans.flatMap(({ attributes }) => attributes['gen_ai.tool.call.result'] ?? []);
  expect(results).toEqual(['found', 'moved']);
  expect(spans[0]).toMatchObject({
    reporter: 'airline-gpt-4o',
    attributes: { 'gen_ai.request.model': 'gpt-4o', 'gen_ai.provider.name': 'openai' },
  });
  const [, , question, call] = spans;
  expect((call?.startUs ?? 0) - (question?.endUs ?? 0)).toBeGreaterThan(1_000_000);
});

test('an inference was given all that was said before it, and says what came of it', () => {
  const [first, , second] = spansFor(tauRun(1));
  const input = JSON.parse(String(second?.attributes['gen_ai.input.messages']));
  expect(input.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'tool']);
  expect(JSON.parse(String(first?.attributes['gen_ai.output.messages']))[0].parts).toEqual([
    { type: 'tool_call', id: 'call_same', name: 'find', arguments: { id: 4 } },
  ]);
  for (const { attributes } of spansFor(tauRun(1)))
    expect(Object.keys(attributes).filter((key) => key.includes('usage'))).toEqual([]);
});

test('a coding step is what was said and the command that ran, for as long as it ran', () => {
  const spans = spansFor(sweRun());
  expect(spans.map(({ name }) => name)).toEqual([
    ...['chat', 'execute_tool open', 'chat', 'execute_tool bash', 'chat'],
    'invoke_agent swe-agent',
  ]);
  expect((spans[1]?.endUs ?? 0) - (spans[1]?.startUs ?? 0)).toBe(500_000);
  expect(String(spans[0]?.attributes['gen_ai.input.messages'])).not.toContain('demonstration');
});
