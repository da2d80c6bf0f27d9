import type { ApiKeyState, ApiScope, Orphaned } from './schema';

/** Completes "May …"; what no route asks for yet says so. */
export const scopeLabels: Record<ApiScope, string> = {
  'registry:read': 'read identities: name, kind, state, team',
  'registry:write': 'write the registry; no route asks for it yet',
  'policy:read': 'read policies; no route asks for it yet',
  'policy:write': 'write drafts of policies; no route asks for it yet',
  'log:read': 'read interactions: facts and digests, never content',
};

export const keyStateLabels: Record<ApiKeyState, string> = {
  active: 'Active',
  lapsing: 'Lapsing',
  orphaned: 'Refused',
  expired: 'Expired',
  revoked: 'Revoked',
};

export const orphanedLabels: Record<Orphaned, string> = {
  left: 'Whoever made it has left',
  role: 'Whoever made it is no administrator any more',
  reach: 'Whoever made it does not see all teams any more, and it reads of all',
};

/** `in 12 days`, `in 5 hours`. */
export function expiryWords(expiresAt: Date, now: Date): string {
  const hours = Math.max(0, (expiresAt.getTime() - now.getTime()) / 3_600_000);
  const [count, unit] =
    hours >= 48 ? [Math.floor(hours / 24), 'day'] : [Math.max(1, Math.floor(hours)), 'hour'];
  return hours < 1 ? 'within the hour' : `in ${count} ${unit}${count === 1 ? '' : 's'}`;
}
