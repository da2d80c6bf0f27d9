import type { Finding, GatewayFigures, Process } from './schema';

const ackSlowMs = 250;
const lagLateMs = 10_000;
const queueLongItems = 20_000;

type Reported = { processes: Process[]; settings: { diskMinMb: number } };

/** Whether telemetry is taken in, from what the gateways said last. */
export function assessIngest({ processes, settings }: Reported): Finding {
  const gateways = processes.filter(({ role }) => role === 'gateway');
  const live = gateways.filter(({ isSilent }) => !isSilent);
  if (live.length === 0) {
    return {
      tone: 'bad',
      word: 'Stopped',
      sentence:
        gateways.length === 0
          ? 'No gateway has reported. Nothing is taken in until one starts.'
          : 'No gateway has reported for 15 seconds. Nothing is taken in until one is back.',
    };
  }
  if (live.some(({ gateway }) => gateway !== null && isDiskLow(gateway, settings.diskMinMb))) {
    return {
      tone: 'bad',
      word: 'Refusing',
      sentence: 'Free disk is below the bound, so telemetry is answered with 503. Decisions go on.',
    };
  }
  const p99 = Math.max(0, ...live.map(({ gateway }) => gateway?.ackP99Ms ?? 0));
  const queued = live.reduce((sum, { gateway }) => sum + (gateway?.queuedItems ?? 0), 0);
  if (p99 > ackSlowMs || queued > queueLongItems) {
    return {
      tone: 'wait',
      word: 'Behind',
      sentence: 'Senders wait longer than usual; beyond the bound they get 429 and retry.',
    };
  }
  const silent = gateways.length - live.length;
  if (silent > 0) {
    return {
      tone: 'wait',
      word: 'Reduced',
      sentence: `${silent} of ${gateways.length} gateways are silent.`,
    };
  }
  return { tone: 'on', word: 'On', sentence: 'What senders were acknowledged is committed.' };
}

/** What the gateway does is what it says; one that does not say is judged by its free space. */
const isDiskLow = (figures: GatewayFigures, minMb: number): boolean =>
  figures.isDiskLow ?? (figures.diskFreeMb !== null && figures.diskFreeMb < minMb);

/** The state of ingest in the few words that every page has room for. */
export const ingestWords = ({ word }: Finding): string =>
  word === 'Refusing' ? 'Disk almost full: ingest stopped' : `Ingest ${word.toLowerCase()}`;

/** Whether sessions, counts and search keep up with the log. */
export function assessProjections({ processes }: Pick<Reported, 'processes'>): Finding {
  const workers = processes.filter(({ role, isSilent }) => role === 'worker' && !isSilent);
  if (workers.length === 0) {
    return {
      tone: 'bad',
      word: 'Stopped',
      sentence: 'No worker has reported. The log grows; counts stand still.',
    };
  }
  const failing = new Set(
    workers.flatMap(({ worker }) => (worker?.failing ?? []).map(({ name }) => name)),
  );
  if (failing.size > 0) {
    return {
      tone: 'bad',
      word: 'Failing',
      sentence: `What ${[...failing].sort().join(' and ')} derives is not getting on: its last batch failed, and is tried again with fewer entries. The others go on; the worker's log says why.`,
    };
  }
  const lag = Math.max(0, ...workers.map(({ worker }) => worker?.lagMs ?? 0));
  return lag > lagLateMs
    ? {
        tone: 'wait',
        word: 'Late',
        sentence: 'Counts and charts are behind the log. The list itself is not.',
      }
    : { tone: 'on', word: 'Keeping up', sentence: 'Counts and charts follow the log.' };
}
