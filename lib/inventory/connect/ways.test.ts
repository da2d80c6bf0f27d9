import { execFileSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import { attribute } from '@/lib/identities/attribute';
import { addArrived, arrivedHref, expected, judgeArrived } from './arrived';
import { formatPlace, parsePlace } from './place';
import { wayOf, ways } from './ways';

const hostile = `o'brien $(touch /tmp/x) "; \\ rm -rf`;
const target = {
  gatewayUrl: 'https://telemetry.example.org:4318',
  grpcUrl: 'https://telemetry.example.org:4317',
  key: 'slp_ik_0123',
  service: hostile,
};
const snippets = ways.flatMap((way) =>
  way.forms.flatMap((form) =>
    form.snippets(target).map((snippet) => ({ ...snippet, name: `${way.id} ${form.id}` })),
  ),
);

describe('every form', () => {
  const forms = ways.flatMap((way) =>
    way.forms.map((form) => ({ name: `${way.id} ${form.id}`, form })),
  );
  test.each(forms)(
    '$name says where to and with which key, and each text has its own title',
    ({ form }) => {
      const shown = form.snippets(target);
      const text = shown.map(({ code }) => code).join('\n');
      expect(text).toContain(target.key);
      expect(text).toMatch(/telemetry\.example\.org:431[78]/);
      expect(new Set(shown.map(({ title }) => title)).size).toBe(shown.length);
    },
  );
});

test.each(snippets.filter(({ title }) => title.startsWith('Shell') || title.includes('gRPC')))(
  'a shell reads back $name: $title, whatever the name',
  ({ code }) => {
    const shown = execFileSync('sh', ['-euc', `${code.replace(/\nclaude$/, '')}\nenv -0`], {
      env: { NODE_ENV: 'test', PATH: process.env.PATH },
    });
    const read = new Map(
      shown
        .toString()
        .split('\0')
        .map((line): [string, string] => [
          line.split('=')[0] ?? '',
          line.slice(line.indexOf('=') + 1),
        ]),
    );
    if (read.has('OTEL_SERVICE_NAME')) expect(read.get('OTEL_SERVICE_NAME')).toBe(hostile);
    const headers = read.get('OTEL_EXPORTER_OTLP_HEADERS') ?? read.get('TRACELOOP_HEADERS') ?? '';
    expect(decodeURIComponent(headers).toLowerCase()).toBe('authorization=bearer slp_ik_0123');
  },
);

test.each(snippets.filter(({ file }) => file?.endsWith('.json')))(
  '$name: $title is JSON',
  ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow();
  },
);

it('an address with another word shows the first way', () => {
  expect([wayOf(null).id, wayOf('nonsense').id, wayOf('codex').id]).toEqual([
    'opentelemetry',
    'opentelemetry',
    'codex',
  ]);
});

describe('what arrived', () => {
  const row = {
    signal: 'trace',
    kind: 'inference',
    hasUsage: true,
    hasConversation: false,
    hasOnBehalfOf: false,
    roles: ['output'],
    identity: 'a',
    declared: null,
    fingerprint: null,
  } as const;

  it('is what some row proves, and nothing else', () => {
    expect(
      judgeArrived([row, { ...row, signal: 'log', kind: 'tool_call', roles: ['input'] }], 2),
    ).toEqual({
      received: 2,
      refused: 2,
      signals: ['trace', 'log'],
      has: ['usage', 'output', 'tools', 'arguments'],
      identities: ['a'],
      fingerprints: [],
      otherNames: [],
    });
    expect(judgeArrived([], 0).has).toEqual([]);
  });

  it('a tool’s tokens are no usage, and its input no input of the agent', () => {
    expect(
      judgeArrived([{ ...row, kind: 'tool_call', roles: ['input', 'output'] }], 0).has,
    ).toEqual(['tools', 'arguments']);
  });

  it('is found under those it is attributed to, or else by who it came from', () => {
    const shadow = { ...row, identity: null, declared: 'x', fingerprint: 'f' };
    const both = judgeArrived([row, { ...row, identity: 'b' }, shadow], 0);
    expect([both.identities, both.fingerprints, both.otherNames]).toEqual([
      ['a', 'b'],
      ['f'],
      ['x'],
    ]);
    expect(arrivedHref(both)).toBe('/inventory?identity=a&identity=b');
    expect(arrivedHref(judgeArrived([shadow, shadow], 0))).toBe('/inventory?fingerprint=f');
  });

  it('once there stays there, whatever comes later', () => {
    const first = judgeArrived([row], 3);
    const shadow = { ...row, identity: null, declared: 'x', fingerprint: 'f', roles: [] };
    expect(addArrived(addArrived(undefined, first), judgeArrived([], 1))).toEqual(first);
    expect(addArrived(first, judgeArrived([shadow, { ...shadow, signal: 'log' }], 4))).toEqual({
      received: 3,
      refused: 4,
      signals: ['trace', 'log'],
      has: ['usage', 'output'],
      identities: ['a'],
      fingerprints: ['f'],
      otherNames: ['x'],
    });
  });

  it('each thing expected has a proof that can fail', () => {
    expect(judgeArrived([{ ...row, kind: 'event', hasUsage: false, roles: [] }], 0).has).toEqual(
      [],
    );
    expect(expected.length).toBe(7);
  });
});

test('what a coding agent calls itself is attributed to whose key sent it', () => {
  const reporter = { id: 'A', names: new Set(['nightly-reviews']), reportsFor: null };
  for (const service of ways.flatMap(({ declares }) => declares))
    expect(
      attribute({ declaredName: null, declaredId: null, service }, reporter, () => 'B').identity,
    ).toBe('A');
});

test('a place is read as it was written, and nothing else is one', () => {
  const at = new Date('2026-11-25T10:00:00.123Z');
  const heads = new Map([
    [3, { next: 12n, at }],
    [70, { next: 2n ** 62n, at: new Date(0) }],
  ]);
  for (const place of [
    { madeAt: at, heads },
    { madeAt: at, heads: new Map() },
  ])
    expect(parsePlace(formatPlace(place))).toEqual(place);
  const written = formatPlace({ madeAt: at, heads });
  for (const slip of ['', '.', 'x y', `${written}.`, `${written}.${written}`, '-1', 'a.b-1'])
    expect(parsePlace(slip), slip).toBeNull();
});
