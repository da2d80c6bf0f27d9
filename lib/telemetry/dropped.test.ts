import { describe, expect, test } from 'vitest';
import { loadOtlpOracle } from '@/tests/support/otlp-oracle';
import { normaliseSpan } from './normalise';
import { normaliseRecord } from './normalise-record';
import { decodeOtlp } from './otlp-request';
import type { Interaction, Signal } from './schema';

const traces = await loadOtlpOracle('trace');
const logs = await loadOtlpOracle('log');

const ids = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1) };
const hexIds = { traceId: '01'.repeat(16), spanId: '01'.repeat(8) };
const spansOf = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
const recordsOf = (record: object) => ({
  resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }],
});

function interactionOf(signal: Signal, format: 'json' | 'protobuf', body: Buffer): Interaction {
  const decoded = decodeOtlp(signal, format, body);
  const item = decoded.ok ? decoded.value[0] : undefined;
  if (item !== undefined && 'span' in item) return normaliseSpan(item.span, item.origin, 0);
  if (item !== undefined && 'record' in item) return normaliseRecord(item.record, item.origin, 0);
  throw new Error('not read');
}
const droppedOf = ({ bodies }: Interaction) =>
  JSON.parse(bodies.find(({ role }) => role === 'attributes')?.text ?? '{}').dropped;

describe('what a sender says it left out', () => {
  test('of a span is among the attributes, alike in both encodings', () => {
    const counts = { droppedAttributesCount: 3, droppedEventsCount: 2, droppedLinksCount: 1 };
    const read = [
      interactionOf('trace', 'protobuf', traces.encodeRequest(spansOf({ ...ids, ...counts }))),
      interactionOf(
        'trace',
        'json',
        Buffer.from(
          JSON.stringify(
            spansOf({
              ...hexIds,
              dropped_links_count: 1,
              dropped_events_count: '2',
              dropped_attributes_count: 3,
            }),
          ),
        ),
      ),
    ];
    for (const interaction of read)
      expect(droppedOf(interaction)).toEqual({ attributes: 3, events: 2, links: 1 });
    expect(read[0]?.bodies).toEqual(read[1]?.bodies);
  });

  test('of a log record too, and nothing where nothing was', () => {
    const body = (count: number) =>
      recordsOf({ body: { stringValue: 'x' }, droppedAttributesCount: count });
    expect(droppedOf(interactionOf('log', 'protobuf', logs.encodeRequest(body(4))))).toEqual({
      attributes: 4,
    });
    expect(droppedOf(interactionOf('log', 'json', Buffer.from(JSON.stringify(body(4)))))).toEqual({
      attributes: 4,
    });
    expect(
      droppedOf(interactionOf('log', 'json', Buffer.from(JSON.stringify(body(0))))),
    ).toBeUndefined();
  });
});
