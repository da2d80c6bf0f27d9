import { z } from 'zod';

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
