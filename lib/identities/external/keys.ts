import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import type { SignatureAlgorithm, Verifier } from './schema';

const certificatesMax = 10;
const rsaBitsMin = 2048;
const refusal = (message: string) => new AppError('invalid_input', message);

/** Certificates in PEM, each a certificate authority's. Throws a sentence about the first that is none. */
export function readAuthority(pem: string): X509Certificate[] {
  if (pem.includes('PRIVATE KEY'))
    throw refusal('That is a private key. Paste certificates only, and consider the key known.');
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > certificatesMax)
    throw refusal(
      `An authority is one to ${certificatesMax} certificates in PEM, beginning with -----BEGIN CERTIFICATE-----.`,
    );
  return blocks.map((block, index) => {
    const certificate = readCertificate(block, index + 1);
    if (!certificate.ca)
      throw refusal(
        `Certificate ${index + 1} is not of an authority (CA). To trust one certificate alone, pin its key.`,
      );
    return certificate;
  });
}

function readCertificate(pem: string, number: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw refusal(`Certificate ${number} cannot be read.`);
  }
}

/** SHA-256 of the public key (SubjectPublicKeyInfo), base64. */
export const pinOf = ({ publicKey }: X509Certificate): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');

const whpk = /^whpk_([A-Za-z0-9+/]{43}=)$/;

/** SPKI in PEM, of a key that fits its algorithm. `whpk_` is how Standard Webhooks writes an Ed25519 key. */
export function readPublicKey(text: string, algorithm: SignatureAlgorithm, called: string): string {
  const written = text.trim();
  if (written.includes('PRIVATE KEY'))
    throw refusal(`${called}: that is a private key. Paste the public one, and consider it known.`);
  try {
    const key = createPublicKey(fromWebhooks(written) ?? written);
    if (fits(key, algorithm)) return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    throw refusal(
      `${called}: this is no public key in PEM, beginning with -----BEGIN PUBLIC KEY-----.`,
    );
  }
  throw refusal(`${called}: ${needs[algorithm]}`);
}

const needs: Record<SignatureAlgorithm, string> = {
  ed25519: 'ed25519 needs an Ed25519 key.',
  'ecdsa-p256-sha256': 'ecdsa-p256-sha256 needs a key on the curve P-256.',
  'rsa-pss-sha512': `rsa-pss-sha512 needs an RSA key of ${rsaBitsMin} bits or more.`,
};

function fits(
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: ReturnType<typeof createPublicKey>,
  algorithm: SignatureAlgorithm,
): boolean {
  switch (algorithm) {
    case 'ed25519':
      return type === 'ed25519';
    case 'ecdsa-p256-sha256':
      return type === 'ec' && details?.namedCurve === 'prime256v1';
    default:
      return (type === 'rsa' || type === 'rsa-pss') && (details?.modulusLength ?? 0) >= rsaBitsMin;
  }
}

function fromWebhooks(text: string) {
  const raw = whpk.exec(text)?.[1];
  if (raw === undefined) return null;
  const x = Buffer.from(raw, 'base64').toString('base64url');
  return { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' as const };
}

/** The same verifier with each key as it is stored. Throws a sentence about the first that does not fit. */
export function readVerifier(verifier: Verifier): Verifier {
  if (verifier.kind === 'standard_webhooks')
    return {
      ...verifier,
      keys: verifier.keys.map((key, index) => readPublicKey(key, 'ed25519', `Key ${index + 1}`)),
    };
  return {
    ...verifier,
    keys: verifier.keys.map((key) => ({
      ...key,
      publicKey: readPublicKey(key.publicKey, key.algorithm, `Key ${key.keyid}`),
    })),
  };
}
