import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';

/**
 * What an identity can prove itself with. `placement` proves nothing by itself: it is the network that a proof by
 * certificate must come from to count as a second one.
 */
export const credentialKinds = [
  'x509_svid',
  'certificate',
  'jwt_svid',
  'federated',
  'public_key',
  'placement',
  'client_secret',
  'ingest_key',
] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/**
 * `held`: shows that it holds a key. `vouched`: a platform or issuer attests the workload. `placed`: comes from a
 * listed workload network. `bearer`: whoever has the secret is it.
 */
export const proofClasses = ['held', 'vouched', 'placed', 'bearer'] as const;
export type ProofClass = (typeof proofClasses)[number];

export const classOf: Record<CredentialKind, ProofClass> = {
  x509_svid: 'held',
  certificate: 'held',
  jwt_svid: 'vouched',
  federated: 'vouched',
  public_key: 'held',
  placement: 'placed',
  client_secret: 'bearer',
  ingest_key: 'bearer',
};

/** What of a certificate of an uploaded authority names its holder (RFC 8705, section 2.1.2). */
export const certificateMatches = [
  'san_uri',
  'san_dns',
  'san_email',
  'subject',
  'thumbprint',
] as const;
export const CertificateRule = z.strictObject({
  match: z.enum(certificateMatches),
  /** Compared to the letter; a thumbprint is SHA-256 of the DER, base64url (RFC 8705, section 3.1). */
  value: z.string().min(1).max(2048),
});
export type CertificateRule = z.infer<typeof CertificateRule>;

/** A public key (RFC 7517), without anything private in it. */
export const PublicKeyRule = z.strictObject({ jwk: z.record(z.string(), z.unknown()) });
export type PublicKeyRule = z.infer<typeof PublicKeyRule>;

/** What a federated token must say: this audience, and of each claim one of these values. */
export const FederatedRule = z.strictObject({
  audience: z.string().min(1).max(2048),
  claims: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256),
        values: z.array(z.string().min(1).max(2048)).min(1).max(50),
      }),
    )
    .min(1)
    .max(20),
});
export type FederatedRule = z.infer<typeof FederatedRule>;

/** Bearer secrets and keys: so many live ones of a kind at most, so that one is replaced without a gap. */
export const LIVE_MAX = 2;
/** Of all kinds together. */
export const CREDENTIALS_MAX = 50;
export const credentialDaysMax = 366;
export const bearerDaysMax = 90;
export const daysMaxOf = (kind: CredentialKind): number =>
  classOf[kind] === 'bearer' ? bearerDaysMax : credentialDaysMax;
export const isCounted = (kind: CredentialKind): boolean =>
  classOf[kind] === 'bearer' || kind === 'public_key';

const daysUpTo = (max: number, given: number) =>
  z
    .number('A credential lives whole days.')
    .int('A credential lives whole days.')
    .min(1, 'A credential lives one day at least.')
    .max(max, `This kind of credential lives ${max} days at most.`)
    .default(given);
const BearerDays = daysUpTo(bearerDaysMax, 30);
const Days = daysUpTo(credentialDaysMax, 90);

/** What people call it; may be empty. */
const Label = z
  .string()
  .trim()
  .max(80, 'A name has 80 characters at most.')
  .refine(
    (text) => text === '' || singleLine.test(text),
    'A name is one line of visible characters.',
  )
  .default('');

const certificateValueMax = 2000;
const CertificateValue = z
  .string('Say what the certificate shows.')
  .trim()
  .min(1, 'Say what the certificate shows.')
  .max(certificateValueMax, 'What a certificate shows has 2,000 characters at most.')
  .regex(singleLine, 'What a certificate shows is one line of visible characters.');
export const publicKeyTextMax = 16_384;
const PublicKeyText = z
  .string('Give a public key.')
  .trim()
  .min(1, 'Give a public key.')
  .max(publicKeyTextMax, 'A public key has 16 kB at most.');

const ClaimText = z
  .string('Say what the token must say.')
  .min(1, 'What a token must say is not empty.')
  .max(2048, 'What a token must say has 2,048 characters at most.')
  .regex(singleLine, 'What a token must say is one line of visible characters.');

const ofIdentity = { name: Label, days: Days };
/** What an identity is given to prove itself with, by its kind. */
export const NewCredential = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('x509_svid'),
      ...ofIdentity,
      anchorId: z.guid('Choose a trust domain.'),
      spiffeId: z
        .string('Give a SPIFFE id.')
        .trim()
        .max(2048, 'A SPIFFE id has 2,048 bytes at most.'),
    }),
    z.strictObject({
      kind: z.literal('jwt_svid'),
      ...ofIdentity,
      anchorId: z.guid('Choose a trust domain.'),
      spiffeId: z
        .string('Give a SPIFFE id.')
        .trim()
        .max(2048, 'A SPIFFE id has 2,048 bytes at most.'),
    }),
    z.strictObject({
      kind: z.literal('certificate'),
      ...ofIdentity,
      anchorId: z.guid('Choose an authority.'),
      match: z.enum(certificateMatches, 'Choose what of the certificate names its holder.'),
      value: CertificateValue,
    }),
    z.strictObject({
      kind: z.literal('federated'),
      ...ofIdentity,
      issuerId: z.guid('Choose an issuer.'),
      audience: ClaimText,
      claims: z
        .array(
          z.strictObject({
            name: ClaimText.max(256, 'The name of a claim has 256 characters at most.'),
            values: z
              .array(ClaimText)
              .min(1, 'Say which values of a claim are taken.')
              .max(50, 'A claim has 50 values at most.'),
          }),
        )
        .min(1, 'Say which claims the token must have.')
        .max(20, 'A rule has 20 claims at most.'),
    }),
    z.strictObject({ kind: z.literal('public_key'), ...ofIdentity, key: PublicKeyText }),
    z.strictObject({
      kind: z.literal('placement'),
      ...ofIdentity,
      networkId: z.guid('Choose a network.'),
    }),
    z.strictObject({
      kind: z.literal('client_secret'),
      name: Label,
      days: BearerDays,
      /** Why nothing better will do. */
      reason: Reason,
    }),
    z.strictObject({ kind: z.literal('ingest_key'), name: Label, days: BearerDays }),
  ],
  'Choose what it proves itself with.',
);
export type NewCredential = z.input<typeof NewCredential>;
export type ParsedCredential = z.output<typeof NewCredential>;

export const RegisterCredential = z.object({
  identityId: z.guid('Choose an identity.'),
  credential: NewCredential,
});
export type RegisterCredential = z.input<typeof RegisterCredential>;

export const rotationHours = 24;
export const rotationHoursMax = 30 * 24;
export const RotateCredential = z.strictObject({
  credentialId: z.guid(),
  days: z
    .number('A credential lives whole days.')
    .int('A credential lives whole days.')
    .min(1, 'A credential lives one day at least.')
    .max(credentialDaysMax, `A credential lives ${credentialDaysMax} days at most.`),
  /** For how long the one of before goes on working. */
  overlapHours: z
    .number('The overlap is a whole number of hours.')
    .int('The overlap is a whole number of hours.')
    .min(0, 'The overlap is not negative.')
    .max(rotationHoursMax, 'The overlap is 30 days at most.')
    .default(rotationHours),
  /** The successor of a registered key. */
  key: PublicKeyText.optional(),
  /** What the next certificate shows, where that is something else. */
  value: CertificateValue.optional(),
  reason: Reason,
});
export type RotateCredential = z.input<typeof RotateCredential>;

export const IssueClientSecret = z.strictObject({
  identityId: z.guid('Choose an identity.'),
  name: Label,
  days: BearerDays,
  reason: Reason,
});
export type IssueClientSecret = z.input<typeof IssueClientSecret>;

/** A secret is shown here and never again. */
export type RegisteredCredential = {
  credentialId: string;
  kind: CredentialKind;
  expiresAt: Date;
  secret: string | null;
};

export type CredentialAction = (
  last: Acted<RegisteredCredential> | null,
  form: FormData,
) => Promise<Acted<RegisteredCredential>>;

/** What credentials can refer to: those that are believed, and the networks that have names. */
export type CredentialChoices = {
  anchors: {
    id: string;
    kind: 'ca' | 'spiffe' | 'development';
    name: string;
    trustDomain: string | null;
    hasCertificates: boolean;
    hasJwtKeys: boolean;
  }[];
  issuers: { id: string; name: string; issuer: string }[];
  networks: { id: string; name: string }[];
};

/** A secret that is shown here and never again. */
export type IssuedKey = { credentialId: string; ingestKey: string; expiresAt: Date };
