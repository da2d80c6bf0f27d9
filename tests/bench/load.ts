/** The load: a process of its own that sends what it is told to over keep-alive connections, and counts. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadBody, makeLoadBody } from './load-body';

export type LoadSetup = {
  url: string;
  keys: string[];
  connections: number;
  spansPerRequest: number;
  /** Sets this load's ids apart from those of others: 16 bits. */
  run: number;
};
export type LoadOrder = {
  /** Null sends the next request when one was answered; a number is spans offered per second, come what may. */
  spansPerSecond: number | null;
  seconds: number;
  /** Stops once this many spans have been acknowledged in this order. */
  spansMax?: number;
};
export type LoadResult = {
  acknowledged: number;
  rejected: number;
  /** Requests answered 429 or 503: sent again later by a real sender, with other spans here. */
  refusedRequests: number;
  failedRequests: number;
  /** Of the answers that acknowledged, milliseconds from when the request should have been sent. */
  latencies: number[];
  seconds: number;
  bytes: number;
};
export type LoadMessage =
  | { type: 'ready'; bytesPerSpan: number }
  | { type: 'progress'; acknowledged: number }
  | { type: 'done'; result: LoadResult };

const backOffMs = 50;
const progressMs = 100;

let setup: LoadSetup;
let bodies: LoadBody[] = [];
let agent: http.Agent;
let requests = 0;

process.on('message', (message: { setup: LoadSetup } | { order: LoadOrder }) => {
  if ('setup' in message) {
    setup = message.setup;
    agent = new http.Agent({ keepAlive: true, maxSockets: setup.connections });
    bodies = Array.from({ length: setup.connections }, (_, seed) =>
      makeLoadBody(setup.spansPerRequest, seed + 1),
    );
    tell({ type: 'ready', bytesPerSpan: (bodies[0]?.bytes.length ?? 0) / setup.spansPerRequest });
    return;
  }
  run(message.order).then((result) => tell({ type: 'done', result }));
});
process.on('disconnect', () => process.exit(0));

function tell(message: LoadMessage): void {
  process.send?.(message);
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const startMs = performance.now();
  const endMs = startMs + order.seconds * 1000;
  const result: LoadResult = {
    acknowledged: 0,
    rejected: 0,
    refusedRequests: 0,
    failedRequests: 0,
    latencies: [],
    seconds: 0,
    bytes: 0,
  };
  const progress = setInterval(
    () => tell({ type: 'progress', acknowledged: result.acknowledged }),
    progressMs,
  );
  const stepMs =
    order.spansPerSecond === null ? null : (setup.spansPerRequest / order.spansPerSecond) * 1000;
  let due = 0;

  async function sendOnOneConnection(body: LoadBody): Promise<void> {
    while (result.acknowledged < (order.spansMax ?? Number.POSITIVE_INFINITY)) {
      // The latency of a request that had to wait for a connection begins when it should have been sent.
      const intendedMs = stepMs === null ? performance.now() : startMs + stepMs * due;
      due += 1;
      if (intendedMs >= endMs) return;
      const waitMs = intendedMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      await sendOne(body, intendedMs, result);
    }
  }
  await Promise.all(bodies.map(sendOnOneConnection));
  clearInterval(progress);
  result.seconds = (performance.now() - startMs) / 1000;
  return result;
}

async function sendOne(body: LoadBody, intendedMs: number, result: LoadResult): Promise<void> {
  const request = requests;
  requests += 1;
  body.patch(setup.run, request);
  try {
    const { status, rejected } = await post(
      body.bytes,
      setup.keys[request % setup.keys.length] ?? '',
    );
    if (status === 200) {
      result.latencies.push(performance.now() - intendedMs);
      result.acknowledged += body.spans - rejected;
      result.rejected += rejected;
      result.bytes += body.bytes.length;
      return;
    }
    if (status === 429 || status === 503) result.refusedRequests += 1;
    else result.failedRequests += 1;
  } catch {
    result.failedRequests += 1;
  }
  await sleep(backOffMs);
}

function post(bytes: Buffer, key: string): Promise<{ status: number; rejected: number }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      setup.url,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/x-protobuf',
          'content-length': bytes.length,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            rejected: rejectedIn(Buffer.concat(chunks)),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(bytes);
  });
}

/** `partial_success.rejected_spans` of an ExportTraceServiceResponse. */
function rejectedIn(body: Buffer): number {
  if (body[0] !== 0x0a || body[2] !== 0x08) return 0;
  let value = 0;
  for (let at = 3, factor = 1; at < body.length; at += 1, factor *= 128) {
    value += ((body[at] ?? 0) & 0x7f) * factor;
    if ((body[at] ?? 0) < 0x80) break;
  }
  return value;
}
