import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonRequest } from '@/lib/telemetry/otlp-json';
import { decodeOtlp } from '@/lib/telemetry/otlp-request';
import { encodeExportResponse } from '@/lib/telemetry/otlp-response';
import { type Item, type Signal, signals } from '@/lib/telemetry/schema';
import { mutate, mutation } from '../support/mutations';
import { loadOtlpOracle, type OtlpOracle } from '../support/otlp-oracle';
import {
  comparable,
  comparableOfOracle,
  fullOtlpRequest,
  jsonOf,
  otlpRequest,
} from '../support/otlp-requests';
import {
  comparableOfLogs,
  comparableOfMetrics,
  fullLogsRequest,
  fullMetricsRequest,
  logsRequest,
  metricsRequest,
} from '../support/otlp-signals';

const isLong = process.env.SALLYPORT_TEST_LONG === '1';
const REQUESTS = isLong ? 20_000 : 500;
const MUTATIONS = isLong ? 100_000 : 2_000;

type Case = {
  oracle: OtlpOracle<object>;
  some: fc.Arbitrary<object>;
  full: fc.Arbitrary<object>;
  comparableOf(request: object): unknown[];
  rejected: string;
};

// `as never`: each signal's own functions take its own requests, which the oracle made.
const cases: Record<Signal, Case> = {
  trace: {
    oracle: await loadOtlpOracle('trace'),
    some: otlpRequest,
    full: fullOtlpRequest,
    comparableOf: (request) => comparableOfOracle(request as never),
    rejected: 'rejectedSpans',
  },
  log: {
    oracle: await loadOtlpOracle('log'),
    some: logsRequest,
    full: fullLogsRequest,
    comparableOf: (request) => comparableOfLogs(request as never),
    rejected: 'rejectedLogRecords',
  },
  metric: {
    oracle: await loadOtlpOracle('metric'),
    some: metricsRequest,
    full: fullMetricsRequest,
    comparableOf: (request) => comparableOfMetrics(request as never),
    rejected: 'rejectedDataPoints',
  },
};

function itemsOf(decoded: ReturnType<typeof decodeOtlp>): Item[] {
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

describe.each(signals)('requests of signal %s', (signal) => {
  const { oracle, some, full, comparableOf, rejected } = cases[signal];
  const decode = (body: Buffer, format = isJsonRequest(body) ? 'json' : 'protobuf') =>
    decodeOtlp(signal, format as 'json' | 'protobuf', body); // `as`: one of the two in the line above

  test('any decodes to what protobufjs decodes, from protobuf and from JSON', () => {
    let items = 0;
    fc.assert(
      fc.property(some, fc.boolean(), fc.boolean(), (request, snakeCase, numbers) => {
        const body = oracle.encodeRequest(request);
        const expected = comparableOf(oracle.decodeRequest(body));
        const byHand = itemsOf(decode(body, 'protobuf')).filter(isWhole);
        const fromJson = itemsOf(decode(jsonOf(request, { snakeCase, numbers }), 'json')).filter(
          isWhole,
        );
        expect(comparable(byHand)).toEqual(expected);
        expect(comparable(fromJson)).toEqual(expected);
        expect(marksOf(fromJson)).toEqual(marksOf(byHand));
        items += expected.length;
      }),
      { numRuns: REQUESTS },
    );
    expect(items).toBeGreaterThan(REQUESTS / 2);
  });

  test('the answer to a partial success is what protobufjs reads', () => {
    const answer = encodeExportResponse(signal, 'protobuf', 65_536, 'Ünreadable');
    expect(oracle.decodeResponse(answer)).toEqual({
      partialSuccess: { [rejected]: '65536', errorMessage: 'Ünreadable' },
    });
    expect(JSON.parse(encodeExportResponse(signal, 'json', 3, 'x').toString())).toEqual({
      partialSuccess: { [rejected]: '3', errorMessage: 'x' },
    });
  });

  test('the raw form of each item decodes to that item alone', () => {
    fc.assert(
      fc.property(some, fc.boolean(), (request, snakeCase) => {
        for (const body of [
          oracle.encodeRequest(request),
          jsonOf(request, { snakeCase, numbers: true }),
        ])
          for (const item of itemsOf(decode(body)))
            expect(comparable(itemsOf(decode(item.raw())))).toEqual(comparable([item]));
      }),
      { numRuns: REQUESTS / 2 },
    );
  });

  test('mutated never throw, and what of them is refused can be replayed', () => {
    const seen = { refused: 0, dropped: 0, read: 0 };
    fc.assert(
      fc.property(
        full,
        fc.boolean(),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (request, isJson, mutations) => {
          const whole = isJson
            ? jsonOf(request, { snakeCase: false, numbers: false })
            : oracle.encodeRequest(request);
          const format = isJson ? 'json' : 'protobuf';
          const decoded = decode(mutations.reduce(mutate, whole), format);
          if (!decoded.ok) {
            seen.refused += 1;
            expect(decoded.message).toMatch(/^The request .+\.$/);
            return;
          }
          for (const item of decoded.value) {
            seen['drop' in item ? 'dropped' : 'read'] += 1;
            expect(comparable(itemsOf(decode(item.raw(), format)))).toEqual(comparable([item]));
          }
        },
      ),
      { numRuns: MUTATIONS },
    );
    // Only mutations that reach all three ends test anything.
    expect(Math.min(seen.refused, seen.dropped, seen.read)).toBeGreaterThan(MUTATIONS / 100);
  }, 1_800_000);
});

/** A metric without data is told as one item; the oracle has nothing to say of it. */
const isWhole = (item: Item) =>
  !('drop' in item && item.detail === 'The metric holds no data of a known form.');

const marksOf = (items: Item[]) =>
  items.map((item) => {
    if ('span' in item) return item.span.marks;
    if ('record' in item) return item.record.marks;
    return 'point' in item ? item.point.marks : null;
  });
