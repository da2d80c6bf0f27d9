import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode, problemOf } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { plainAddress } from '@/lib/core/network';
import type { ReporterRights } from '@/lib/identities/attribute';
import type { IngestKeyHolder } from '@/lib/identities/queries';
import type { AppendRequest } from '@/lib/log/append-queue';
import type { RefusedItem } from '@/lib/log/schema';
import { inflateBounded } from '@/lib/telemetry/inflate';
import { decodeTracesJson } from '@/lib/telemetry/otlp-json';
import { decodeTracesProtobuf } from '@/lib/telemetry/otlp-protobuf';
import {
  contentTypes,
  encodeStatus,
  encodeTracesResponse,
  type OtlpFormat,
} from '@/lib/telemetry/otlp-response';
import type { Gateway } from './gateway';
import { runPipeline } from './pipeline';

export const bodyBounds = {
  /** As sent, compressed or not. */
  receivedBytesMax: 16 * 1024 * 1024,
  inflatedBytesMax: 64 * 1024 * 1024,
  ratioMax: 200,
} as const;

/**
 * Each item keeps what its resource and scope say. As far as that makes more of a request than this many times
 * its size, it counts as sent.
 */
const AMPLIFICATION_FREE = 4;

/** What a body costs that cannot be inflated: the work is done before that is known. */
const FAILED_INFLATE_BYTES = 8 * 1024 * 1024;

/** Bodies that are being read or worked on at once; more wait for their senders' next try. */
const IN_FLIGHT_BYTES_MAX = 256 * 1024 * 1024;

/** google.rpc.Code of each error, as OTLP/HTTP answers carry it. */
const rpcCode: Record<ErrorCode, number> = {
  invalid_input: 3,
  too_large: 3,
  unsupported_media_type: 3,
  not_found: 5,
  conflict: 6,
  forbidden: 7,
  rate_limited: 8,
  unavailable: 14,
  internal: 13,
  unauthenticated: 16,
};

declare module 'fastify' {
  interface FastifyRequest {
    holder?: IngestKeyHolder;
  }
}

/** `POST /v1/traces`: OTLP over HTTP, protobuf or JSON (OpenTelemetry Protocol Specification 1.x, OTLP/HTTP). */
export async function traces(
  app: FastifyInstance,
  { gateway }: { gateway: Gateway },
): Promise<void> {
  let inFlightBytes = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: bodyBounds.receivedBytesMax },
    (_request, body, done) => done(null, body),
  );

  const hold = (request: FastifyRequest, reply: FastifyReply) => {
    const held = Number(request.headers['content-length'] ?? bodyBounds.receivedBytesMax);
    if (inFlightBytes + held > IN_FLIGHT_BYTES_MAX || request.raw.destroyed) {
      throw new AppError(
        'rate_limited',
        'Too much is being received at once. Send this again after the time in Retry-After.',
        { retryAfterSeconds: 1 },
      );
    }
    inFlightBytes += held;
    // Comes on every path, also when the sender goes away before its answer.
    reply.raw.once('close', () => {
      inFlightBytes -= held;
    });
  };

  app.addHook('onRequest', async (request, reply) => {
    // Before the body is read: who may not send makes nobody hold anything.
    request.holder = await gateway.keys.authenticate(
      request.headers.authorization,
      gateway.clock(),
    );
    formatOf(request);
    gateway.refuseWhileFull();
    const { id } = request.holder.reporter;
    gateway.limiter.admit(id, gateway.clock().getTime());
    gateway.writer.admit(id);
    hold(request, reply);
  });
  app.addHook('onResponse', async (_request, reply) => {
    gateway.metrics.requests.inc({ status: reply.statusCode });
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.post('/v1/traces', (request, reply) => ingest(gateway, request, reply));
}

async function ingest(
  gateway: Gateway,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  const endTimer = gateway.metrics.acknowledged.startTimer();
  const { holder } = request;
  if (holder === undefined) throw new AppError('unauthenticated', 'This needs an ingest key.');
  const format = formatOf(request);
  const append = await readRequest(gateway, request, holder.reporter);
  const outcome = await gateway.writer.append(append);
  const refused = [...append.refused, ...outcome.refused];
  gateway.keys.noteUse(holder, gateway.clock());

  const { items } = gateway.metrics;
  items.inc({ signal: 'trace', outcome: 'stored' }, outcome.stored);
  items.inc({ signal: 'trace', outcome: 'duplicate' }, outcome.duplicates);
  items.inc({ signal: 'trace', outcome: 'conflicting' }, outcome.conflicting);
  items.inc({ signal: 'trace', outcome: 'refused' }, refused.length);
  for (const { reason } of refused) gateway.metrics.refused.inc({ reason });
  endTimer();
  reply.type(contentTypes[format]);
  return encodeTracesResponse(format, refused.length, refusalMessage(refused));
}

/** By itself, so that nothing of the spans is kept while the commit is waited for. */
async function readRequest(
  gateway: Gateway,
  request: FastifyRequest,
  reporter: ReporterRights,
): Promise<AppendRequest> {
  const nowMs = gateway.clock().getTime();
  // Again: others of the same reporter may have been admitted while this body was on its way.
  gateway.limiter.admit(reporter.id, nowMs);
  gateway.writer.admit(reporter.id);
  const body = readBody(request, (bytes) => gateway.limiter.charge(reporter.id, 0, bytes, nowMs));
  const decoded =
    formatOf(request) === 'json' ? decodeTracesJson(body) : decodeTracesProtobuf(body);
  if (!decoded.ok)
    throw new AppError(
      decoded.reason === 'malformed' ? 'invalid_input' : 'too_large',
      decoded.message,
    );
  const items = decoded.value;
  const wholeBytes = items.reduce((sum, item) => sum + item.rawBytes, 0);
  const amplified = Math.max(0, wholeBytes - AMPLIFICATION_FREE * body.length);
  gateway.limiter.charge(reporter.id, items.length, amplified, nowMs);
  const judged = await runPipeline(items, gateway.contextFor(reporter, new Date(nowMs)));
  return { reporter: reporter.id, ...judged, bytes: body.length + amplified };
}

/** OTLP/HTTP knows two encodings; the answer is in the one that was sent. */
function formatOf(request: FastifyRequest): OtlpFormat {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf') return 'protobuf';
  if (type === 'application/json') return 'json';
  throw new AppError(
    'unsupported_media_type',
    'Send OTLP as application/x-protobuf or application/json.',
  );
}

/** The body without its Content-Encoding; `charge` gets the uncompressed bytes it took. */
function readBody(request: FastifyRequest, charge: (bytes: number) => void): Buffer {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const inflated = inflateBounded(body, request.headers['content-encoding'], {
    bytesMax: bodyBounds.inflatedBytesMax,
    ratioMax: bodyBounds.ratioMax,
  });
  charge(inflated.ok ? inflated.value.length : Math.max(body.length, FAILED_INFLATE_BYTES));
  if (inflated.ok) return inflated.value;
  const code =
    inflated.reason === 'bomb'
      ? 'too_large'
      : inflated.reason === 'malformed'
        ? 'invalid_input'
        : 'unsupported_media_type';
  throw new AppError(code, inflated.message);
}

/** How many were refused for which reason, with one example of each: enough to mend the sender. */
function refusalMessage(refused: readonly RefusedItem[]): string {
  const byReason = new Map<string, { count: number; detail: string }>();
  for (const { reason, detail } of refused) {
    const known = byReason.get(reason);
    if (known === undefined) byReason.set(reason, { count: 1, detail });
    else known.count += 1;
  }
  const parts = Array.from(
    byReason,
    ([reason, { count, detail }]) => `${count} × ${reason}: ${detail}`,
  );
  return parts.length === 0 ? '' : `${parts.join(' ')} They are kept in quarantine.`;
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = error instanceof AppError ? error : fromFastify(error);
  const { status, retryAfterSeconds, body } = problemOf(known ?? error, request.id);
  logEvent('ingest_refused', {
    requestId: request.id,
    status,
    peer: plainAddress(request.ip),
    ...(status >= 500 ? { error } : { reason: body.title }),
  });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="sallyport"');
  const isJson = (request.headers['content-type'] ?? '')
    .toLowerCase()
    .startsWith('application/json');
  const format: OtlpFormat = isJson ? 'json' : 'protobuf';
  reply.code(status).header('x-request-id', request.id).type(contentTypes[format]);
  reply.send(encodeStatus(format, rpcCode[body.code], `${body.title} (request ${request.id})`));
}

function fromFastify(error: unknown): AppError | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new AppError(
      'too_large',
      `The body is larger than ${bodyBounds.receivedBytesMax} bytes. Send it in smaller parts.`,
    );
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500
    ? new AppError('invalid_input', 'The request cannot be read.')
    : null;
}
