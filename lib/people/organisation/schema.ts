import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { Reason } from '../reason';
import { OrganisationName, TimeZone } from '../schema';

export const contentPolicies = ['keep', 'redact', 'digest'] as const;
export const ContentRule = z.enum(contentPolicies, 'Choose what is kept of content.');
export type ContentRule = z.infer<typeof ContentRule>;

export const retentionDaysMax = 36_500;
const days = (what: string) =>
  z
    .number(`${what} are a whole number of days.`)
    .int(`${what} are a whole number of days.`)
    .min(1, `${what} are one day at least.`)
    .max(retentionDaysMax, `${what} are ${retentionDaysMax.toLocaleString('en-GB')} days at most.`);

export const Organisation = z.strictObject({ organisation: OrganisationName, timeZone: TimeZone });
export type Organisation = z.infer<typeof Organisation>;

export const Keeping = z.strictObject({
  content: ContentRule,
  retentionBodyDays: days('Days of content'),
  retentionFactsDays: days('Days of facts'),
});
export type Keeping = z.infer<typeof Keeping>;

/** Content without the facts of what it belongs to would be nobody's. */
const isOrdered = ({ retentionBodyDays, retentionFactsDays }: Keeping) =>
  retentionBodyDays <= retentionFactsDays;

/** `before` is what the page showed: where that is no longer so, nothing is changed. */
export const ChangeOrganisation = z.strictObject({
  before: z.strictObject({ organisation: z.string(), timeZone: z.string() }),
  after: Organisation,
  reason: Reason,
});
export type ChangeOrganisation = z.infer<typeof ChangeOrganisation>;

export const ChangeKeeping = z.strictObject({
  before: Keeping,
  after: Keeping.refine(isOrdered, 'Content is kept no longer than facts.'),
  reason: Reason,
  /** Whoever lowers retention was shown what it removes, and said yes. */
  isRemovalConfirmed: z.boolean(),
});
export type ChangeKeeping = z.infer<typeof ChangeKeeping>;

export type Settings = Organisation & Keeping;

/** Whether something that is kept today would not be kept after. */
export const isLower = (before: Keeping, after: Keeping): boolean =>
  after.retentionBodyDays < before.retentionBodyDays ||
  after.retentionFactsDays < before.retentionFactsDays;

/** What the next run of retention would remove. Bytes are of the whole days. */
export type Removal = {
  bodyDays: number;
  bodyBytes: number;
  factDays: number;
  factBytes: number;
  /** Refused items, which go with content. */
  quarantined: number;
};

export type SettingsResult = Acted<string>;
export type SettingsAction = (
  last: SettingsResult | null,
  form: FormData,
) => Promise<SettingsResult>;
