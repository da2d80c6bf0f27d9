import { describe, expect, test } from 'vitest';
import type { TrustFacts } from './judge';
import { foretell } from './preview';
import { TrustRules } from './schema';

const now = new Date('2026-11-30T12:00:00Z');
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);
const rules = TrustRules.parse({});
const fit: TrustFacts = {
  level: 'observed',
  levelAt: ago(20),
  hasOwner: true,
  hasSponsor: true,
  hasPurpose: true,
  hasZone: true,
  expects: 1,
  classes: ['held'],
  firstSeenAt: ago(20),
  bearerUsedAt: null,
};

describe('what rules would come to', () => {
  test('is counted by where each would end', () => {
    const all: TrustFacts[] = [
      fit,
      { ...fit, level: 'probation' },
      { ...fit, level: 'trusted' },
      { ...fit, level: 'trusted', expects: 0 },
      { ...fit, level: 'trusted', hasOwner: false },
      { ...fit, level: 'probation', hasZone: false },
      { ...fit, hasZone: false },
    ];
    expect(foretell(all, rules, now)).toEqual({
      rise: { probation: 1, trusted: 1 },
      fall: { observed: 2, probation: 1 },
      stay: 2,
    });
  });

  test('goes up as far as nothing asks for waiting', () => {
    const atOnce = TrustRules.parse({ trusted: { probationDays: 0 } });
    expect(foretell([fit], atOnce, now).rise).toEqual({ probation: 0, trusted: 1 });
    const soon = TrustRules.parse({ trusted: { probationDays: 1 } });
    expect(foretell([fit], soon, now).rise).toEqual({ probation: 1, trusted: 0 });
  });

  test('of nobody is nothing', () => {
    expect(foretell([], rules, now)).toEqual({
      rise: { probation: 0, trusted: 0 },
      fall: { observed: 0, probation: 0 },
      stay: 0,
    });
  });
});
