import { describe, expect, it } from 'vitest';
import { attribute, type Declaration, fingerprintOf, type ReporterRights } from './attribute';

const agent: ReporterRights = {
  id: 'A',
  names: new Set(['returns', 'returns-agent']),
  reportsFor: null,
};
const collector: ReporterRights = {
  id: 'C',
  names: new Set(['collector']),
  reportsFor: new Set(['A']),
};
const anyCollector: ReporterRights = { ...collector, reportsFor: 'all' };
const registered: Record<string, string> = {
  returns: 'A',
  'returns-agent': 'A',
  billing: 'B',
  collector: 'C',
};
const byName = (name: string) =>
  Object.hasOwn(registered, name) ? (registered[name] ?? null) : null;
const says = (change: Partial<Declaration>): Declaration => ({
  declaredName: null,
  declaredId: null,
  service: null,
  ...change,
});

describe('whom an item is attributed to', () => {
  it.each<[string, Declaration, ReporterRights, string | null, string]>([
    ['nothing declared is the reporter', says({}), agent, 'A', 'self'],
    ['its own name', says({ declaredName: 'returns' }), agent, 'A', 'self'],
    ['another of its names', says({ declaredName: 'returns-agent' }), agent, 'A', 'self'],
    [
      'its id among its names',
      says({ declaredName: 'x', declaredId: 'returns' }),
      agent,
      'A',
      'self',
    ],
    ['its name as the service', says({ service: 'returns' }), agent, 'A', 'self'],
    ['another service is another actor', says({ service: 'checkout' }), agent, null, 'peer'],
    [
      'the default of an SDK declares nothing',
      says({ service: 'unknown_service:node' }),
      agent,
      'A',
      'self',
    ],
    ['the agent name decides', says({ declaredName: 'returns', service: 'x' }), agent, 'A', 'self'],
    [
      'a key of one agent cannot speak for another',
      says({ declaredName: 'billing' }),
      agent,
      null,
      'peer',
    ],
    [
      'the program of a coding agent is whose key it has',
      says({ service: 'codex_exec' }),
      agent,
      'A',
      'self',
    ],
    [
      'a program beside another name is that other',
      says({ declaredName: 'billing', declaredId: 'claude-code' }),
      agent,
      null,
      'peer',
    ],
    [
      'a program is nobody to a collector',
      says({ service: 'claude-code' }),
      anyCollector,
      null,
      'peer',
    ],
    ['an unknown name is shadow', says({ declaredName: 'ghost' }), agent, null, 'peer'],
    [
      'a collector speaks for whom it may',
      says({ declaredName: 'returns' }),
      collector,
      'A',
      'peer',
    ],
    ['a collector by the service name', says({ service: 'returns' }), collector, 'A', 'peer'],
    [
      'the agent name goes before the service',
      says({ declaredName: 'ghost', service: 'returns' }),
      collector,
      null,
      'peer',
    ],
    [
      'a collector may not speak for others',
      says({ declaredName: 'billing' }),
      collector,
      null,
      'peer',
    ],
    [
      'a collector of all speaks for any registered',
      says({ declaredName: 'billing' }),
      anyCollector,
      'B',
      'peer',
    ],
    ['but not for the unregistered', says({ declaredName: 'ghost' }), anyCollector, null, 'peer'],
    [
      'a service nobody registered, by a collector',
      says({ service: 'ghost' }),
      collector,
      null,
      'peer',
    ],
    ['a collector of itself', says({ service: 'collector' }), collector, 'C', 'self'],
    ['a collector with nothing declared', says({}), collector, 'C', 'self'],
    [
      'names of every object are no names',
      says({ declaredName: 'constructor' }),
      anyCollector,
      null,
      'peer',
    ],
  ])('%s', (_name, declaration, reporter, identity, vantage) => {
    const attribution = attribute(declaration, reporter, byName);
    expect(attribution).toMatchObject({ identity, vantage });
    expect(attribution.fingerprint === null).toBe(identity !== null);
  });

  it('the fingerprint tells declarations apart and not reporters', () => {
    const ghost = says({ declaredName: 'ghost' });
    expect(attribute(ghost, agent, byName).fingerprint).toEqual(
      attribute(ghost, collector, byName).fingerprint,
    );
    expect(fingerprintOf(ghost)).not.toEqual(fingerprintOf(says({ declaredId: 'ghost' })));
    expect(fingerprintOf(ghost)).toHaveLength(16);
  });
});
