import { tagOf, writeDelimited, writeNumber, writeVarint } from '@/lib/telemetry/protobuf-write';

export const spansPerTrace = 8;

/** An OTLP request of which each sending is made unique by writing ids into it, so that load costs little CPU. */
export type LoadBody = {
  bytes: Buffer;
  spans: number;
  /** Writes ids that no other (run, request) pair has. */
  patch(run: number, request: number): void;
};

const words =
  'agent tool invoice customer refund policy search index vector database summary report meeting calendar ticket order status update please find the of and to in for with on about latest quarterly revenue forecast draft reply error retry latency budget contract clause renewal supplier address shipment delayed approve review'.split(
    ' ',
  );

/** The usual GenAI spans of an agent, about 1 KB each on average, bodies included. */
export function makeLoadBody(spans: number, seed: number): LoadBody {
  const random = randomOf(seed);
  const startedNs = BigInt(Date.now()) * 1_000_000n;
  const encoded = Array.from({ length: spans }, (_, index) => encodeSpan(index, startedNs, random));
  const scope = writeDelimited(1, Buffer.concat([text(1, 'bench.agent'), text(2, '1.0.0')]));
  const resource = writeDelimited(
    1,
    Buffer.concat([
      attribute('service.name', 'support-agent'),
      attribute('service.version', '2.3.1'),
      attribute('deployment.environment.name', 'production'),
      attribute('telemetry.sdk.language', 'nodejs'),
    ]),
  );
  const scopeSpans = writeDelimited(
    2,
    Buffer.concat([scope, ...encoded.map((span) => writeDelimited(2, span))]),
  );
  const bytes = writeDelimited(1, Buffer.concat([resource, scopeSpans]));
  const marks = findMarks(bytes, spans);
  return {
    bytes,
    spans,
    patch(run, request) {
      for (let index = 0; index < marks.length; index += 1) {
        const { trace, span, parent, conversation } = marks[index] ?? noMark;
        const first = request * spans + index;
        const traceNumber = Math.floor(first / spansPerTrace);
        writeId(bytes, trace + 8, run, traceNumber);
        writeId(bytes, span, run, first);
        if (parent >= 0) writeId(bytes, parent, run, first - (index % spansPerTrace));
        if (conversation >= 0)
          bytes.write(traceNumber.toString(16).padStart(12, '0'), conversation, 'latin1');
      }
    },
  };
}

/** What `patch` writes as span id: the run in the first two bytes, the span's number in the other six. */
function writeId(bytes: Buffer, at: number, run: number, value: number): void {
  bytes.writeUInt16BE(run, at);
  bytes.writeUIntBE(value, at + 2, 6);
}

type Mark = { trace: number; span: number; parent: number; conversation: number };
const noMark: Mark = { trace: 0, span: 0, parent: -1, conversation: -1 };

const traceMark = (index: number) => Buffer.from(`TRACE-ID${String(index).padStart(8, '0')}`);
const spanMark = (index: number) => Buffer.from(`SP${String(index).padStart(6, '0')}`);
const parentMark = (index: number) => Buffer.from(`PA${String(index).padStart(6, '0')}`);
const conversationMark = (index: number) => `CONV${String(index).padStart(8, '0')}`;

/** Each span's marks stand between where it begins and where the next one does. */
function findMarks(bytes: Buffer, spans: number): Mark[] {
  const begins: number[] = [];
  for (let index = 0; index < spans; index += 1)
    begins.push(bytes.indexOf(traceMark(index), begins.at(-1) ?? 0));
  return begins.map((begin, index) => {
    const span = bytes.subarray(begin, begins[index + 1] ?? bytes.length);
    const placeOf = (mark: Buffer | string) => {
      const at = span.indexOf(mark);
      return at < 0 ? -1 : begin + at;
    };
    return {
      trace: begin,
      span: placeOf(spanMark(index)),
      parent: placeOf(parentMark(index)),
      conversation: placeOf(conversationMark(index)),
    };
  });
}

function encodeSpan(index: number, baseNs: bigint, random: () => number): Buffer {
  const startedNs = baseNs + BigInt(index) * 1_000_000n;
  const [name, attributes] = contentOf(index, random);
  return Buffer.concat([
    writeDelimited(1, traceMark(index)),
    writeDelimited(2, spanMark(index)),
    index % spansPerTrace === 0 ? Buffer.alloc(0) : writeDelimited(4, parentMark(index)),
    text(5, name),
    writeNumber(6, 3),
    fixed64(7, startedNs),
    fixed64(8, startedNs + BigInt(Math.floor(random() * 2e9))),
    ...attributes,
    writeDelimited(15, writeNumber(3, index % 50 === 49 ? 2 : 1)),
  ]);
}

/** Of each eight: five model calls, two tool calls, one retrieval. */
function contentOf(index: number, random: () => number): [string, Buffer[]] {
  const conversation = spanAttribute('gen_ai.conversation.id', conversationMark(index));
  const agent = spanAttribute('gen_ai.agent.name', 'support-agent');
  if (index % 8 === 3 || index % 8 === 5) {
    const tool = ['search_orders', 'send_mail', 'read_file'][index % 3] ?? 'search_orders';
    return [
      `execute_tool ${tool}`,
      [
        conversation,
        agent,
        spanAttribute('gen_ai.operation.name', 'execute_tool'),
        spanAttribute('gen_ai.tool.name', tool),
        spanAttribute('gen_ai.tool.type', 'function'),
        spanAttribute('gen_ai.tool.call.id', `call_${hexOf(random, 24)}`),
        spanAttribute(
          'gen_ai.tool.call.arguments',
          JSON.stringify({ query: prose(random, 14), limit: 20 }),
        ),
        spanAttribute(
          'gen_ai.tool.call.result',
          JSON.stringify([{ id: hexOf(random, 12), text: prose(random, 55) }]),
        ),
      ],
    ];
  }
  if (index % 8 === 6)
    return [
      'retrieval handbook',
      [
        conversation,
        agent,
        spanAttribute('gen_ai.operation.name', 'retrieval'),
        spanAttribute('gen_ai.data_source.id', 'handbook'),
        spanAttribute('gen_ai.retrieval.query.text', prose(random, 12)),
        spanAttribute(
          'gen_ai.retrieval.documents',
          JSON.stringify([{ id: 'doc-7', score: 0.83, content: prose(random, 70) }]),
        ),
      ],
    ];
  return [
    'chat gpt-4o',
    [
      conversation,
      agent,
      spanAttribute('gen_ai.operation.name', 'chat'),
      spanAttribute('gen_ai.provider.name', 'openai'),
      spanAttribute('gen_ai.request.model', 'gpt-4o'),
      spanAttribute('gen_ai.response.model', 'gpt-4o-2024-08-06'),
      spanAttribute('gen_ai.response.id', `chatcmpl-${hexOf(random, 28)}`),
      spanNumber('gen_ai.usage.input_tokens', 40 + Math.floor(random() * 2000)),
      spanNumber('gen_ai.usage.output_tokens', 10 + Math.floor(random() * 500)),
      spanNumber('gen_ai.request.max_tokens', 1024),
      spanAttribute('server.address', 'api.openai.com'),
      spanNumber('server.port', 443),
      spanAttribute(
        'gen_ai.input.messages',
        JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: prose(random, 40) }] }]),
      ),
      spanAttribute(
        'gen_ai.output.messages',
        JSON.stringify([
          {
            role: 'assistant',
            parts: [{ type: 'text', content: prose(random, 28) }],
            finish_reason: 'stop',
          },
        ]),
      ),
    ],
  ];
}

const text = (field: number, value: string) => writeDelimited(field, Buffer.from(value));
const attribute = (key: string, value: string) =>
  writeDelimited(1, Buffer.concat([text(1, key), writeDelimited(2, text(1, value))]));
const spanAttribute = (key: string, value: string) =>
  writeDelimited(9, Buffer.concat([text(1, key), writeDelimited(2, text(1, value))]));
const spanNumber = (key: string, value: number) =>
  writeDelimited(9, Buffer.concat([text(1, key), writeDelimited(2, writeNumber(3, value))]));

function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([writeVarint(tagOf(field) - 1), bytes]);
}

const prose = (random: () => number, count: number) =>
  Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ');
const hexOf = (random: () => number, digits: number) =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

/** Mulberry32: the same bodies in every run. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
