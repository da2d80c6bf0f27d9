import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';

const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

/** A message as gRPC frames it, with the length it is to claim. */
export function framed(message: Uint8Array, claimedBytes = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(claimedBytes, 1);
  return Buffer.concat([prefix, message]);
}

/** What became of a call: its status, and how its stream ended. */
export type RawCall = {
  stream: ClientHttp2Stream;
  /** `grpc-status`, once it is there. */
  status: Promise<number>;
  statusDetails: Promise<Buffer | null>;
  isClosed: Promise<void>;
};

/** A sender that frames, ends and stalls as it likes. One is one connection. */
export class RawGrpcSender {
  private readonly session: ClientHttp2Session;

  constructor(url: string) {
    this.session = connect(url);
    this.session.on('error', () => undefined);
  }

  /** Opens a call and leaves it open. */
  open(key: string, headers: Record<string, string> = {}): RawCall {
    const stream = this.session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer ${key}`,
      ...headers,
    });
    stream.on('error', () => undefined);
    stream.resume();
    const trailers = new Promise<Record<string, unknown>>((resolve) => {
      for (const event of ['response', 'trailers'] as const)
        stream.on(event, (told: Record<string, unknown>) => {
          if (told['grpc-status'] !== undefined) resolve(told);
        });
    });
    return {
      stream,
      status: trailers.then((headers) => Number(headers['grpc-status'])),
      statusDetails: trailers.then(({ 'grpc-status-details-bin': told }) =>
        typeof told === 'string' ? Buffer.from(told, 'base64') : null,
      ),
      isClosed: new Promise((resolve) => stream.once('close', () => resolve())),
    };
  }

  close(): void {
    this.session.destroy();
  }
}
