import type { Claims } from './claims';
import type { Told } from './dialects/dialect';

/** Longer is no duration of anything that ran. */
const DURATION_MS_MAX = 400 * 86_400_000;

/** INVARIANT: input tokens include the cached ones, so they are added where a sender leaves them out. */
export function readInputTokens(claims: Claims): number | null {
  const told = claims.number('inputTokens');
  const uncached = told === null ? claims.peekNumber('uncachedInputTokens') : null;
  if (uncached === null) return told;
  const cached =
    (claims.peekNumber('cacheReadTokens') ?? 0) + (claims.peekNumber('cacheWriteTokens') ?? 0);
  return Number.isSafeInteger(uncached + cached) ? uncached + cached : uncached;
}

/** A record is written when what it tells of is over. */
export function startOf({ span, record }: Told, claims: Claims): bigint {
  const ms = record === null ? null : claims.peekNumber('durationMs');
  if (ms === null || ms > DURATION_MS_MAX) return span.startedNs;
  const startedNs = span.endedNs - BigInt(Math.round(ms * 1e6));
  return startedNs < 0n ? span.startedNs : startedNs;
}
