import { isIP } from 'node:net';
import {
  status as grpcStatus,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type StatusObject,
} from '@grpc/grpc-js';
import { problemOf } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { logEvent } from '@/lib/core/log';
import { encodeExportResponse, encodeRetryStatus } from '@/lib/telemetry/otlp-response';
import { type Signal, signals } from '@/lib/telemetry/schema';
import type { Gateway } from './gateway';
import { type Admitted, guardCalls } from './grpc-guard';
import { bodyBounds, ingest, rpcCode } from './ingest';

const STREAMS_MAX = 128;
const SESSION_MB_MAX = 64;
const IDLE_MS_MAX = 300_000;
/** On stopping, whoever is still sending is cut off after this. */
const CUT_OFF_MS = 2_000;

const services: Record<Signal, string> = {
  trace: 'opentelemetry.proto.collector.trace.v1.TraceService',
  log: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metric: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
};

export type GrpcServer = { port: number; close(): Promise<void> };

/** OTLP over gRPC, all three signals (OpenTelemetry Protocol Specification 1.x, OTLP/gRPC), on a plain port. */
export async function startOtlpGrpc(
  gateway: Gateway,
  { host, port }: { host: string; port: number },
): Promise<GrpcServer> {
  const { interceptor, admitted } = guardCalls(gateway, statusOf);
  const server = new Server({
    // Of what was sent, and of what it inflates to.
    'grpc.max_receive_message_length': bodyBounds.receivedBytesMax,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc.max_connection_idle_ms': IDLE_MS_MAX,
    'grpc-node.max_session_memory': SESSION_MB_MAX,
    'grpc.enable_channelz': 0,
    interceptors: [interceptor],
  });
  for (const signal of signals)
    server.addService(serviceOf(signal), { Export: exportOf(gateway, signal, admitted) });
  const address = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
  return {
    port: bound,
    async close() {
      await new Promise<void>((resolve) => {
        // What is forced to end calls nobody back.
        const cutOff = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, CUT_OFF_MS);
        server.tryShutdown(() => {
          clearTimeout(cutOff);
          resolve();
        });
      });
    },
  };
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** What generated code would say of the service: messages stay bytes, our own decoder reads them. */
function serviceOf(signal: Signal): ServiceDefinition {
  return {
    Export: {
      path: `/${services[signal]}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
}

function exportOf(
  gateway: Gateway,
  signal: Signal,
  admitted: WeakMap<Metadata, Admitted>,
): handleUnaryCall<Buffer, Buffer> {
  return (call, answer) => {
    const holder = admitted.get(call.metadata)?.holder;
    if (holder === undefined) {
      answer({ code: grpcStatus.UNAUTHENTICATED, details: 'This needs an ingest key.' });
      return;
    }
    const readBody = () => {
      const { id } = holder.reporter;
      gateway.limiter.charge(id, 0, call.request.length, gateway.clock().getTime());
      return call.request;
    };
    ingest(gateway, { signal, format: 'protobuf', holder }, readBody).then(
      ({ rejected, message }) =>
        answer(null, encodeExportResponse(signal, 'protobuf', rejected, message)),
      (error: unknown) => answer(statusOf(error, call.getPeer())),
    );
  };
}

/** An error as gRPC tells it. With a time to come back, which exporters wait for, where there is one. */
function statusOf(error: unknown, peer: string): StatusObject {
  const requestId = newId();
  const { status, retryAfterSeconds, body } = problemOf(error, requestId);
  logEvent('ingest_refused', {
    requestId,
    transport: 'grpc',
    status,
    peer,
    ...(status >= 500 ? { error } : { reason: body.title }),
  });
  const code = rpcCode[body.code];
  const details = `${body.title} (request ${requestId})`;
  const metadata = new Metadata();
  metadata.set('x-request-id', requestId);
  if (retryAfterSeconds !== undefined)
    metadata.set('grpc-status-details-bin', encodeRetryStatus(code, details, retryAfterSeconds));
  return { code, details, metadata };
}
