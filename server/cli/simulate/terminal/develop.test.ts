import { describe, expect, test, vi } from 'vitest';
import { generate, seedMarkOf } from '../generate';
import { dayMs } from '../rhythm';

// Making some weeks takes seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 30_000 });

const untilMs = Date.parse('2026-11-21T00:00:00Z');
const items = [
  ...generate({
    ...{ seed: 7, fromMs: untilMs - 12 * dayMs, untilMs },
    ...{ timeZone: 'Europe/Berlin', scale: 0.6 },
  }),
];
const records = items.filter((item) => item.signal === 'log');
const points = items.filter((item) => item.signal === 'metric');
const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));
const number = (value: unknown) => Number(value ?? 0);
function groupBy<Item>(among: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of among) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const clis = [
  {
    service: 'claude-code',
    actor: 'dev-claude-code',
    scope: 'com.anthropic.claude_code.events',
    session: 'session.id',
    prompt: 'user_prompt',
    redacted: '<REDACTED>',
    call: 'api_request',
    tool: 'tool_result',
    error: 'api_error',
  },
  {
    service: 'codex_tui',
    actor: 'dev-codex',
    scope: 'codex_otel',
    session: 'conversation.id',
    prompt: 'codex.user_prompt',
    redacted: '[REDACTED]',
    call: 'codex.sse_event',
    tool: 'codex.tool_result',
    error: 'codex.api_request',
  },
  {
    service: 'gemini-cli',
    actor: 'dev-gemini-cli',
    scope: 'gemini-cli',
    session: 'session.id',
    prompt: 'gemini_cli.user_prompt',
    redacted: '',
    call: 'gemini_cli.api_response',
    tool: 'gemini_cli.tool_call',
    error: 'gemini_cli.api_error',
  },
] as const;

const of = (service: string) =>
  records.filter(({ resource }) => resource['service.name'] === service);
const named = (service: string, name: string) =>
  of(service).filter(({ attributes }) => attributes['event.name'] === name);

describe.each(clis)('the sessions of $service', (cli) => {
  const own = of(cli.service);
  const sessions = groupBy(own, ({ attributes }) => text(attributes[cli.session]));

  test('are log records of one scope, sent with a key of their own and told by one person each', () => {
    expect(sessions.size).toBeGreaterThan(10);
    for (const { scope, reporter, severity } of own) {
      expect(scope).toBe(cli.scope);
      expect(reporter).toBe(cli.actor);
      expect(severity).toBeLessThan(17);
    }
    for (const [id, told] of sessions) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(id.endsWith(seedMarkOf(7))).toBe(true);
      expect(new Set(told.map(({ attributes }) => attributes['user.email'])).size).toBe(1);
    }
  });

  test('say no prompt of those who did not allow it', () => {
    const prompts = named(cli.service, cli.prompt).map(({ attributes }) => text(attributes.prompt));
    const hidden = prompts.filter((prompt) => prompt === cli.redacted);
    expect(hidden.length).toBeGreaterThan(prompts.length / 20);
    expect(hidden.length).toBeLessThan(prompts.length);
  });

  test('tell each call of a tool with its arguments where prompts may be told', () => {
    const calls = named(cli.service, cli.tool);
    expect(calls.length).toBeGreaterThan(sessions.size);
    const all = JSON.stringify(calls.map(({ attributes }) => attributes));
    expect(all).toContain('get_ticket');
    expect(all).toContain('npm test');
  });

  test('meet ordinary errors, and seldom', () => {
    const failed = named(cli.service, cli.error).filter(
      ({ attributes }) => attributes.error ?? attributes['error.message'],
    );
    const calls = named(cli.service, cli.call).length;
    expect(failed.length).toBeLessThan(calls / 20);
    for (const { attributes } of failed)
      expect(text(attributes.status_code ?? attributes['http.response.status_code'])).toMatch(
        /^(429|5\d\d)$/,
      );
  });
});

test('some calls of a model fail', () => {
  expect(JSON.stringify(records)).toMatch(/Overloaded|Too many requests|Service unavailable/);
});

test('Claude Code names the tool of an MCP server in tool_parameters alone, and each prompt by its id', () => {
  const calls = named('claude-code', 'tool_result').filter(
    ({ attributes }) => attributes.tool_name === 'mcp_tool',
  );
  expect(calls.length).toBeGreaterThan(3);
  for (const { attributes } of calls) {
    expect(JSON.parse(text(attributes.tool_parameters))).toMatchObject({
      mcp_server_name: 'tickets',
      mcp_tool_name: 'get_ticket',
    });
    expect(text(attributes.tool_input)).not.toContain('get_ticket');
  }
  const prompts = new Set(
    named('claude-code', 'user_prompt').map(({ attributes }) => attributes['prompt.id']),
  );
  for (const { attributes } of named('claude-code', 'api_request')) {
    expect(prompts).toContain(attributes['prompt.id']);
    expect(attributes.input_tokens).toBeTypeOf('string');
  }
});

test('every decided tool was let or refused, and only what was let is told to have run', () => {
  const decided = new Map(
    named('claude-code', 'tool_decision').map(({ attributes }) => [
      attributes.tool_use_id,
      attributes.decision,
    ]),
  );
  expect([...decided.values()]).toContain('reject');
  for (const { attributes } of named('claude-code', 'tool_result'))
    expect(decided.get(attributes.tool_use_id)).toBe('accept');
});

test('what the counters of tokens say is what the log records of the session add up to', () => {
  const counted = new Map<string, number>();
  const add = (key: string, value: number) => counted.set(key, (counted.get(key) ?? 0) + value);
  for (const { attributes, metric, value } of points)
    if (metric === 'claude_code.token.usage' && attributes.type === 'output')
      add(text(attributes['session.id']), value);
  const told = new Map<string, number>();
  for (const { attributes } of named('claude-code', 'api_request')) {
    const session = text(attributes['session.id']);
    told.set(session, (told.get(session) ?? 0) + number(attributes.output_tokens));
  }
  expect(counted.size).toBeGreaterThan(10);
  for (const [session, tokens] of counted) expect(told.get(session)).toBe(tokens);
});

test('a counter that is cumulative never falls, and a delta begins where the one before it ended', () => {
  const series = groupBy(
    points,
    ({ metric, attributes }) => `${metric} ${JSON.stringify(attributes)}`,
  );
  for (const held of series.values())
    for (const [at, { temporality, value, startUs }] of held.entries()) {
      const before = held[at - 1];
      if (before === undefined) continue;
      if (temporality === 2) {
        expect(value).toBeGreaterThanOrEqual(before.value);
        expect(startUs).toBe(before.startUs);
      } else expect(startUs).toBeGreaterThanOrEqual(before.startUs);
    }
  expect(new Set(points.map(({ temporality }) => temporality))).toEqual(new Set([1, 2]));
});
