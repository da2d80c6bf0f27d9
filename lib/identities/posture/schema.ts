import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';

export const postureKinds = ['boolean', 'integer', 'decimal', 'choice', 'text'] as const;
export type PostureKind = (typeof postureKinds)[number];

export const postureTypesMax = 100;
export const attestersMax = 100;
export const textMax = 200;
const longestMinutesMax = 366 * 24 * 60;

/** As policy will name it. */
export const PostureName = z
  .string('Name the fact.')
  .regex(
    /^[a-z][a-z0-9_]{0,59}$/,
    'A fact is named by 1 to 60 small letters, digits and underscores, and starts with a letter.',
  );

const Line = (what: string, max: number) =>
  z
    .string(`${what} is text.`)
    .trim()
    .min(1, `${what} is not empty.`)
    .max(max, `${what} has ${max} characters at most.`)
    .regex(singleLine, `${what} is one line of visible characters.`);

/** What can be said of the state an identity is in. Its kind stays what it is: policies rely on it. */
export const SetPostureType = z
  .strictObject({
    name: PostureName,
    type: z.enum(postureKinds, 'Choose of which type the fact is.'),
    choices: z
      .array(Line('A choice', textMax))
      .max(50, 'A fact has 50 choices at most.')
      .transform((choices) => [...new Set(choices)])
      .default([]),
    description: Line('The description', 300),
    longestMinutes: z
      .number('The longest validity is a number of minutes.')
      .int('The longest validity is whole minutes.')
      .min(1, 'The longest validity is one minute at least.')
      .max(longestMinutesMax, 'The longest validity is 366 days at most.'),
    /** Of the version that was looked at; null for a new one. */
    seenAt: z.iso.datetime().nullable(),
    reason: Reason,
  })
  .refine(({ type, choices }) => (type === 'choice') === choices.length > 0, {
    path: ['choices'],
    message: 'A choice has its choices, and nothing else has any.',
  });
export type SetPostureType = z.input<typeof SetPostureType>;

export const RemovePostureType = z.strictObject({
  name: PostureName,
  seenAt: z.iso.datetime(),
  reason: Reason,
});
export type RemovePostureType = z.input<typeof RemovePostureType>;

export const attesterReaches = ['all', 'identities', 'team'] as const;

/** Lets a service say some facts of all identities, of some, or of those of a team. */
export const SetAttester = z
  .strictObject({
    identityId: z.guid('Choose a service.'),
    facts: z
      .array(PostureName)
      .min(1, 'Choose one fact at least.')
      .max(postureTypesMax)
      .transform((names) => [...new Set(names)].sort()),
    reach: z.enum(attesterReaches, 'Choose of whom it may say it.'),
    /** Names of identities. */
    identities: z
      .array(z.string().trim().min(1).max(200))
      .max(500, 'An attester names 500 identities at most.')
      .transform((names) => [...new Set(names)])
      .default([]),
    teamId: z.guid('Choose a team.').nullable().default(null),
    seenAt: z.iso.datetime().nullable(),
    reason: Reason,
  })
  .refine(({ reach, identities }) => (reach === 'identities') === identities.length > 0, {
    path: ['identities'],
    message: 'Name the identities, one a line, or let it say it of all or of a team.',
  })
  .refine(({ reach, teamId }) => (reach === 'team') === (teamId !== null), {
    path: ['teamId'],
    message: 'Choose the team, or let it say it of all or of some identities.',
  });
export type SetAttester = z.input<typeof SetAttester>;

export const RemoveAttester = z.strictObject({
  identityId: z.guid(),
  seenAt: z.iso.datetime(),
  reason: Reason,
});
export type RemoveAttester = z.input<typeof RemoveAttester>;

export type PostureType = {
  name: string;
  type: PostureKind;
  choices: readonly string[];
  description: string;
  longestMinutes: number;
  changedAt: Date;
};

export type AttesterRule = {
  identity: string;
  facts: readonly string[];
  reach: (typeof attesterReaches)[number];
  identities: readonly string[];
  team: string | null;
};

export const attestedFactsMax = 50;

/**
 * What an attester posts. The facts are looked at one by one against their types, so that each that is wrong gets a
 * sentence: see `judge.ts`.
 */
export const AttestPosture = z.strictObject({
  facts: z
    .record(
      z.string(),
      z.strictObject(
        {
          value: z.union([z.boolean(), z.number(), z.string()], {
            error: 'The value is true or false, a number or text.',
          }),
          measured_at: z.iso.datetime({
            offset: true,
            error: 'measured_at is a time like 2026-11-30T08:00:00Z.',
          }),
          /** The longest of its type where it is left out. */
          valid_for_minutes: z
            .number('valid_for_minutes is a number.')
            .int('valid_for_minutes is whole minutes.')
            .min(1, 'valid_for_minutes is one at least.')
            .max(longestMinutesMax, 'valid_for_minutes is 527,040 at most.')
            .optional(),
        },
        'A fact is {"value", "measured_at", "valid_for_minutes"}.',
      ),
      'facts is an object: the name of each fact, and what is said of it.',
    )
    .refine((facts) => Object.keys(facts).length > 0, 'Say one fact at least.')
    .refine(
      (facts) => Object.keys(facts).length <= attestedFactsMax,
      `Say ${attestedFactsMax} facts at most at once.`,
    ),
});
export type AttestPosture = z.input<typeof AttestPosture>;
export type SaidFact = z.output<typeof AttestPosture>['facts'][string];

/** A fact that holds now. A decimal is its digits, as policy reads it. */
export type PostureFact = {
  name: string;
  value: boolean | number | string;
  measuredAt: Date;
  until: Date;
  /** The id of the identity that said so. */
  source: string;
};

export const factNameOf = (name: string) => `posture.${name}`;
export const subjectOf = (identity: string) => `identity:${identity}`;

export type PostureAction = (last: Acted<string> | null, form: FormData) => Promise<Acted<string>>;
