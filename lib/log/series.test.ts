import { describe, expect, it } from 'vitest';
import { emptyPoint } from '@/lib/telemetry/metric-point';
import type { Attributes, MetricPoint, Origin } from '@/lib/telemetry/schema';
import { decodedOrigin } from '@/tests/support/spans';
import { seriesOf } from './series';

const attributes: Attributes = [
  ['type', 'input'],
  ['model', 'orchid-2'],
];
const point = (change: Partial<MetricPoint> = {}): MetricPoint => ({
  ...emptyPoint({
    name: 'claude_code.token.usage',
    description: '',
    unit: 'tokens',
    form: 'sum',
    temporality: 2,
    isMonotonic: true,
  }),
  attributes,
  ...change,
});
const origin = decodedOrigin({
  resource: [
    ['service.name', 'claude-code'],
    ['host.name', 'a'],
  ],
});
const whose = { reporter: 'r', owner: 'o', key: 'k' };
const hex = (of: MetricPoint, from: Origin = origin, by = whose) =>
  Buffer.from(seriesOf(of, from, by) ?? []).toString('hex');

describe('the series of a data point', () => {
  it('is the same at any time, of any amount, and in whatever order attributes are sent', () => {
    expect(hex(point())).toHaveLength(32);
    for (const same of [
      point({ startedNs: 1n, timeNs: 2n, value: 7 }),
      point({ attributes: attributes.toReversed() }),
    ])
      expect(hex(same)).toBe(hex(point()));
    const turned = { ...origin, resource: origin.resource.toReversed() };
    expect(hex(point(), turned)).toBe(hex(point()));
  });

  it('is another for another sender, identity, metric, unit or attribute, of the resource too', () => {
    const elsewhere = decodedOrigin({
      resource: [
        ['service.name', 'claude-code'],
        ['host.name', 'b'],
      ],
    });
    const all = [
      hex(point()),
      hex(point({ name: 'claude_code.cost.usage' })),
      hex(point({ unit: 'USD' })),
      hex(point({ temporality: 1 })),
      hex(point({ attributes: attributes.slice(1) })),
      hex(point({ attributes: [['type', 'input,model'], ...attributes.slice(1)] })),
      hex(point(), elsewhere),
      hex(point(), origin, { ...whose, reporter: 'o', owner: 'r' }),
      hex(point(), origin, { ...whose, owner: 'p' }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('cannot be computed without the key, or a guess of attributes could be checked against the table', () => {
    expect(hex(point(), origin, { ...whose, key: 'l' })).not.toBe(hex(point()));
  });

  it('is none where no sum can be taken', () => {
    for (const form of ['gauge', 'summary'] as const)
      expect(seriesOf(point({ form }), origin, whose)).toBeNull();
  });
});
