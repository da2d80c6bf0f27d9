import { constants, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import {
  status as grpcStatus,
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type StatusObject,
} from '@grpc/grpc-js';
import { AppError } from '@/lib/core/errors';
import type { Caller } from '@/lib/identities/proofs/schema';
import type { Gateway } from './gateway';
import { ArrivingMessage } from './grpc-message';
import type { Held } from './in-flight';
import { admit, bodyBounds, FAILED_INFLATE_BYTES } from './ingest';
import { presentedBy, presentedHeaders } from './presented';

/** What a stream may bring before anybody reads it: the window of HTTP/2. */
const WINDOW_BYTES = 65_535;
/** A connection on which a stream that was closed is still there by then is not read by its sender. */
const CLOSE_MS_MAX = 5_000;

export type Admitted = { caller: Caller };

type StatusOf = (error: unknown, peer: string) => StatusObject;
type GuardOptions = {
  statusOf: StatusOf;
  /** A call that has not sent its message, and its end, by then is refused. */
  receiveMsMax: number;
};

/**
 * Asks for each call, not for its connection, whose key it carries, and lets nothing of a message in before:
 * until then the stream is paused. A message counts as what its prefix says from then on until the stream is
 * gone, and no stream outlives its answer: what was read of it would stay as long.
 */
export function guardCalls(
  gateway: Gateway,
  { statusOf, receiveMsMax }: GuardOptions,
): { interceptor: ServerInterceptor; admitted: WeakMap<Metadata, Admitted> } {
  const admitted = new WeakMap<Metadata, Admitted>();

  const interceptor: ServerInterceptor = ({ path }, call) => {
    const signal = signalOf(path);
    const stream = streamOf(call);
    const socket = stream.session?.socket;
    const arriving = new ArrivingMessage();
    let held: Held | undefined;
    let caller: Caller | undefined;
    let message: Buffer | undefined;
    let told: number | undefined;
    let isEnded = false;
    // Also where the connection is gone already, whose socket then throws.
    const admitCall = async (metadata: Metadata) =>
      admit(gateway, presentedBy(shownIn(metadata), socket, gateway.proxies));
    const refuse = (error: unknown) => {
      const status = statusOf(error, call.getPeer());
      told = status.code;
      call.sendStatus(status);
    };
    const overdue = setTimeout(
      () =>
        refuse(
          new AppError('unavailable', 'The message did not arrive in time. Send it again.', {
            retryAfterSeconds: 1,
          }),
        ),
      receiveMsMax,
    );
    stream.on('data', (chunk: Buffer) => {
      if (isEnded) return;
      try {
        // What it inflates to is not known before it is inflated.
        if (arriving.add(chunk))
          held?.resize(arriving.isCompressed ? bodyBounds.receivedBytesMax : arriving.bytes);
        if (arriving.isExceeded)
          throw new AppError('invalid_input', 'An Export call carries one message.');
      } catch (error) {
        refuse(error);
      }
    });
    stream.once('close', () => {
      clearTimeout(overdue);
      held?.release();
    });
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        admitCall(metadata)
          .then((found) => {
            if (isEnded || stream.closed) return;
            caller = found;
            held = gateway.inFlight.hold(caller.identity.id, WINDOW_BYTES);
            admitted.set(metadata, { caller });
            next(metadata);
          })
          .catch(refuse);
      })
      .withOnReceiveMessage((received: Buffer, next) => {
        message = received;
        next(received);
      })
      // Only now is it run, so until now it can be late.
      .withOnReceiveHalfClose((next) => {
        clearTimeout(overdue);
        if (message !== undefined && arriving.isCompressed) held?.resize(message.length);
        next();
      })
      // Comes at the end of every call, however it ended.
      .withOnCancel(() => {
        isEnded = true;
        clearTimeout(overdue);
        closeStream(stream);
        // The library itself refuses what is too large or cannot be inflated, after the work is done.
        if (caller !== undefined && message === undefined)
          gateway.limiter.charge(
            caller.identity.id,
            0,
            FAILED_INFLATE_BYTES,
            gateway.clock().getTime(),
          );
        const status = told === undefined ? 'ABORTED' : (grpcStatus[told] ?? String(told));
        gateway.metrics.requests.inc({ signal, transport: 'grpc', status });
      })
      .build();
    return new ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus: (status, next) => {
        told = status.code;
        next(status);
      },
    });
  };
  return { interceptor, admitted };
}

/**
 * The stream of a call. The library keeps it to itself and never closes it: it answers a sender that goes on, and
 * leaves the rest to that sender.
 */
function streamOf(call: object): ServerHttp2Stream {
  if (!('stream' in call) || !(call.stream instanceof Duplex))
    throw new Error('A gRPC call has no stream: the library is another than this was made for.');
  return call.stream as ServerHttp2Stream; // `as`: of the streams there are, the one that the library names
}

/** Tells a sender that is not done that it is (RFC 9113 §8.1). */
function closeStream(stream: ServerHttp2Stream): void {
  if (stream.closed || stream.readableEnded) return;
  stream.close(constants.NGHTTP2_NO_ERROR);
  const { session } = stream;
  const stuck = setTimeout(() => session?.destroy(), CLOSE_MS_MAX);
  stuck.unref();
  stream.once('close', () => clearTimeout(stuck));
}

/** Of the metadata of a call, what says who sends it. */
const shownIn = (metadata: Metadata): Record<string, string[]> =>
  Object.fromEntries(
    presentedHeaders.flatMap((name) => {
      const values = metadata.get(name).map(String);
      return values.length === 0 ? [] : [[name, values]];
    }),
  );

/** The signal of a method's path; a service that is none of ours has none. */
const signalOf = (path: string): string =>
  /\.(trace|log|metric)s?\.v1\.\w+\/Export$/.exec(path)?.[1] ?? '';
