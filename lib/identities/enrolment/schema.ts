import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { Reason } from '@/lib/people/reason';
import { LineName } from '@/lib/people/schema';
import { DeclaredName, IdentityName } from '../schema';
import { scriptsOf } from './skeleton';

/** Strangers ask, so everything is bounded; the database holds the first three too. */
export const enrolmentBounds = {
  openMax: 20,
  perAddressMax: 5,
  livesMs: 24 * 3_600_000,
  bodyBytesMax: 16 * 1024,
  namesMax: 10,
} as const;
/** How long what ended is kept. */
export const endedKeptMs = 90 * 86_400_000;

/** An `external_api` proves itself the other way round and asks for nothing. */
export const enrollingKinds = ['agent', 'daemon', 'service'] as const;
export type EnrollingKind = (typeof enrollingKinds)[number];

export const enrolmentType = 'sallyport-enrolment+jwt';
/** What an accepted key may prove itself with; symmetric ones and `none` never. */
export const enrolmentAlgorithms = [
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  ...['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'],
];
/** Seconds that a clock may be off. */
export const proofAgeMax = 60;

const line = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/** What a workload says of itself: the claims of what it signs. */
export const EnrolmentClaims = z.object({
  name: IdentityName,
  kind: z.enum(enrollingKinds, `kind is one of ${enrollingKinds.join(', ')}.`),
  purpose: z
    .string('purpose is text.')
    .max(1000, 'purpose has 1,000 characters at most.')
    .regex(line, 'purpose is one line of text.')
    .default(''),
  names: z
    .array(
      DeclaredName.refine((name) => scriptsOf(name).length <= 1, {
        message: 'A further name is of one script: letters of two look like each other.',
      }),
      'names is a list of further names, such as that of its service.',
    )
    .max(enrolmentBounds.namesMax, `names has ${enrolmentBounds.namesMax} entries at most.`)
    .default([]),
  code: z.string('code is text.').min(1).max(128, 'code is an enrolment code.').optional(),
  jti: z
    .string('jti is missing: a random text, another one each time.')
    .min(8, 'jti is a random text of 8 characters at least.')
    .max(256, 'jti has 256 characters at most.'),
});
export type EnrolmentClaims = z.infer<typeof EnrolmentClaims>;

/** Why a workload is not let ask. Closed: it stands in the log. */
export const enrolmentRefusals = [
  'off',
  'malformed',
  'too_large',
  'invalid_proof',
  'wrong_audience',
  'stale',
  'replayed',
  'not_invited',
  'code_unknown',
  'code_ended',
  'code_used_up',
  'too_many_open',
  'too_many_from_address',
  'key_asks_already',
  'key_registered',
  'key_revoked',
  'name_taken',
] as const;
export type EnrolmentRefusal = (typeof enrolmentRefusals)[number];

export const enrolmentStates = ['open', 'accepted', 'refused', 'expired'] as const;
export type EnrolmentState = (typeof enrolmentStates)[number];

/** One that asks, as people decide about it. */
export type Enrolment = {
  id: string;
  state: EnrolmentState;
  kind: EnrollingKind;
  name: string;
  names: readonly string[];
  purpose: string;
  /** As stored; never shown as a whole. */
  keyType: string;
  thumbprint: string;
  address: string;
  network: string | null;
  code: { id: string; name: string; hint: string } | null;
  team: { id: string; name: string } | null;
  zone: { id: string; name: string } | null;
  askedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
  decidedBy: string | null;
  reason: string | null;
  identity: { id: string; name: string } | null;
};

export const codeHours = 24;
export const codeHoursMax = 30 * 24;
export const codesMax = 50;

export const SwitchEnrolment = z.strictObject({ on: z.boolean(), reason: Reason });
export type SwitchEnrolment = z.input<typeof SwitchEnrolment>;

export const MakeEnrolmentCode = z.strictObject({
  name: LineName,
  teamId: z.guid('Choose a team.'),
  zoneId: z.guid('Choose a zone.'),
  uses: z
    .number('How often it may be used is a whole number.')
    .int('How often it may be used is a whole number.')
    .min(1, 'A code is used once at least.')
    .max(100, 'A code is used 100 times at most.'),
  hours: z
    .number('A code lives whole hours.')
    .int('A code lives whole hours.')
    .min(1, 'A code lives one hour at least.')
    .max(codeHoursMax, 'A code lives 30 days at most.'),
  reason: Reason,
});
export type MakeEnrolmentCode = z.input<typeof MakeEnrolmentCode>;

export const RevokeEnrolmentCode = z.strictObject({ id: z.guid(), reason: Reason });
export type RevokeEnrolmentCode = z.input<typeof RevokeEnrolmentCode>;

export const ListEnrolmentNetwork = z.strictObject({
  networkId: z.guid('Choose a network.'),
  teamId: z.guid('Choose a team.'),
  zoneId: z.guid('Choose a zone.'),
  reason: Reason,
});
export type ListEnrolmentNetwork = z.input<typeof ListEnrolmentNetwork>;

export const UnlistEnrolmentNetwork = z.strictObject({ id: z.guid(), reason: Reason });
export type UnlistEnrolmentNetwork = z.input<typeof UnlistEnrolmentNetwork>;

export const RefuseEnrolment = z.strictObject({ id: z.guid(), reason: Reason });
export type RefuseEnrolment = z.input<typeof RefuseEnrolment>;

export const AcceptEnrolment = z.strictObject({
  id: z.guid(),
  ownerId: z.guid('Choose who answers for it.'),
  sponsorId: z.guid('Choose who wants it to be there.'),
  teamId: z.guid('Choose a team.'),
  zoneId: z.guid('Choose a zone.'),
  reason: Reason,
});
export type AcceptEnrolment = z.input<typeof AcceptEnrolment>;

/** The code is shown here and never again. */
export type MadeEnrolmentCode = { id: string; name: string; code: string; expiresAt: Date };
export type MadeCodeResult = Acted<MadeEnrolmentCode>;
export type MakeCodeAction = (
  last: MadeCodeResult | null,
  form: FormData,
) => Promise<MadeCodeResult>;

export type EnrolmentCode = {
  id: string;
  name: string;
  hint: string;
  team: string | null;
  zone: string | null;
  uses: number;
  usesMax: number;
  maker: string;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
};

/** Who is let ask. */
export type EnrolmentOpening = {
  isOn: boolean;
  codes: readonly EnrolmentCode[];
  networks: readonly {
    id: string;
    name: string;
    cidrs: readonly string[];
    team: string | null;
    zone: string | null;
  }[];
};
