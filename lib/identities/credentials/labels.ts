import type { CredentialNeed } from './address';
import type { CredentialState } from './listed';
import type { CredentialKind, certificateMatches, ProofClass } from './schema';

type KindLabel = {
  word: string;
  /** What it proves, and how strong that is. */
  proves: string;
};

export const credentialKindLabels: Record<CredentialKind, KindLabel> = {
  x509_svid: {
    word: 'X.509-SVID',
    proves:
      'Shows by mutual TLS that it holds the key of a short-lived certificate that SPIFFE issued. Held: strong, and renewed by itself.',
  },
  certificate: {
    word: 'Certificate',
    proves:
      'Shows by mutual TLS that it holds the key of a certificate of an authority of yours. Held: strong; as good as the care that authority takes.',
  },
  jwt_svid: {
    word: 'JWT-SVID',
    proves:
      'Shows a token in which SPIFFE attests the workload. Vouched: good for minutes; whoever copies it has it until then.',
  },
  federated: {
    word: 'Federated token',
    proves:
      'Shows a token in which a cluster, a build service or another issuer attests the workload. Vouched: good for minutes; whoever copies it has it until then.',
  },
  public_key: {
    word: 'Registered key',
    proves:
      'Signs a statement with a private key that never leaves it. Held: strong, as long as nobody else gets the key.',
  },
  placement: {
    word: 'Placement',
    proves:
      'Comes from a network of yours. Placed: proves nothing by itself, and lifts a certificate shown from there to assurance 2.',
  },
  client_secret: {
    word: 'Client secret',
    proves:
      'Knows a secret. Bearer: weak, since whoever has the secret is it. The last resort, where nothing better can be had.',
  },
  ingest_key: {
    word: 'Ingest key',
    proves: 'Knows a secret. Bearer: weak, since whoever has the key is it. Good to begin with.',
  },
};

export const proofClassLabels: Record<ProofClass, { word: string; says: string }> = {
  held: { word: 'Held', says: 'Shows that it holds a key' },
  vouched: { word: 'Vouched', says: 'A platform or issuer attests the workload' },
  placed: { word: 'Placed', says: 'Comes from a listed network' },
  bearer: { word: 'Bearer', says: 'Whoever has the secret is it' },
};

export const credentialStateLabels: Record<
  CredentialState,
  { word: string; tone: 'on' | 'wait' | 'off' | 'none' | 'bad' }
> = {
  active: { word: 'Active', tone: 'on' },
  lapsing: { word: 'Lapsing', tone: 'wait' },
  unbelieved: { word: 'Authority revoked', tone: 'bad' },
  expired: { word: 'Expired', tone: 'none' },
  revoked: { word: 'Revoked', tone: 'off' },
};

export const credentialNeedLabels: Record<CredentialNeed, string> = {
  ends7: 'End within 7 days',
  ends30: 'End within 30 days',
  ends90: 'End within 90 days',
  unused: 'Unused for 90 days',
  new_network: 'Used from a new network',
  bearer: 'Bearer secrets left',
};

export const certificateMatchLabels: Record<(typeof certificateMatches)[number], string> = {
  san_uri: 'URI name',
  san_dns: 'DNS name',
  san_email: 'E-mail name',
  subject: 'Subject',
  thumbprint: 'SHA-256 thumbprint',
};
