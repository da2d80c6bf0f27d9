import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { type PlannedSpan, renderRequest, spanKinds } from '../sending/planned-span';
import { generate, type Simulation } from './generate';
import { actorNamed, actors } from './organisation';
import { dayMs } from './rhythm';
import type { Scenario } from './usual-day';

// Making and rendering a week takes seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 30_000 });

const untilMs = Date.parse('2026-11-23T00:00:00Z');
const week: Simulation = {
  seed: 7,
  fromMs: untilMs - 7 * dayMs,
  untilMs,
  timeZone: 'Europe/Berlin',
  scale: 0.1,
};
const spans = [...generate(week)];
const digestOf = (made: Iterable<PlannedSpan>) =>
  createHash('sha256')
    .update(renderRequest([...made]))
    .digest('hex');
const operationOf = ({ attributes }: PlannedSpan) =>
  String(attributes['gen_ai.operation.name'] ?? attributes['openinference.span.kind'] ?? '');
const having = (key: string) =>
  spans.filter(({ attributes }) => (attributes[key] ?? null) !== null);

test('the same seed and end make the same spans, byte for byte, and another seed others', () => {
  expect(digestOf(generate(week))).toBe(digestOf(spans));
  const day = { ...week, fromMs: untilMs - dayMs };
  expect(digestOf(generate({ ...day, seed: 8 }))).not.toBe(digestOf(generate(day)));
});

test('a simulation that ends later makes the same spans and more', () => {
  const shorter = [...generate({ ...week, untilMs: untilMs - 2.3 * dayMs })];
  expect(shorter.length).toBeGreaterThan(1000);
  expect(digestOf(spans.slice(0, shorter.length))).toBe(digestOf(shorter));
});

test('spans come in the order in which they end, each id once, every parent there or still to come', () => {
  const ids = new Set(spans.map(({ trace, span }) => trace + span));
  expect(ids.size).toBe(spans.length);
  for (const [at, { endUs, startUs }] of spans.entries()) {
    expect(endUs).toBeGreaterThanOrEqual(spans[at - 1]?.endUs ?? 0);
    expect(endUs).toBeGreaterThan(startUs);
    expect(startUs).toBeGreaterThanOrEqual(week.fromMs * 1000);
    expect(endUs).toBeLessThanOrEqual(week.untilMs * 1000);
  }
  const orphans = spans.filter(({ trace, parent }) => parent !== null && !ids.has(trace + parent));
  // Only of what had not ended by the end.
  for (const { endUs } of orphans)
    expect(endUs).toBeGreaterThan(week.untilMs * 1000 - 3_600_000_000);
});

test('people work by day and on weekdays, daemons always and on schedule', () => {
  const startsOf = (name: string) =>
    spans.filter(({ resource, parent }) => resource['service.name'] === name && parent === null);
  const reviews = startsOf('code-review-agent');
  const hours = reviews.map(({ startUs }) => new Date(startUs / 1000).getUTCHours() + 1);
  expect(hours.filter((hour) => hour < 6 || hour > 22)).toEqual([]);
  const isWeekend = ({ startUs }: PlannedSpan) =>
    [0, 6].includes(new Date(startUs / 1000).getUTCDay());
  expect(reviews.filter(isWeekend).length).toBeLessThan(reviews.length / 10);
  const nights = startsOf('nightly-etl').map(({ startUs }) =>
    new Date(startUs / 1000).toISOString().slice(11, 15),
  );
  expect(nights).toEqual(Array(7).fill('01:1'));
  const scores = startsOf('fraud-scorer').map(({ startUs }) => startUs);
  const gaps = scores
    .slice(1)
    .map((startUs, at) => Math.round((startUs - (scores[at] ?? 0)) / 60e6));
  expect(new Set(gaps)).toEqual(new Set([60]));
});

test('it holds every kind of exchange, several models, both ends, and what nobody registered', () => {
  for (const operation of [
    'chat',
    'embeddings',
    'retrieval',
    'execute_tool',
    'invoke_agent',
    'search_memory',
    'create_memory',
    'LLM',
    'AGENT',
    'RETRIEVER',
  ])
    expect(
      spans.filter((span) => operationOf(span) === operation).length,
      operation,
    ).toBeGreaterThan(2);
  expect(
    new Set(
      having('gen_ai.provider.name').map(({ attributes }) => attributes['gen_ai.provider.name']),
    ).size,
  ).toBe(3);
  const calls = having('mcp.method.name');
  const servers = calls.filter(({ kind }) => kind === spanKinds.server);
  expect(servers.length).toBe(calls.length / 2);
  for (const { parent, resource } of servers) {
    expect(calls.some(({ span, kind }) => span === parent && kind === spanKinds.client)).toBe(true);
    expect(resource['service.name']).toMatch(/-mcp-server$/);
  }
  for (const key of [
    'db.system.name',
    'http.request.method',
    'messaging.system',
    'faas.trigger',
    'client.address',
  ])
    expect(having(key).length, key).toBeGreaterThan(5);
  expect(spans.some(({ resource }) => resource['service.name'] === 'jupyter-analytics')).toBe(true);
  const services = new Set(spans.map(({ resource }) => resource['service.name']));
  expect(services.size).toBe(actors.length);
});

test('errors are rare and told, costs follow tokens, and background actors have no user', () => {
  const failed = spans.filter(({ failure }) => failure !== null);
  expect(failed.length / spans.length).toBeGreaterThan(0.002);
  expect(failed.length / spans.length).toBeLessThan(0.03);
  for (const { attributes } of failed) expect(attributes['error.type']).toBeTruthy();
  for (const { attributes } of having('gen_ai.usage.cost')) {
    expect(Number(attributes['gen_ai.usage.cost'])).toBeGreaterThanOrEqual(0);
    expect(attributes['gen_ai.usage.input_tokens'] ?? 0).toBeGreaterThan(0);
  }
  for (const { resource, attributes } of having('user.id'))
    expect(actorNamed(resource['service.name'] ?? '').kind, String(attributes['user.id'])).toBe(
      'agent',
    );
  for (const { resource } of spans) expect(resource['sallyport.made_by']).toBe('simulate');
});

test('what is said is said in many ways', () => {
  const said = new Set(
    [...having('gen_ai.output.messages'), ...having('gen_ai.input.messages')].flatMap(
      ({ attributes }) =>
        `${attributes['gen_ai.output.messages']}${attributes['gen_ai.input.messages']}`.match(
          /"content":"[^"]{20,}"/g,
        ) ?? [],
    ),
  );
  expect(said.size).toBeGreaterThan(400);
  const all = renderRequest(spans);
  expect(all.match(/undefined|NaN|\{(order|product|city|date|amount|supplier)\}/)).toBeNull();
});

test('actors are released now and then', () => {
  const versions = new Set(
    [...generate({ ...week, fromMs: untilMs - 30 * dayMs, scale: 0.02 })].map(
      ({ resource }) => `${resource['service.name']} ${resource['service.version']}`,
    ),
  );
  expect(versions.size).toBeGreaterThan(actors.length * 1.5);
});

test('a scenario adds its sessions and leaves all others as they are', () => {
  const planted: Scenario = ({ day }) => [
    {
      atUs: day * dayMs * 1000 + 36_000_000_000,
      key: `${day} planted`,
      actor: actorNamed('returns-agent'),
      play: (session) => session.span('planted', {}, 1),
    },
  ];
  const made = [...generate(week, [planted])];
  expect(made.filter(({ name }) => name === 'planted')).toHaveLength(7);
  expect(digestOf(made.filter(({ name }) => name !== 'planted'))).toBe(digestOf(spans));
});

test('a day on which clocks change has its hours, and no span twice', () => {
  const fromMs = Date.parse('2026-10-24T22:00:00Z');
  const day = [...generate({ ...week, fromMs, untilMs: fromMs + 25 * 3_600_000, scale: 1 })];
  const runs = day.filter(({ name }) => name === 'fraud-scorer run').map(({ startUs }) => startUs);
  expect(new Set(runs).size).toBe(runs.length);
  expect(runs.length).toBe(288);
});
