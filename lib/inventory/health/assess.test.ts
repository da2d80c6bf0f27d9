import { describe, expect, it } from 'vitest';
import { assessIngest, assessProjections, ingestWords } from './assess';
import { GatewayFigures, type Health, type Process, WorkerFigures } from './schema';

const gateway = (figures: object, isSilent = false): Process => ({
  id: 'g',
  role: 'gateway',
  version: '0.1.0',
  startedAt: '',
  seenAt: '',
  isSilent,
  gateway: GatewayFigures.parse(figures),
  worker: null,
});
const worker = (figures: object, isSilent = false): Process => ({
  ...gateway({}, isSilent),
  role: 'worker',
  gateway: null,
  worker: WorkerFigures.parse(figures),
});
const health = (...processes: Process[]): Health => ({
  at: '',
  processes,
  minutes: [],
  interactions24h: 0,
  quarantined: { count: 0, isMore: false },
  versions: { product: '', postgres: '', node: '', schema: '' },
  settings: { content: 'redact', retentionBodyDays: 30, retentionFactsDays: 365, diskMinMb: 2048 },
});

describe('health in words', () => {
  it.each([
    ['no gateway was ever seen', [], 'bad', 'Stopped'],
    ['every gateway is silent', [gateway({}, true)], 'bad', 'Stopped'],
    ['disk is nearly full', [gateway({ diskFreeMb: 100 })], 'bad', 'Refusing'],
    [
      'a gateway says so itself',
      [gateway({ isDiskLow: true, diskFreeMb: 9999 })],
      'bad',
      'Refusing',
    ],
    ['a gateway accepts again', [gateway({ isDiskLow: false, diskFreeMb: 2000 })], 'on', 'On'],
    ['acknowledgements are slow', [gateway({ ackP99Ms: 300 })], 'wait', 'Behind'],
    ['the queue is long', [gateway({ queuedItems: 30_000 })], 'wait', 'Behind'],
    ['one of two gateways is silent', [gateway({}), gateway({}, true)], 'wait', 'Reduced'],
    ['all is well', [gateway({ ackP99Ms: 12, diskFreeMb: 50_000 })], 'on', 'On'],
  ])('ingest when %s', (_when, processes, tone, word) => {
    expect(assessIngest(health(...processes))).toMatchObject({ tone, word });
  });

  it.each([
    ['no worker runs', [], 'bad'],
    ['the worker is silent', [worker({ lagMs: 0 }, true)], 'bad'],
    ['a projection is late', [worker({ lagMs: 60_000 })], 'wait'],
    [
      'one fails',
      [
        worker({
          lagMs: 120,
          failing: [{ name: 'coverage', shard: 3, failures: 2, sinceAt: '2026-11-25T10:00:00Z' }],
        }),
      ],
      'bad',
    ],
    ['all is well', [worker({ lagMs: 120 })], 'on'],
  ])('projections when %s', (_when, processes, tone) => {
    expect(assessProjections(health(...processes)).tone).toBe(tone);
  });

  it.each([
    [[gateway({})], 'Ingest on'],
    [[gateway({ isDiskLow: true })], 'Disk almost full: ingest stopped'],
    [[gateway({}, true)], 'Ingest stopped'],
    [[gateway({ queuedItems: 30_000 })], 'Ingest behind'],
  ])('every page has the state of ingest in words', (processes, words) => {
    expect(ingestWords(assessIngest(health(...processes)))).toBe(words);
  });

  it('a figure that is no number is unknown, not zero', () => {
    expect(GatewayFigures.parse({ ackP50Ms: 'fast', rssMb: Number.NaN })).toMatchObject({
      ackP50Ms: null,
      rssMb: null,
    });
  });
});
