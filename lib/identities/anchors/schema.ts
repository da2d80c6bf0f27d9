import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';
import { LineName } from '@/lib/people/schema';

export const anchorKinds = ['ca', 'spiffe', 'development'] as const;
export type AnchorKind = (typeof anchorKinds)[number];

export const certificatesMax = 50;
export const jwtKeysMax = 100;
/** Characters of what is uploaded. */
export const pemMax = 65_536;
export const bundleMax = 262_144;

const Text = (max: number, what: string) =>
  z
    .string(`Give ${what}.`)
    .trim()
    .min(1, `Give ${what}.`)
    .max(max, `What is uploaded has ${max / 1024} kB at most.`);
const Pem = Text(pemMax, 'the certificates of the authority');
const Bundle = Text(bundleMax, 'the bundle of the trust domain');
const TrustDomain = z
  .string('Give a trust domain.')
  .trim()
  .min(1, 'Give a trust domain.')
  .max(255, 'A trust domain has 255 characters at most.')
  .regex(singleLine, 'A trust domain is one line of visible characters.');

export const AddAnchor = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('ca'), name: LineName, text: Pem, reason: Reason }),
    z.strictObject({
      kind: z.literal('spiffe'),
      name: LineName,
      trustDomain: TrustDomain,
      text: Bundle,
      reason: Reason,
    }),
  ],
  'An authority is a certificate authority or a SPIFFE trust domain.',
);
export type AddAnchor = z.input<typeof AddAnchor>;

export const ChangeAnchor = z.strictObject({
  anchorId: z.guid(),
  text: Text(bundleMax, 'what takes the place of what is there'),
  /** What was believed before goes on beside it, until it is taken away. */
  keepsFormer: z.boolean(),
  reason: Reason,
});
export type ChangeAnchor = z.input<typeof ChangeAnchor>;

export const TrimAnchor = z.strictObject({
  anchorId: z.guid(),
  /** SHA-256 of certificates, in hexadecimal. */
  certificates: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(certificatesMax),
  /** Ids of keys for tokens. */
  keys: z.array(z.string().max(1024)).max(jwtKeysMax),
  reason: Reason,
});
export type TrimAnchor = z.input<typeof TrimAnchor>;

export const RevokeAnchor = z.strictObject({ anchorId: z.guid(), reason: Reason });
export type RevokeAnchor = z.input<typeof RevokeAnchor>;

/** A certificate as people compare it before they believe it. */
export type ShownCertificate = {
  subject: string;
  /** SHA-256 of the DER, in hexadecimal. */
  fingerprint: string;
  notBefore: Date;
  notAfter: Date;
};
export type ShownKey = { kid: string; what: string };

/** What was uploaded, once it was read. */
export type ReadAnchor = {
  certificates: { der: Uint8Array<ArrayBuffer>; shown: ShownCertificate }[];
  jwtKeys: Record<string, string>[];
  sequence: number | null;
  refreshHintSeconds: number | null;
  /** What of it is left out, in sentences. */
  notes: string[];
};
/** The same as a page shows it. */
export type AnchorPreview = {
  certificates: ShownCertificate[];
  keys: ShownKey[];
  sequence: number | null;
  notes: string[];
};
export type PreviewAction = (form: FormData) => Promise<Acted<AnchorPreview>>;
