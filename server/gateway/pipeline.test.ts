import { describe, expect, test } from 'vitest';
import { decodeOtlp } from '@/lib/telemetry/otlp-request';
import { exportRequest, genaiChatSpan } from '@/tests/support/spans';
import { type PipelineContext, runPipeline } from './pipeline';

const reporter = '019ab000-0000-7000-8000-000000000001';
const contextOf = (change: Partial<PipelineContext> = {}): PipelineContext => ({
  reporter: { id: reporter, names: new Set(['agent']), reportsFor: null },
  byName: () => null,
  costOf: () => null,
  contentPolicy: 'redact',
  pepper: 'pepper',
  seriesKey: 'series key',
  nowMs: Date.now(),
  mayKeep: () => true,
  ...change,
});
const itemsOf = (count: number) => {
  const spans = Array.from({ length: count }, (_, at) => genaiChatSpan({ at: at + 1 }));
  const decoded = decodeOtlp('trace', 'json', Buffer.from(JSON.stringify(exportRequest(spans))));
  return decoded.ok ? decoded.value : [];
};

describe('the steps', () => {
  test('that fail on one item refuse that one, and its neighbours are taken', async () => {
    let priced = 0;
    const costOf = () => {
      priced += 1;
      if (priced === 2) throw new TypeError('unforeseen');
      return null;
    };
    const { entries, refused } = await runPipeline(itemsOf(3), contextOf({ costOf }));
    expect(entries).toHaveLength(2);
    expect(refused).toMatchObject([{ reason: 'failed_here', signal: 'trace' }]);
    expect(refused[0]?.raw).not.toBeNull();
    expect(refused[0]?.detail).not.toContain('unforeseen');
  });

  test('ask quarantine for room also for what the database refuses later', async () => {
    const full = await runPipeline(itemsOf(1), contextOf({ mayKeep: () => false }));
    expect(full.entries[0]?.raw()).toBeNull();
    const roomy = await runPipeline(itemsOf(1), contextOf());
    expect(roomy.entries[0]?.raw()).not.toBeNull();
  });
});
