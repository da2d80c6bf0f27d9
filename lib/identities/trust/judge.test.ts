import { describe, expect, test } from 'vitest';
import { judgeTrust, type TrustFacts } from './judge';
import { TrustRules } from './schema';

const now = new Date('2026-11-30T12:00:00Z');
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);
const rules = TrustRules.parse({});
const fit: TrustFacts = {
  level: 'observed',
  levelAt: ago(5),
  hasOwner: true,
  hasSponsor: true,
  hasPurpose: true,
  hasZone: true,
  expects: 2,
  classes: ['held'],
  firstSeenAt: ago(5),
  bearerUsedAt: null,
};
const probation: TrustFacts = { ...fit, level: 'probation', levelAt: ago(15) };
const trusted: TrustFacts = { ...fit, level: 'trusted', levelAt: ago(1) };
const lacksOf = (facts: TrustFacts, by = rules) =>
  judgeTrust(facts, by, now).missing.map(({ lack }) => lack);

describe('trust', () => {
  test('rises one level at a time, and stays where nothing is missing', () => {
    expect(judgeTrust(fit, rules, now)).toMatchObject({ level: 'probation', next: 'trusted' });
    expect(judgeTrust(probation, rules, now)).toEqual({
      level: 'trusted',
      next: null,
      missing: [],
    });
    expect(judgeTrust(trusted, rules, now).level).toBe('trusted');
  });

  test.each<[string, Partial<TrustFacts>, string]>([
    ['an owner', { hasOwner: false }, 'owner'],
    ['a sponsor', { hasSponsor: false }, 'sponsor'],
    ['a purpose', { hasPurpose: false }, 'purpose'],
    ['a zone', { hasZone: false }, 'zone'],
    ['any proof', { classes: [] }, 'proof'],
    ['a proof but a secret', { classes: ['bearer'] }, 'proof'],
    ['a proof but a network', { classes: ['placed', 'bearer'] }, 'proof'],
    ['being seen', { firstSeenAt: null }, 'observed_days'],
    ['being seen for three days', { firstSeenAt: ago(2.9) }, 'observed_days'],
    ['three days since it fell', { levelAt: ago(1) }, 'observed_days'],
  ])('without %s stays observed', (_what, change, lack) => {
    expect(judgeTrust({ ...fit, ...change }, rules, now).level).toBe('observed');
    expect(lacksOf({ ...fit, ...change })).toEqual([lack]);
  });

  test.each<[string, Partial<TrustFacts>, string]>([
    ['fourteen days', { levelAt: ago(13.9) }, 'probation_days'],
    ['being free of secrets', { bearerUsedAt: ago(13) }, 'bearer_used'],
    ['what it is expected to act on', { expects: 0 }, 'expects'],
  ])('without %s stays on probation', (_what, change, lack) => {
    expect(judgeTrust({ ...probation, ...change }, rules, now).level).toBe('probation');
    expect(lacksOf({ ...probation, ...change })).toEqual([lack]);
  });

  test('falls as far as the facts say', () => {
    expect(judgeTrust({ ...trusted, bearerUsedAt: ago(1) }, rules, now).level).toBe('probation');
    expect(judgeTrust({ ...trusted, hasOwner: false }, rules, now).level).toBe('observed');
    // Being seen was earned before, and is not asked again.
    expect(judgeTrust({ ...trusted, firstSeenAt: null }, rules, now).level).toBe('trusted');
  });

  test('says when waiting is all that it takes', () => {
    expect(
      judgeTrust({ ...fit, firstSeenAt: ago(1), levelAt: ago(9) }, rules, now).missing,
    ).toEqual([{ lack: 'observed_days', at: ago(-2) }]);
  });

  test('goes by what the organisation asks for', () => {
    const lax = TrustRules.parse({
      probation: { needsOwner: false, needsProof: false, observedDays: 0 },
      trusted: { probationDays: 0, bearerFreeDays: 0, needsExpects: false },
    });
    const bare = { ...fit, hasOwner: false, classes: [], firstSeenAt: null, bearerUsedAt: now };
    expect(judgeTrust(bare, lax, now).level).toBe('probation');
    expect(judgeTrust({ ...bare, level: 'probation' }, lax, now).level).toBe('trusted');
    const strict = TrustRules.parse({ trusted: { needsTwoProofs: true } });
    expect(lacksOf(probation, strict)).toEqual(['two_proofs']);
    expect(lacksOf({ ...probation, classes: ['held', 'placed'] }, strict)).toEqual([]);
  });
});
