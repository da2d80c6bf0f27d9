import { AppError } from '@/lib/core/errors';
import { pause } from './pause';
import { type PlannedItem, renderRequest, sizeOf } from './planned-item';

const requestItemsMax = 512;
const requestSizeMax = 4 * 1024 * 1024;
const givesUpAfterMs = 300_000;
const requestTimeoutMs = 60_000;
const waitMsMax = 60_000;

export type SenderOptions = {
  gatewayUrl: string;
  /** Ingest key of each reporter, by its name. */
  keys: ReadonlyMap<string, string>;
  /** Items a second that one reporter may send, and all together (null: as fast as they may). */
  perReporter: number;
  rate: number | null;
  signal: AbortSignal;
};

/**
 * Sends over OTLP/HTTP, one request at a time, so that what one reporter sends of one signal arrives in the
 * order given. What the gateway cannot take now it is sent again, which counts nothing twice. Throws when it
 * refuses for good, or for five minutes, and when the signal aborts.
 */
export class Sender {
  /** Items that the gateway put into quarantine, and why, as it said last. */
  refused = 0;
  refusedBecause = '';
  private readonly options: SenderOptions;
  /** When a reporter, or `*` for all of them, may send again. */
  private readonly freeAtMs = new Map<string, number>();

  constructor(options: SenderOptions) {
    this.options = options;
  }

  async send(items: readonly PlannedItem[]): Promise<void> {
    for (const batch of batchesOf(items)) {
      const { reporter } = batch[0] as PlannedItem; // a batch is never empty
      await this.pace(reporter, batch.length);
      await this.post(reporter, renderRequest(batch));
    }
  }

  private async pace(reporter: string, items: number): Promise<void> {
    const { perReporter, rate, signal } = this.options;
    for (const [name, perSecond] of [
      [reporter, perReporter],
      ['*', rate],
    ] as const) {
      if (perSecond === null) continue;
      const nowMs = performance.now();
      const freeAtMs = Math.max(nowMs, this.freeAtMs.get(name) ?? 0);
      this.freeAtMs.set(name, freeAtMs + (items / perSecond) * 1000);
      await pause(freeAtMs - nowMs, signal);
    }
  }

  private async post(
    reporter: string,
    { path, body }: { path: string; body: string },
  ): Promise<void> {
    const { gatewayUrl, keys, signal } = this.options;
    const key = keys.get(reporter);
    if (key === undefined) throw new Error(`There is no key for ${reporter}.`);
    const sinceMs = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      const answer = await fetch(`${gatewayUrl}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
      }).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
      signal.throwIfAborted();
      if (answer instanceof Response && answer.ok) return this.note(await answer.text());
      const why = answer instanceof Response ? await reasonOf(answer) : reachOf(answer);
      if (answer instanceof Response && !isForNow(answer.status))
        throw new AppError('invalid_input', `The gateway at ${gatewayUrl} refuses: ${why}`);
      if (performance.now() - sinceMs > givesUpAfterMs)
        throw new AppError('unavailable', `The gateway at ${gatewayUrl} takes nothing in: ${why}`);
      await pause(waitOf(answer, attempt), signal);
    }
  }

  private note(text: string): void {
    const { partialSuccess = {} } = JSON.parse(text) as { partialSuccess?: Record<string, string> };
    const { rejectedSpans, rejectedLogRecords, rejectedDataPoints, errorMessage } = partialSuccess;
    this.refused += Number(rejectedSpans ?? rejectedLogRecords ?? rejectedDataPoints ?? 0);
    if (errorMessage) this.refusedBecause = errorMessage;
  }
}

/** As large as one request may be, each of one signal of one reporter, in the order given. */
function* batchesOf(items: readonly PlannedItem[]): Generator<PlannedItem[]> {
  for (const group of byStream(items)) {
    let batch: PlannedItem[] = [];
    let size = 0;
    for (const item of group) {
      const own = sizeOf(item);
      const isFull = batch.length === requestItemsMax || size + own > requestSizeMax;
      if (batch.length > 0 && isFull) {
        yield batch;
        batch = [];
        size = 0;
      }
      batch.push(item);
      size += own;
    }
    yield batch;
  }
}

function byStream(items: readonly PlannedItem[]): Iterable<PlannedItem[]> {
  const groups = new Map<string, PlannedItem[]>();
  for (const item of items) {
    const stream = `${item.signal} ${item.reporter}`;
    const group = groups.get(stream);
    if (group === undefined) groups.set(stream, [item]);
    else group.push(item);
  }
  return groups.values();
}

const isForNow = (status: number) => status === 429 || status === 408 || status >= 500;

function waitOf(answer: Response | Error, attempt: number): number {
  const asked = answer instanceof Response ? Number(answer.headers.get('retry-after')) : Number.NaN;
  const waitMs = asked > 0 ? asked * 1000 : 250 * 2 ** Math.min(attempt, 6);
  return Math.min(waitMs, waitMsMax);
}

async function reasonOf(answer: Response): Promise<string> {
  const text = (await answer.text()).slice(0, 500);
  return `${answer.status} ${text}`;
}

const reachOf = (error: Error): string =>
  error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
