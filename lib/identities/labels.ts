import type { IdentityKind, IdentityState } from './schema';
import type { TrustLevel } from './trust/schema';

export const identityKindLabels: Record<IdentityKind, { word: string; many: string }> = {
  agent: { word: 'Agent', many: 'Agents' },
  daemon: { word: 'Daemon', many: 'Daemons' },
  service: { word: 'Service', many: 'Services' },
  external_api: { word: 'External API', many: 'External APIs' },
};

export const identityStateLabels: Record<
  IdentityState,
  { word: string; tone: 'on' | 'wait' | 'off' | 'none' }
> = {
  proposed: { word: 'Proposed', tone: 'wait' },
  active: { word: 'Active', tone: 'on' },
  suspended: { word: 'Suspended', tone: 'off' },
  decommissioned: { word: 'Decommissioned', tone: 'none' },
};

export const trustLabels: Record<TrustLevel, { word: string; sentence: string }> = {
  observed: { word: 'Observed', sentence: 'Nothing speaks for it yet.' },
  probation: { word: 'Probation', sentence: 'It meets the first rules, and is watched.' },
  trusted: { word: 'Trusted', sentence: 'It meets every rule of the organisation.' },
};
