import { decodeTracesJson } from '@/lib/telemetry/otlp-json';
import { decodeTracesProtobuf } from '@/lib/telemetry/otlp-protobuf';
import { loadOtlpOracle } from '../support/otlp-oracle';

type Figure = {
  name: string;
  value: number;
  unit: string;
  goal: string | null;
  met: boolean | null;
};

const SPANS = 512;
const REQUESTS = 16;
const ROUNDS = 7;
const ROUND_MS = 400;
const GOAL = 200_000;

/** Spans a second of one core's time: our decoders against protobufjs, taken in turns, best round of each. */
export async function benchDecode(): Promise<{ name: string; figures: Figure[] }> {
  const oracle = await loadOtlpOracle();
  const requests = Array.from({ length: REQUESTS }, (_, request) => requestOf(request));
  const bodies = requests.map((request) => oracle.encodeRequest(request));
  const texts = requests.map((request) => Buffer.from(JSON.stringify(request, hexIds)));
  const contenders = {
    hand: () => each(bodies, (body) => assertSpans(decodeTracesProtobuf(body))),
    protobufjs: () => each(bodies, (body) => oracle.decodeRequest(body)),
    json: () => each(texts, (text) => assertSpans(decodeTracesJson(text))),
    'JSON.parse only': () => each(texts, (text) => JSON.parse(text.toString('utf8'))),
  };
  const best: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, run] of Object.entries(contenders))
      best[name] = Math.max(best[name] ?? 0, spansPerSecond(run));
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0) / (SPANS * REQUESTS);
  const hand = best.hand ?? 0;
  return {
    name: 'decode',
    figures: [
      figure('bytes of protobuf a span', bytes, 'B'),
      { ...figure('decode protobuf', hand, 'spans/s'), goal: `>= ${GOAL}`, met: hand >= GOAL },
      figure('decode protobuf, protobufjs by reflection', best.protobufjs ?? 0, 'spans/s'),
      figure('ratio to protobufjs', hand / (best.protobufjs ?? 1), 'x'),
      figure('decode JSON', best.json ?? 0, 'spans/s'),
      figure('JSON.parse alone', best['JSON.parse only'] ?? 0, 'spans/s'),
    ],
  };
}

const figure = (name: string, value: number, unit: string): Figure => ({
  name,
  value: Number(value.toPrecision(4)),
  unit,
  goal: null,
  met: null,
});

/** By the processor's time, so that what else runs on the machine counts little. */
function spansPerSecond(run: () => void): number {
  const start = process.cpuUsage();
  let spans = 0;
  let spentMs = 0;
  while (spentMs < ROUND_MS) {
    run();
    spans += SPANS * REQUESTS;
    const { user, system } = process.cpuUsage(start);
    spentMs = (user + system) / 1000;
  }
  return (spans / spentMs) * 1000;
}

function each<Body>(bodies: readonly Body[], decode: (body: Body) => unknown): void {
  for (const body of bodies) decode(body);
}

function assertSpans(decoded: ReturnType<typeof decodeTracesProtobuf>): void {
  if (!decoded.ok || decoded.value.length !== SPANS || decoded.value.some((item) => 'drop' in item))
    throw new Error('The decoder did not read what it was given.');
}

function hexIds(_key: string, value: unknown): unknown {
  return isSerialisedBuffer(value) ? Buffer.from(value.data).toString('hex') : value;
}

const isSerialisedBuffer = (value: unknown): value is { type: 'Buffer'; data: number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';

const words = 'agent asked the search tool for recent orders of this customer and got'.split(' ');

/** Deterministic text that does not repeat from span to span. */
const prose = (seed: number, length: number) =>
  Array.from({ length }, (_, index) => words[(seed * 7 + index * index * 3) % words.length]).join(
    ' ',
  );

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const integer = (key: string, value: number) => ({ key, value: { intValue: String(value) } });

function spanOf(seed: number) {
  const started = 1_795_000_000_000_000_000n + BigInt(seed) * 1_000_003n;
  const id = (length: number, salt: number) =>
    Buffer.from(Array.from({ length }, (_, index) => (seed * (salt + index) + index * 31) & 0xff));
  const messages = (role: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content: prose(seed, 26) }] }]);
  return {
    traceId: id(16, 3),
    spanId: id(8, 5),
    parentSpanId: id(8, 7),
    name: 'chat gpt-5-mini',
    kind: 3,
    startTimeUnixNano: String(started),
    endTimeUnixNano: String(started + 250_000_000n),
    attributes: [
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.provider.name', 'openai'),
      text('gen_ai.request.model', 'gpt-5-mini'),
      text('gen_ai.response.model', 'gpt-5-mini-2026-08-07'),
      text('gen_ai.response.id', `chatcmpl-${seed.toString(36).padStart(20, 'x')}`),
      text('gen_ai.agent.name', `agent-${seed % 40}`),
      text('gen_ai.conversation.id', `conversation-${seed % 900}`),
      integer('gen_ai.usage.input_tokens', 700 + (seed % 300)),
      integer('gen_ai.usage.output_tokens', seed % 500),
      text('server.address', 'api.openai.com'),
      integer('server.port', 443),
      text('gen_ai.input.messages', messages('user')),
      text('gen_ai.output.messages', messages('assistant')),
    ],
    status: { code: 1 },
  };
}

function requestOf(request: number) {
  const resource = { attributes: [text('service.name', 'bench'), text('host.name', 'host-1')] };
  const spans = Array.from({ length: SPANS }, (_, index) => spanOf(request * SPANS + index));
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'bench' }, spans }] }] };
}
