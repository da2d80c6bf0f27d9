import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, problemOf } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { plainAddress } from '@/lib/core/network';
import type { Caller } from '@/lib/identities/proofs/schema';
import { inflateBounded } from '@/lib/telemetry/inflate';
import {
  contentTypes,
  encodeExportResponse,
  encodeStatus,
  type OtlpFormat,
} from '@/lib/telemetry/otlp-response';
import { type Signal, signals } from '@/lib/telemetry/schema';
import type { Gateway } from './gateway';
import type { Held } from './in-flight';
import { admit, bodyBounds, FAILED_INFLATE_BYTES, ingest, rpcCode } from './ingest';
import { presentedBy } from './presented';

declare module 'fastify' {
  interface FastifyRequest {
    caller?: Caller;
    held?: Held;
  }
  interface FastifyContextConfig {
    signal?: Signal;
  }
}

const paths: Record<Signal, string> = {
  trace: '/v1/traces',
  log: '/v1/logs',
  metric: '/v1/metrics',
};

/**
 * `POST /v1/traces`, `/v1/logs` and `/v1/metrics`: OTLP over HTTP, protobuf or JSON (OpenTelemetry Protocol
 * Specification 1.x, OTLP/HTTP).
 */
export async function otlpHttp(
  app: FastifyInstance,
  { gateway }: { gateway: Gateway },
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: bodyBounds.receivedBytesMax },
    (_request, body, done) => done(null, body),
  );
  app.addHook('onRequest', async (request, reply) => {
    const caller = await admit(
      gateway,
      presentedBy(request.headers, request.socket, gateway.proxies),
    );
    formatOf(request);
    request.caller = caller;
    request.held = hold(gateway, caller, request, reply);
  });
  app.addHook('preHandler', async ({ held, body }) => {
    if (Buffer.isBuffer(body)) held?.resize(body.length);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { signal = '' } = request.routeOptions.config;
    gateway.metrics.requests.inc({ signal, transport: 'http', status: reply.statusCode });
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  for (const signal of signals)
    app.post(paths[signal], { config: { signal } }, (request, reply) =>
      receive(gateway, signal, request, reply),
    );
}

/** Holds room for the body until the answer is sent, or its sender goes away. */
function hold(
  gateway: Gateway,
  { identity }: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
): Held {
  const bytes = Number(request.headers['content-length'] ?? bodyBounds.receivedBytesMax);
  if (bytes > bodyBounds.receivedBytesMax) throw bodyTooLarge();
  if (request.raw.destroyed) throw new AppError('rate_limited', 'The sender is gone.');
  const held = gateway.inFlight.hold(identity.id, bytes);
  // Comes on every path, also when the sender goes away before its answer.
  reply.raw.once('close', held.release);
  return held;
}

const bodyTooLarge = () =>
  new AppError(
    'too_large',
    `The body is larger than ${bodyBounds.receivedBytesMax} bytes. Send it in smaller parts.`,
  );

async function receive(
  gateway: Gateway,
  signal: Signal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  const { caller } = request;
  if (caller === undefined) throw new AppError('unauthenticated', 'This needs an ingest key.');
  const format = formatOf(request);
  const { rejected, message } = await ingest(gateway, { signal, format, caller }, () =>
    readBody(request, (bytes) =>
      gateway.limiter.charge(caller.identity.id, 0, bytes, gateway.clock().getTime()),
    ),
  );
  reply.type(contentTypes[format]);
  return encodeExportResponse(signal, format, rejected, message);
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
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge();
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500
    ? new AppError('invalid_input', 'The request cannot be read.')
    : null;
}
