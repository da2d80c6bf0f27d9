import { describe, expect, it } from 'vitest';
import { actorOf } from './actor';
import { type Aspect, aspects } from './aspects';
import { isLacking, isSilent, judge } from './judge';
import { actorWords, hintsFor } from './labels';
import { type Arrivals, coverageHref, parseCoverageView } from './schema';

const now = new Date('2026-11-25T12:00:00Z');
const past = (ms: number) => new Date(now.getTime() - ms);
const day = 86_400_000;

function arrivals(
  recent: Partial<Record<Aspect, number>>,
  last: Partial<Record<Aspect, Date>> = {},
): Arrivals {
  const each = <Value>(of: (aspect: Aspect) => Value) =>
    Object.fromEntries(aspects.map((aspect) => [aspect, of(aspect)])) as Record<Aspect, Value>;
  return {
    interactions: Math.max(0, ...Object.values(recent)),
    recent: each((aspect) => recent[aspect] ?? 0),
    last: each((aspect) => last[aspect] ?? null),
    dialects: [],
    firstAt: null,
    lastAt: now,
  };
}

describe('what arrives', () => {
  it.each<
    [string, Partial<Record<Aspect, number>>, Partial<Record<Aspect, Date>>, string, boolean]
  >([
    ['all inferences with input', { inference: 10, input: 10 }, {}, 'arrives', false],
    ['a few without', { inference: 100, input: 95 }, {}, 'arrives', false],
    ['half of them without', { inference: 10, input: 5 }, {}, 'partly', true],
    ['none with', { inference: 10 }, {}, 'never', true],
    ['none with for a week', { inference: 10 }, { input: past(9 * day) }, 'stale', true],
    [
      'prompts as events, as coding agents send them',
      { inference: 10, prompt: 3 },
      {},
      'arrives',
      false,
    ],
    ['no inference at all', {}, {}, 'never', true],
  ])('input: %s', (_what, recent, last, state, isGap) => {
    expect(judge('agent', arrivals(recent, last)).input).toMatchObject({ state, isGap });
  });

  it.each<[Partial<Record<Aspect, number>>, string]>([
    [{ tool_call: 4, argument: 4, result: 4 }, 'arrives'],
    [{ tool_call: 4, argument: 4 }, 'partly'],
    [{}, 'never'],
  ])('tools: %j', (recent, state) => {
    expect(judge('agent', arrivals(recent)).tools.state).toBe(state);
  });

  it('is expected by kind: content of agents, data of daemons', () => {
    const gaps = (kind: 'agent' | 'daemon' | 'service') =>
      Object.entries(judge(kind, arrivals({ trace: 5 }))).flatMap(([column, { isGap }]) =>
        isGap ? column : [],
      );
    expect(gaps('agent')).toEqual(['input', 'output', 'tools']);
    expect(gaps('daemon')).toEqual(['data']);
    expect(gaps('service')).toEqual([]);
  });

  it('what sends nothing is silent, not lacking', () => {
    expect(isLacking('agent', arrivals({}))).toBe(false);
    expect(isLacking('agent', arrivals({ inference: 1 }))).toBe(true);
    expect(isSilent({ lastAt: past(day + 1) }, now)).toBe(true);
    expect(isSilent({ lastAt: past(day - 1) }, now)).toBe(false);
    expect(isSilent({ lastAt: null }, now)).toBe(true);
  });

  it('what to set is told in the dialects that are spoken', () => {
    expect(hintsFor('input', ['claude_code', 'http'])[0]?.code).toContain('OTEL_LOG_USER_PROMPTS');
    expect(hintsFor('output', ['http', 'no such'])[0]?.code).toContain(
      'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    );
    expect(hintsFor('data', ['genai'])[0]?.code).toContain('opentelemetry');
  });

  it.each([
    [
      'claude_code',
      ['OTEL_LOG_USER_PROMPTS', 'OTEL_LOG_ASSISTANT_RESPONSES', 'OTEL_LOG_TOOL_CONTENT'],
    ],
    ['codex', ['log_user_prompt', null, '/v1/logs']],
    ['gemini_cli', ['LOG_PROMPTS=true', 'LOG_PROMPTS=true', 'TRACES_ENABLED=true']],
  ] as const)(
    'a coding agent has its own remedy for each: %s',
    (dialect, [input, output, tools]) => {
      const codes = (['input', 'output', 'tools'] as const).map(
        (column) => hintsFor(column, [dialect])[0]?.code,
      );
      for (const [at, words] of [input, output, tools].entries())
        if (words === null) expect(codes[at]).toBeNull();
        else expect(codes[at]).toContain(words);
    },
  );

  it('what is needed for several columns is told once', () => {
    const columns = ['input', 'output', 'tools'] as const;
    for (const dialect of ['genai', 'openinference', 'traceloop', 'vercel', 'logfire'])
      expect(new Set(columns.flatMap((column) => hintsFor(column, [dialect]))).size).toBe(1);
  });
});

describe('whom an identity acts for', () => {
  const starts = (count: number, hasUser: (n: number) => boolean, stepMs = 900_000) =>
    Array.from({ length: count }, (_, n) => ({ at: past(n * stepMs), hasUser: hasUser(n) }));

  it.each([
    [
      'people, where one session in twenty names somebody',
      starts(40, (n) => n % 20 === 0),
      'interactive',
    ],
    ['a schedule', starts(40, () => false), 'periodic'],
    [
      'a schedule, where one session in forty names somebody',
      starts(40, (n) => n === 3),
      'periodic',
    ],
    ['nobody that can be seen', starts(5, () => false), 'background'],
    ['too early to tell', starts(2, () => false), 'unknown'],
    ['too early, but for a person', starts(1, () => true), 'interactive'],
  ])('%s', (_what, sessions, kind) => {
    const actor = actorOf({ starts: sessions, hours: [] });
    expect(actor.kind).toBe(kind);
    if (kind === 'periodic') expect(actorWords(actor).word).toBe('Periodic, every 15 minutes');
  });
});

describe('the address', () => {
  it('is read and written alike', () => {
    for (const href of [
      '/coverage',
      '/coverage?show=lacking',
      '/coverage?view=silent&identity=01a2075f-e27b-7ea8-9f0b-4be9bfb69e53',
      `/coverage?view=shadow&shadow=ignored&fingerprint=${'0a'.repeat(16)}`,
    ]) {
      const params = Object.fromEntries(new URL(href, 'http://x').searchParams);
      const view = parseCoverageView(params);
      expect(view.problems).toEqual([]);
      expect(coverageHref(view)).toBe(href);
    }
  });

  it('says what it does not understand', () => {
    const { problems, view } = parseCoverageView({
      view: 'x',
      fingerprint: 'y',
      constructor: 'z',
      shadow: ['open', 'q'],
    });
    expect(problems).toHaveLength(3);
    expect(view).toBe('arrives');
  });
});
