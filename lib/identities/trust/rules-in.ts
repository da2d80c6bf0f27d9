import type { TrustRules } from './schema';

/** The fields of a form hold rules under these names. */
export const fieldOf = (level: keyof TrustRules, name: string, prefix = ''): string =>
  `${prefix}${level}.${name}`;

/** What a form says, as it stands; what is no number is none, and is refused by the schema. */
export function rulesIn(form: FormData, prefix = ''): TrustRules {
  const has = (level: keyof TrustRules, name: string) => form.has(fieldOf(level, name, prefix));
  const days = (level: keyof TrustRules, name: string) => {
    const written = String(form.get(fieldOf(level, name, prefix)) ?? '').trim();
    return written === '' ? Number.NaN : Number(written);
  };
  return {
    probation: {
      needsOwner: has('probation', 'needsOwner'),
      needsSponsor: has('probation', 'needsSponsor'),
      needsPurpose: has('probation', 'needsPurpose'),
      needsZone: has('probation', 'needsZone'),
      needsProof: has('probation', 'needsProof'),
      observedDays: days('probation', 'observedDays'),
    },
    trusted: {
      probationDays: days('trusted', 'probationDays'),
      bearerFreeDays: days('trusted', 'bearerFreeDays'),
      needsExpects: has('trusted', 'needsExpects'),
      needsTwoProofs: has('trusted', 'needsTwoProofs'),
    },
  };
}
