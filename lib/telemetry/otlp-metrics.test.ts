import { describe, expect, test } from 'vitest';
import { limits } from './limits';
import { decodeMetricsJson } from './otlp-json';
import { decodeMetricsProtobuf } from './otlp-protobuf';
import { writeDelimited, writeNumber } from './protobuf-write';
import type { Item, MetricPoint } from './schema';

const message = (field: number, ...fields: Uint8Array[]) =>
  writeDelimited(field, Buffer.concat(fields));
const named = (name: string) => writeDelimited(1, Buffer.from(name));
const requestOf = (...metrics: Uint8Array[]) =>
  message(1, message(2, ...metrics.map((metric) => writeDelimited(2, metric))));
const intOf = (value: bigint) => {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x31;
  bytes.writeBigInt64LE(value, 1);
  return bytes;
};
const sumOf = (...points: Uint8Array[]) =>
  message(
    7,
    ...points.map((point) => writeDelimited(1, point)),
    writeNumber(2, 1),
    writeNumber(3, 1),
  );

function itemsOf(decoded: ReturnType<typeof decodeMetricsProtobuf>): Item[] {
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

function pointsOf(items: Item[]): (MetricPoint | string)[] {
  return items.map((item) => ('point' in item ? item.point : 'drop' in item ? item.drop : ''));
}

const jsonOf = (...metrics: unknown[]) =>
  Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));

describe('data points by protobuf', () => {
  test('each is an item, of the metric whose fields stand before or behind it', () => {
    const metric = Buffer.concat([sumOf(intOf(1n), intOf(-2n)), named('m')]);
    expect(pointsOf(itemsOf(decodeMetricsProtobuf(requestOf(metric))))).toMatchObject([
      { name: 'm', form: 'sum', temporality: 1, isMonotonic: true, value: 1 },
      { name: 'm', value: -2 },
    ]);
  });

  test('of several forms of data in one metric each keeps its points', () => {
    const gauge = message(5, writeDelimited(1, intOf(7n)));
    const items = itemsOf(
      decodeMetricsProtobuf(requestOf(Buffer.concat([sumOf(intOf(1n)), gauge]))),
    );
    expect(pointsOf(items)).toMatchObject([
      { form: 'sum', value: 1, temporality: 1 },
      { form: 'gauge', value: 7, temporality: 0 },
    ]);
    const again = items.map((item) => itemsOf(decodeMetricsProtobuf(item.raw())));
    expect(again.flatMap(pointsOf)).toEqual(pointsOf(items));
    const json = itemsOf(
      decodeMetricsJson(
        jsonOf({
          name: 'm',
          gauge: { dataPoints: [{ asInt: '7' }] },
          sum: { aggregationTemporality: 1, dataPoints: [{ asInt: '1' }, { asInt: '2' }] },
        }),
      ),
    );
    expect(pointsOf(json)).toMatchObject([
      { name: 'm', form: 'gauge', value: 7 },
      { name: 'm', form: 'sum', value: 1, temporality: 1 },
      { value: 2 },
    ]);
  });

  test('a metric with more data than a form may have is refused, and its neighbours are not', () => {
    const gauges = Array.from({ length: 20 }, () => message(5, writeDelimited(1, intOf(7n))));
    const items = itemsOf(
      decodeMetricsProtobuf(requestOf(Buffer.concat(gauges), sumOf(intOf(1n)))),
    );
    expect(pointsOf(items)).toMatchObject(['malformed_item', { value: 1 }]);
  });

  test('integers of 32 bits may be text in JSON, as ProtoJSON allows', () => {
    const exponential = (scale: unknown) =>
      jsonOf({
        name: 'm',
        exponentialHistogram: { dataPoints: [{ scale, positive: { offset: '-2' } }] },
      });
    for (const scale of [3, '3'])
      expect(pointsOf(itemsOf(decodeMetricsJson(exponential(scale))))).toMatchObject([
        { distribution: { scale: 3, positive: { offset: -2 } } },
      ]);
    for (const scale of ['2147483648', '', 'three', 1.5])
      expect(pointsOf(itemsOf(decodeMetricsJson(exponential(scale))))).toEqual(['malformed_item']);
  });

  test('repeated numbers may be packed or not', () => {
    const bounds = [1.5, 2.5].map((value) => {
      const bytes = Buffer.alloc(9);
      bytes[0] = 0x39;
      bytes.writeDoubleLE(value, 1);
      return bytes;
    });
    const packed = Buffer.concat(bounds.map((bytes) => bytes.subarray(1)));
    const histogram = message(9, message(1, ...bounds, writeDelimited(7, packed)));
    const [point] = pointsOf(itemsOf(decodeMetricsProtobuf(requestOf(histogram))));
    expect(point).toMatchObject({ distribution: { explicitBounds: [1.5, 2.5, 1.5, 2.5] } });
  });

  test.each([
    ['a point', sumOf(Buffer.from([0x31, 1]))],
    ['the data', Buffer.from([0x3a, 0x05, 0x0a])],
    ['the metric', Buffer.from([0x0a, 0x09])],
    ['nothing but a name', named('of no form')],
  ])('%s that is broken costs its neighbours nothing', (_what, broken) => {
    const whole = sumOf(intOf(1n));
    const items = itemsOf(decodeMetricsProtobuf(requestOf(whole, broken, whole)));
    expect(pointsOf(items)).toMatchObject([{ value: 1 }, 'malformed_item', { value: 1 }]);
    const again = itemsOf(decodeMetricsProtobuf(items[1]?.raw() ?? Buffer.alloc(0)));
    expect(pointsOf(again)).toEqual(['malformed_item']);
  });

  test.each([
    [
      'points of one metric',
      requestOf(sumOf(...Array(limits.requestItemsMax + 1).fill(intOf(1n)))),
    ],
    ['metrics', requestOf(...Array(limits.requestItemsMax + 1).fill(Buffer.alloc(0)))],
    [
      'repetitions of a large metric',
      requestOf(Buffer.concat([named('n'.repeat(60_000)), sumOf(...Array(2_000).fill(intOf(1n)))])),
    ],
  ])('a request of too many %s is refused as a whole', (_what, body) => {
    expect(decodeMetricsProtobuf(body)).toMatchObject({ ok: false, reason: 'too_many_items' });
  });

  test('a metric larger around its points than allowed refuses them, and one bucket too many its point', () => {
    const large = Buffer.concat([named('n'.repeat(limits.originBytesMax)), sumOf(intOf(1n))]);
    const buckets = message(1, writeDelimited(6, Buffer.alloc(8 * (limits.valuesMax + 1))));
    const items = itemsOf(decodeMetricsProtobuf(requestOf(large, message(9, buckets))));
    expect(pointsOf(items)).toEqual(['too_large', 'too_many_attributes']);
  });
});

describe('data points by JSON', () => {
  test('names may be those of the protocol’s files, numbers strings', () => {
    const metric = {
      name: 'm',
      exponential_histogram: {
        aggregation_temporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
        data_points: [
          {
            count: '4',
            scale: -1,
            zero_count: '18446744073709551615',
            positive: { offset: 2, bucket_counts: ['1', 3] },
          },
        ],
      },
    };
    expect(pointsOf(itemsOf(decodeMetricsJson(jsonOf(metric))))).toMatchObject([
      {
        form: 'exponential_histogram',
        temporality: 2,
        count: 4n,
        distribution: {
          scale: -1,
          zeroCount: 2n ** 64n - 1n,
          positive: { offset: 2, bucketCounts: [1, 3] },
        },
      },
    ]);
  });

  test.each<[string, unknown, string[]]>([
    ['a point', { sum: { dataPoints: [{ asInt: 'x' }] } }, ['malformed_item']],
    ['the name', { name: 5, sum: { dataPoints: [{}, {}] } }, ['malformed_item', 'malformed_item']],
    ['the data', { gauge: 5 }, ['malformed_item']],
    ['what is no metric', 'x', ['malformed_item']],
    ['a metric without data', { name: 'x', gauge: null }, ['malformed_item']],
  ])('%s that is broken costs its neighbours nothing', (_what, broken, expected) => {
    const whole = { gauge: { dataPoints: [{ asDouble: 1.5 }] } };
    const items = itemsOf(decodeMetricsJson(jsonOf(whole, broken, whole)));
    expect(pointsOf(items)).toMatchObject([{ value: 1.5 }, ...expected, { value: 1.5 }]);
    for (const item of items.slice(1, -1))
      expect(pointsOf(itemsOf(decodeMetricsJson(item.raw())))).toEqual(['malformed_item']);
  });
});
