import type { ZoneEnvironment, ZoneKind } from './schema';

export const zoneKindLabels: Record<ZoneKind, string> = {
  workload: 'Workload',
  data: 'Data',
  tools: 'Tools',
  external: 'External',
};

export const environmentLabels: Record<ZoneEnvironment, string> = {
  production: 'Production',
  staging: 'Staging',
  test: 'Test',
  development: 'Development',
};
