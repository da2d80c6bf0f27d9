import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
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
import { secureContextOf, type TlsMaterial, tlsOptionsOf } from './tls-material';

/** Together, before anybody's key is known; behind the limit a sender comes back later. */
const CONNECTIONS_MAX = 1_024;
const STREAMS_MAX = 128;
const SESSION_MB_MAX = 64;
const IDLE_MS_MAX = 300_000;
const RECEIVE_MS_MAX = 60_000;
/** On stopping, whoever is still sending is cut off after this. */
const CUT_OFF_MS = 2_000;

const services: Record<Signal, string> = {
  trace: 'opentelemetry.proto.collector.trace.v1.TraceService',
  log: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metric: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
};

export type GrpcServer = {
  port: number;
  /** Over TLS: new connections are shown this from now on. */
  renew(material: TlsMaterial): void;
  close(): Promise<void>;
};

/**
 * OTLP over gRPC, all three signals (OpenTelemetry Protocol Specification 1.x, OTLP/gRPC), on a plain port; with
 * `material` over TLS, where client certificates are asked for.
 */
export async function startOtlpGrpc(
  gateway: Gateway,
  {
    host,
    port,
    material,
    receiveMsMax = RECEIVE_MS_MAX,
  }: { host: string; port: number; material?: TlsMaterial; receiveMsMax?: number },
): Promise<GrpcServer> {
  const { interceptor, admitted } = guardCalls(gateway, { statusOf, receiveMsMax });
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
  // The library's own listener takes any number of connections, and any time for a handshake.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const inject = (socket: Socket) => injector.injectConnection(socket);
  const secured =
    material === undefined ? undefined : createTlsServer(tlsOptionsOf(material, 'h2'), inject);
  // Node tells of a handshake that takes too long, and leaves the connection to whoever listens.
  secured?.on('tlsClientError', (_error, socket) => socket.destroy());
  const listener = secured ?? createServer(inject);
  const sockets = new Set<Socket>();
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  listener.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host, port }, () => {
      listener.off('error', reject);
      resolve();
    });
  });
  return {
    // Listening on TCP, so there is an address and a port.
    port: (listener.address() as AddressInfo).port,
    renew: (renewed) => secured?.setSecureContext(secureContextOf(renewed)),
    async close() {
      listener.close();
      await new Promise<void>((resolve) => {
        const cutOff = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
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
    const caller = admitted.get(call.metadata)?.caller;
    if (caller === undefined) {
      answer({ code: grpcStatus.UNAUTHENTICATED, details: 'This needs an ingest key.' });
      return;
    }
    const readBody = () => {
      const { id } = caller.identity;
      gateway.limiter.charge(id, 0, call.request.length, gateway.clock().getTime());
      return call.request;
    };
    ingest(gateway, { signal, format: 'protobuf', caller }, readBody).then(
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
