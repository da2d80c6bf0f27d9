import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { type PlannedPoint, temporalities } from './planned-point';
import type { PlannedRecord } from './planned-record';
import type { PlannedSpan } from './planned-span';
import { Sender, type SenderOptions } from './sender';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;
afterEach(() => void server?.close());

/** Gives one answer after the other, the last for good, and keeps what was sent. */
async function gatewayThat(
  ...answers: Answer[]
): Promise<{ url: string; bodies: string[]; keys: string[]; paths: string[] }> {
  const bodies: string[] = [];
  const keys: string[] = [];
  const paths: string[] = [];
  const made = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    keys.push(String(request.headers.authorization));
    paths.push(String(request.url));
    (answers.length > 1 ? answers.shift() : answers[0])?.(request, response);
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const address = made.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    bodies,
    keys,
    paths,
  };
}

const answers =
  (status: number, body = '{}', headers = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);
const hangsUp: Answer = (request) => void request.socket.destroy();

const span = (at: number, reporter = 'a', size = 10): PlannedSpan => ({
  signal: 'trace',
  trace: '00'.repeat(16),
  span: at.toString(16).padStart(16, '0'),
  parent: null,
  name: `span ${at}`,
  kind: 1,
  startUs: 1,
  endUs: 2,
  attributes: { text: 'x'.repeat(size) },
  failure: null,
  resource: { 'service.name': reporter },
  reporter,
});
const resource = { 'service.name': 'a' };
const record = (at: number): PlannedRecord => ({
  ...{ signal: 'log', key: `record ${at}`, endUs: 5, eventName: '', body: `record ${at}` },
  ...{ severity: 9, attributes: { at, what: null }, scope: 'events' },
  ...{ resource, reporter: 'a' },
});
const point = (value: number, metric = 'tokens'): PlannedPoint => ({
  ...{ signal: 'metric', key: `point ${value}`, startUs: 1, endUs: 5, metric, unit: '1' },
  ...{ temporality: temporalities.delta, value, attributes: { type: 'input' }, scope: 'meter' },
  ...{ resource, reporter: 'a' },
});
const spans = (count: number) => Array.from({ length: count }, (_, at) => span(at));

const sender = (gatewayUrl: string, change: Partial<SenderOptions> = {}) =>
  new Sender({
    gatewayUrl,
    keys: new Map([
      ['a', 'key-a'],
      ['b', 'key-b'],
    ]),
    perReporter: 1_000_000,
    rate: null,
    signal: new AbortController().signal,
    ...change,
  });

test('what the gateway cannot take now is sent again, after the time it asked for', async () => {
  const gateway = await gatewayThat(
    answers(429, '{}', { 'retry-after': '1' }),
    answers(503),
    hangsUp,
    answers(200),
  );
  const began = performance.now();
  await sender(gateway.url).send(spans(3));
  expect(performance.now() - began).toBeGreaterThan(1000);
  expect(gateway.bodies).toHaveLength(4);
  expect(new Set(gateway.bodies).size).toBe(1);
});

test('what it refuses for good ends the sending, with its reason and not the key', async () => {
  const gateway = await gatewayThat(answers(401, '{"message":"This key has ended."}'));
  const error = await sender(gateway.url)
    .send(spans(1))
    .catch((thrown: Error) => thrown);
  expect(String(error)).toContain('This key has ended.');
  expect(String(error)).not.toContain('key-a');
  expect(gateway.bodies).toHaveLength(1);
});

test('items that go to quarantine are counted', async () => {
  const told = { partialSuccess: { rejectedSpans: '2', errorMessage: '2 × too_large' } };
  const gateway = await gatewayThat(answers(200, JSON.stringify(told)));
  const sending = sender(gateway.url);
  await sending.send(spans(5));
  expect(sending).toMatchObject({ refused: 2, refusedBecause: '2 × too_large' });
});

test('each reporter has requests of its own, each with its key, small enough, in order', async () => {
  const gateway = await gatewayThat(answers(200));
  const large = 3 * 1024 * 1024;
  await sender(gateway.url).send([span(0), span(1, 'b'), span(2, 'a', large), span(3, 'a', large)]);
  expect(gateway.keys).toEqual(['Bearer key-a', 'Bearer key-a', 'Bearer key-b']);
  expect(gateway.bodies.map((body) => body.match(/span \d/g))).toEqual([
    ['span 0', 'span 2'],
    ['span 3'],
    ['span 1'],
  ]);
  gateway.bodies.length = 0;
  await sender(gateway.url).send(spans(1_300));
  expect(gateway.bodies.map((body) => body.match(/"spanId"/g)?.length)).toEqual([512, 512, 276]);
});

test('each signal goes to its own address, in its own form', async () => {
  const gateway = await gatewayThat(answers(200));
  await sender(gateway.url).send([point(3), record(1), span(1), record(2), point(0.5, 'cost')]);
  expect(gateway.paths).toEqual(['/v1/metrics', '/v1/logs', '/v1/traces']);
  const [metrics, logs] = gateway.bodies.map((body) => JSON.parse(body));
  expect(metrics.resourceMetrics[0].scopeMetrics[0]).toEqual({
    scope: { name: 'meter' },
    metrics: [
      ['tokens', { asInt: '3' }],
      ['cost', { asDouble: 0.5 }],
    ].map(([name, value]) => ({
      name,
      unit: '1',
      sum: {
        aggregationTemporality: 1,
        isMonotonic: true,
        dataPoints: [
          {
            startTimeUnixNano: '1000',
            timeUnixNano: '5000',
            ...(value as object),
            attributes: [{ key: 'type', value: { stringValue: 'input' } }],
          },
        ],
      },
    })),
  });
  const { scope, logRecords } = logs.resourceLogs[0].scopeLogs[0];
  expect(scope).toEqual({ name: 'events' });
  expect(logRecords).toHaveLength(2);
  expect(logRecords[0]).toEqual({
    timeUnixNano: '5000',
    observedTimeUnixNano: '5000',
    severityNumber: 9,
    body: { stringValue: 'record 1' },
    attributes: [{ key: 'at', value: { intValue: '1' } }],
  });
});

test('records and data points that go to quarantine are counted too', async () => {
  const told = (partialSuccess: object) => answers(200, JSON.stringify({ partialSuccess }));
  const gateway = await gatewayThat(
    told({ rejectedLogRecords: '1', errorMessage: '1 × no_name' }),
    told({ rejectedDataPoints: '3', errorMessage: '3 × no_value' }),
  );
  const sending = sender(gateway.url);
  await sending.send([record(1), point(1)]);
  expect(sending).toMatchObject({ refused: 4, refusedBecause: '3 × no_value' });
});

test('no more than the rate goes out', async () => {
  const gateway = await gatewayThat(answers(200));
  const began = performance.now();
  const sending = sender(gateway.url, { rate: 100 });
  for (let at = 0; at < 6; at += 1) await sending.send(spans(10));
  const seconds = (performance.now() - began) / 1000;
  expect(seconds).toBeGreaterThan(0.49);
});

test('a stop ends it at once, also while it waits', async () => {
  const gateway = await gatewayThat(answers(503, '{}', { 'retry-after': '30' }));
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('told to stop')), 100);
  const began = performance.now();
  await expect(sender(gateway.url, { signal: stop.signal }).send(spans(1))).rejects.toThrow(
    'told to stop',
  );
  expect(performance.now() - began).toBeLessThan(5000);
});
