import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { PlannedItem } from '../sending/planned-item';
import { type PlannedSpan, spanKinds } from '../sending/planned-span';
import { definitionsOf } from './definitions';
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
const items = [...generate(week)];
const spans = items.filter((item) => item.signal === 'trace');
const digestOf = (made: Iterable<PlannedItem>) =>
  createHash('sha256')
    .update(JSON.stringify([...made]))
    .digest('hex');
const serviceOf = ({ resource }: PlannedItem) => resource['service.name'] ?? '';
const operationOf = ({ attributes }: PlannedSpan) =>
  String(attributes['gen_ai.operation.name'] ?? attributes['openinference.span.kind'] ?? '');
const having = (key: string) =>
  spans.filter(({ attributes }) => (attributes[key] ?? null) !== null);

test('the same seed and end make the same, byte for byte, and another seed something else', () => {
  expect(digestOf(generate(week))).toBe(digestOf(items));
  const day = { ...week, fromMs: untilMs - dayMs };
  expect(digestOf(generate({ ...day, seed: 8 }))).not.toBe(digestOf(generate(day)));
});

test('a simulation that ends later makes the same and more', () => {
  const shorter = [...generate({ ...week, untilMs: untilMs - 2.3 * dayMs })];
  expect(shorter.length).toBeGreaterThan(1000);
  expect(digestOf(items.slice(0, shorter.length))).toBe(digestOf(shorter));
});

test('all comes in the order in which it ends, each id once, every parent there or still to come', () => {
  const keys = new Set(
    items.map((item) => (item.signal === 'trace' ? item.trace + item.span : item.key)),
  );
  expect(keys.size).toBe(items.length);
  for (const [at, { endUs }] of items.entries()) {
    expect(endUs).toBeGreaterThanOrEqual(items[at - 1]?.endUs ?? 0);
    expect(endUs).toBeLessThanOrEqual(week.untilMs * 1000);
  }
  for (const item of items) {
    if (item.signal === 'log') continue;
    expect(item.endUs).toBeGreaterThan(item.startUs);
    expect(item.startUs).toBeGreaterThanOrEqual(week.fromMs * 1000);
  }
  const ids = new Set(spans.map(({ trace, span }) => trace + span));
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
  expect(new Set(items.map(serviceOf)).size).toBe(actors.length);
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
  for (const { resource } of items) expect(resource['sallyport.made_by']).toBe('simulate');
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
  const all = JSON.stringify(items);
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
  expect(made.length).toBe(items.length + 7);
  const rest = made.filter((item) => item.signal !== 'trace' || item.name !== 'planted');
  expect(digestOf(rest)).toBe(digestOf(items));
});

test('a day on which clocks change has its hours, and no span twice', () => {
  const fromMs = Date.parse('2026-10-24T22:00:00Z');
  const day = [...generate({ ...week, fromMs, untilMs: fromMs + 25 * 3_600_000, scale: 1 })];
  const runs = day.flatMap((item) =>
    item.signal === 'trace' && item.name === 'fraud-scorer run' ? [item.startUs] : [],
  );
  expect(new Set(runs).size).toBe(runs.length);
  expect(runs.length).toBe(288);
});

test('a release that changes a tool changes what the model is offered of it, and nothing else does', () => {
  const offered = having('gen_ai.tool.definitions');
  expect(new Set(offered.map(serviceOf))).toEqual(new Set(['returns-agent']));
  const definitions = new Set(
    offered.map(({ attributes }) => String(attributes['gen_ai.tool.definitions'])),
  );
  expect(definitions.size).toBeLessThanOrEqual(2);
  const actor = actorNamed('returns-agent');
  expect(definitionsOf(actor, '1.2.0')).not.toBe(definitionsOf(actor, '1.3.0'));
  expect(definitionsOf(actor, '1.2.0')).toBe(definitionsOf(actor, '1.4.0'));
});
