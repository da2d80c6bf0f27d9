import type { KnownCredential } from '../state/schema';

/**
 * Of credentials that show the same the one that holds, and of several the one that holds longest. Where none does the
 * last, so that whoever asks learns what became of it.
 */
export function fittestOf(
  credentials: readonly KnownCredential[],
  nowMs: number,
): KnownCredential | undefined {
  const live = credentials.filter(
    ({ isRevoked, expiresAtMs }) => !isRevoked && expiresAtMs > nowMs,
  );
  const [first, ...others] = live;
  if (first === undefined) return credentials.at(-1);
  return others.reduce((best, each) => (each.expiresAtMs > best.expiresAtMs ? each : best), first);
}
