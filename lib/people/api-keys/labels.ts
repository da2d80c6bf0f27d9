import type { ApiKeyState, ApiScope } from './schema';

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
