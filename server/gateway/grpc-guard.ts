import {
  status as grpcStatus,
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type StatusObject,
} from '@grpc/grpc-js';
import { AppError } from '@/lib/core/errors';
import type { IngestKeyHolder } from '@/lib/identities/queries';
import type { Gateway } from './gateway';
import { type Held, InFlight } from './in-flight';
import { admit, bodyBounds, FAILED_INFLATE_BYTES } from './ingest';

/** A call that has not sent its message by then is ended. */
const RECEIVE_MS_MAX = 60_000;

export type Admitted = { holder: IngestKeyHolder };

type StatusOf = (error: unknown, peer: string) => StatusObject;

/**
 * Asks for each call, not for its connection, whose key it carries, and lets nothing of a message in before:
 * until then the stream is paused. What a call holds is counted as the largest message until its own is there.
 */
export function guardCalls(
  gateway: Gateway,
  statusOf: StatusOf,
): { interceptor: ServerInterceptor; admitted: WeakMap<Metadata, Admitted> } {
  const inFlight = new InFlight();
  const admitted = new WeakMap<Metadata, Admitted>();

  const interceptor: ServerInterceptor = ({ path }, call) => {
    const signal = signalOf(path);
    let held: Held | undefined;
    let holder: IngestKeyHolder | undefined;
    let hasMessage = false;
    let told: number | undefined;
    let isEnded = false;
    const refuse = (error: unknown) => {
      const status = statusOf(error, call.getPeer());
      told = status.code;
      call.sendStatus(status);
    };
    const overdue = setTimeout(
      () => refuse(new AppError('invalid_input', 'The message did not arrive in time.')),
      RECEIVE_MS_MAX,
    );
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const [authorization] = metadata.get('authorization');
        admit(gateway, authorization?.toString())
          .then((found) => {
            if (isEnded) return;
            holder = found;
            held = inFlight.hold(bodyBounds.receivedBytesMax);
            admitted.set(metadata, { holder });
            next(metadata);
          })
          .catch(refuse);
      })
      .withOnReceiveMessage((message: Buffer, next) => {
        hasMessage = true;
        clearTimeout(overdue);
        held?.resize(message.length);
        next(message);
      })
      // Comes at the end of every call, however it ended.
      .withOnCancel(() => {
        isEnded = true;
        clearTimeout(overdue);
        held?.release();
        // The library itself refuses what is too large or cannot be inflated, after the work is done.
        if (holder !== undefined && !hasMessage)
          gateway.limiter.charge(
            holder.reporter.id,
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

/** The signal of a method's path; a service that is none of ours has none. */
const signalOf = (path: string): string =>
  /\.(trace|log|metric)s?\.v1\.\w+\/Export$/.exec(path)?.[1] ?? '';
