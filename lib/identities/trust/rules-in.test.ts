import { expect, test } from 'vitest';
import { rulesIn } from './rules-in';
import { TrustRules } from './schema';

test('what a form says is what is set, and what is no number is refused', () => {
  const form = new FormData();
  form.set('probation.needsOwner', 'yes');
  form.set('probation.observedDays', ' 2 ');
  form.set('trusted.probationDays', '30');
  form.set('trusted.bearerFreeDays', '0');
  form.set('trusted.needsTwoProofs', 'yes');
  expect(rulesIn(form)).toEqual({
    probation: {
      ...{ needsOwner: true, needsSponsor: false, needsPurpose: false, needsZone: false },
      ...{ needsProof: false, observedDays: 2 },
    },
    trusted: {
      ...{ probationDays: 30, bearerFreeDays: 0, needsExpects: false, needsTwoProofs: true },
    },
  });
  form.set('trusted.probationDays', '');
  expect(TrustRules.safeParse(rulesIn(form)).error?.issues[0]?.message).toBe('Say how many days.');
  expect(TrustRules.safeParse(rulesIn(new FormData(), 'before.')).success).toBe(false);
});
