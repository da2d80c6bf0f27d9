import { type PlannedPoint, renderPoints, sizeOfPoint } from './planned-point';
import { type PlannedRecord, renderRecords, sizeOfRecord } from './planned-record';
import { type PlannedSpan, renderSpans, sizeOfSpan } from './planned-span';

/** Anything that a program exports by OTLP, before it is sent. */
export type PlannedItem = PlannedSpan | PlannedRecord | PlannedPoint;

/** Roughly its length in a request, without rendering it. */
export function sizeOf(item: PlannedItem): number {
  if (item.signal === 'trace') return sizeOfSpan(item);
  return item.signal === 'log' ? sizeOfRecord(item) : sizeOfPoint(item);
}

/** Where items of one signal are posted, and as what. */
export function renderRequest(items: readonly PlannedItem[]): { path: string; body: string } {
  const spans = items.filter((item) => item.signal === 'trace');
  if (spans.length > 0) return { path: '/v1/traces', body: renderSpans(spans) };
  const records = items.filter((item) => item.signal === 'log');
  if (records.length > 0) return { path: '/v1/logs', body: renderRecords(records) };
  const points = items.filter((item) => item.signal === 'metric');
  return { path: '/v1/metrics', body: renderPoints(points) };
}
