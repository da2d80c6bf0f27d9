import { AppError, type ErrorCode } from '@/lib/core/errors';
import type { ReporterRights } from '@/lib/identities/attribute';
import type { Caller, Presented } from '@/lib/identities/proofs/schema';
import type { AppendRequest } from '@/lib/log/append-queue';
import type { RefusedItem } from '@/lib/log/schema';
import { decodeOtlp } from '@/lib/telemetry/otlp-request';
import type { OtlpFormat } from '@/lib/telemetry/otlp-response';
import type { Signal } from '@/lib/telemetry/schema';
import type { Gateway } from './gateway';
import { runPipeline } from './pipeline';

export const bodyBounds = {
  /** As sent, compressed or not. */
  receivedBytesMax: 16 * 1024 * 1024,
  inflatedBytesMax: 64 * 1024 * 1024,
  ratioMax: 200,
} as const;

/** What a body costs that cannot be inflated: the work is done before that is known. */
export const FAILED_INFLATE_BYTES = 8 * 1024 * 1024;

/**
 * Each item keeps what its resource and scope say. As far as that makes more of a request than this many times
 * its size, it counts as sent.
 */
const AMPLIFICATION_FREE = 4;

/** google.rpc.Code of each error, which is gRPC's status and stands in OTLP/HTTP's answers. */
export const rpcCode: Record<ErrorCode, number> = {
  invalid_input: 3,
  too_large: 3,
  unsupported_media_type: 3,
  not_found: 5,
  conflict: 6,
  forbidden: 7,
  factor_needed: 7,
  rate_limited: 8,
  unavailable: 14,
  internal: 13,
  unauthenticated: 16,
};

/** Who sends, if they may now. Before a body is read: who may not makes nobody hold anything. */
export async function admit(gateway: Gateway, presented: Presented): Promise<Caller> {
  const caller = await gateway.authenticator.authenticate(presented, gateway.clock());
  gateway.refuseWhileFull();
  admitReporter(gateway, caller.identity.id);
  return caller;
}

/** Throws when this reporter has to wait. Asked again once a body is there: others were admitted meanwhile. */
export function admitReporter(gateway: Gateway, reporter: string): void {
  gateway.limiter.admit(reporter, gateway.clock().getTime());
  gateway.writer.admit(reporter);
}

export type Received = { signal: Signal; format: OtlpFormat; caller: Caller };
export type Ingested = { rejected: number; message: string };

/** Takes one inflated body in; `readBody` gives it, and nothing keeps it while the commit is waited for. */
export async function ingest(
  gateway: Gateway,
  { signal, format, caller }: Received,
  readBody: () => Buffer,
): Promise<Ingested> {
  const endTimer = gateway.metrics.acknowledged.startTimer({ signal });
  // It is as long ago that they were admitted as they took to send the body.
  const still = await gateway.authenticator.refuseUnlessStill(caller, gateway.clock());
  const { reporter } = still.identity;
  const append = await readRequest(gateway, { signal, format, reporter }, readBody);
  const outcome = await gateway.writer.append(append);
  const refused = [...append.refused, ...outcome.refused];
  gateway.authenticator.noteUse(still, gateway.clock());

  const { items } = gateway.metrics;
  items.inc({ signal, outcome: 'stored' }, outcome.stored);
  items.inc({ signal, outcome: 'duplicate' }, outcome.duplicates);
  items.inc({ signal, outcome: 'conflicting' }, outcome.conflicting);
  items.inc({ signal, outcome: 'refused' }, refused.length);
  for (const { reason } of refused) gateway.metrics.refused.inc({ signal, reason });
  endTimer();
  return { rejected: refused.length, message: refusalMessage(refused) };
}

/** By itself, so that nothing of the items is kept while the commit is waited for. */
async function readRequest(
  gateway: Gateway,
  { signal, format, reporter }: { signal: Signal; format: OtlpFormat; reporter: ReporterRights },
  readBody: () => Buffer,
): Promise<AppendRequest> {
  const nowMs = gateway.clock().getTime();
  admitReporter(gateway, reporter.id);
  const body = readBody();
  const decoded = decodeOtlp(signal, format, body);
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
  return parts.length === 0 ? '' : `${parts.join(' ')} ${whereabouts(refused)}`;
}

function whereabouts(refused: readonly RefusedItem[]): string {
  const kept = refused.filter(({ raw }) => raw !== null).length;
  if (kept === refused.length) return 'They are kept in quarantine.';
  const known = kept === 0 ? 'None of them is' : `${kept} of ${refused.length} are`;
  return `${known} kept in quarantine, which knows of the others by reason and size only.`;
}
