import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Signal } from '@/lib/telemetry/schema';

const paths: Record<Signal, string> = {
  trace: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  log: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metric: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

export type GrpcAnswer = {
  /** gRPC status: 0 is success. */
  code: number;
  details: string;
  body: Buffer;
  /** The google.rpc.Status of `grpc-status-details-bin`. */
  statusDetails: Buffer | null;
};

/** Calls Export with a body as it is. One client is one connection. */
export class GrpcClient {
  private readonly client: Client;

  constructor(
    url: string,
    {
      gzip = false,
      channel = credentials.createInsecure(),
    }: { gzip?: boolean; channel?: ChannelCredentials } = {},
  ) {
    this.client = new Client(new URL(url).host, channel, {
      'grpc.max_send_message_length': -1,
      ...(gzip ? { 'grpc.default_compression_algorithm': 2 } : {}),
    });
  }

  export(
    signal: Signal,
    key: string | null,
    body: Uint8Array,
    sent: Record<string, string> = {},
  ): Promise<GrpcAnswer> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(sent)) metadata.set(name, value);
    if (key !== null) metadata.set('authorization', `Bearer ${key}`);
    return new Promise((resolve) => {
      this.client.makeUnaryRequest(
        paths[signal],
        (bytes: Buffer) => bytes,
        (bytes) => bytes,
        Buffer.from(body),
        metadata,
        (error: ServiceError | null, answer: Buffer | undefined) => {
          const told = error?.metadata.get('grpc-status-details-bin')[0];
          resolve({
            code: error?.code ?? 0,
            details: error?.details ?? '',
            body: answer ?? Buffer.alloc(0),
            statusDetails: Buffer.isBuffer(told) ? told : null,
          });
        },
      );
    });
  }

  close(): void {
    this.client.close();
  }
}
