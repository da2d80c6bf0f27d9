import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { decodeTracesJson, isJsonRequest } from '@/lib/telemetry/otlp-json';
import { decodeTracesProtobuf } from '@/lib/telemetry/otlp-protobuf';
import { encodeTracesResponse } from '@/lib/telemetry/otlp-response';
import type { Item } from '@/lib/telemetry/schema';
import { mutate, mutation } from '../support/mutations';
import { loadOtlpOracle, type OtlpOracle } from '../support/otlp-oracle';
import {
  comparable,
  comparableOfOracle,
  fullOtlpRequest,
  jsonOf,
  otlpRequest,
} from '../support/otlp-requests';

const isLong = process.env.SALLYPORT_TEST_LONG === '1';
const REQUESTS = isLong ? 20_000 : 500;
const MUTATIONS = isLong ? 100_000 : 2_000;

let oracle: OtlpOracle;
beforeAll(async () => {
  oracle = await loadOtlpOracle();
});

function itemsOf(decoded: ReturnType<typeof decodeTracesProtobuf>): Item[] {
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

const decode = (body: Buffer) =>
  isJsonRequest(body) ? decodeTracesJson(body) : decodeTracesProtobuf(body);

test('any request decodes to what protobufjs decodes, from protobuf and from JSON', () => {
  let spans = 0;
  fc.assert(
    fc.property(otlpRequest, fc.boolean(), fc.boolean(), (request, snakeCase, numbers) => {
      const body = oracle.encodeRequest(request);
      const expected = comparableOfOracle(oracle.decodeRequest(body));
      const byHand = itemsOf(decodeTracesProtobuf(body));
      const fromJson = itemsOf(decodeTracesJson(jsonOf(request, { snakeCase, numbers })));
      expect(comparable(byHand)).toEqual(expected);
      expect(comparable(fromJson)).toEqual(expected);
      expect(marksOf(fromJson)).toEqual(marksOf(byHand));
      spans += expected.length;
    }),
    { numRuns: REQUESTS },
  );
  expect(spans).toBeGreaterThan(REQUESTS / 2);
});

const marksOf = (items: Item[]) => items.map((item) => ('span' in item ? item.span.marks : null));

test('the answer to a partial success is what protobufjs reads', () => {
  const answer = encodeTracesResponse('protobuf', 65_536, 'Ünreadable');
  expect(oracle.decodeResponse(answer)).toEqual({
    partialSuccess: { rejectedSpans: '65536', errorMessage: 'Ünreadable' },
  });
});

test('the raw form of each item decodes to that item alone', () => {
  fc.assert(
    fc.property(otlpRequest, fc.boolean(), (request, snakeCase) => {
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

test('mutated bodies never throw, and what of them is refused can be replayed', () => {
  const seen = { refused: 0, dropped: 0, read: 0 };
  fc.assert(
    fc.property(
      fullOtlpRequest,
      fc.boolean(),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      (request, isJson, mutations) => {
        const whole = isJson
          ? jsonOf(request, { snakeCase: false, numbers: false })
          : oracle.encodeRequest(request);
        const body = mutations.reduce(mutate, whole);
        const decoded = isJson ? decodeTracesJson(body) : decodeTracesProtobuf(body);
        if (!decoded.ok) {
          seen.refused += 1;
          expect(decoded.message).toMatch(/^The request .+\.$/);
          return;
        }
        for (const item of decoded.value) {
          seen['drop' in item ? 'dropped' : 'read'] += 1;
          const again = isJson ? decodeTracesJson(item.raw()) : decodeTracesProtobuf(item.raw());
          expect(comparable(itemsOf(again))).toEqual(comparable([item]));
        }
      },
    ),
    { numRuns: MUTATIONS },
  );
  // Only mutations that reach all three ends test anything.
  expect(Math.min(seen.refused, seen.dropped, seen.read)).toBeGreaterThan(MUTATIONS / 100);
}, 1_800_000);
