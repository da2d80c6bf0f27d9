import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { developmentDomain } from './schema';

cryptoProvider.set(webcrypto as Crypto); // `as`: Node's own type of the same thing

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const authorityMs = 10 * 365 * 86_400_000;
export const certificateMs = 24 * 3_600_000;
/** Clocks of containers are behind at times. */
const backdatedMs = 60_000;
const subject = 'CN=Sallyport development authority';

export type KeyPair = { publicKey: webcrypto.CryptoKey; privateKey: webcrypto.CryptoKey };
/** `certificate` is DER, `key` PKCS #8. */
export type Authority = { certificate: Uint8Array; key: Uint8Array };

export const newKeyPair = async (): Promise<KeyPair> =>
  // `as`: this algorithm makes pairs.
  (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as KeyPair;

export const privateKeyOf = async ({ privateKey }: KeyPair): Promise<Uint8Array> =>
  new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', privateKey));

/** A new authority: it signs itself, and may sign what is no authority itself (X.509-SVID, section 3.1). */
export async function makeAuthority(now: Date): Promise<Authority> {
  const keys = await newKeyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subject,
    notBefore: new Date(now.getTime() - backdatedMs),
    notAfter: new Date(now.getTime() + authorityMs),
    signingAlgorithm: signing,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new SubjectAlternativeNameExtension([
        { type: 'url', value: `spiffe://${developmentDomain}` },
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: new Uint8Array(certificate.rawData), key: await privateKeyOf(keys) };
}

export type Issued = { certificate: Uint8Array; expiresAt: Date };

/** An X.509-SVID: one SPIFFE id, no authority, for both ends of a connection (X.509-SVID, section 4). */
export const issueSvid = (
  authority: Authority,
  { spiffeId, publicKey, now }: { spiffeId: string; publicKey: webcrypto.CryptoKey; now: Date },
): Promise<Issued> =>
  issue(authority, {
    publicKey,
    now,
    extensions: [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'url', value: spiffeId }]),
    ],
  });

/** Of a server on this machine. */
export const issueServerCertificate = (
  authority: Authority,
  { publicKey, now }: { publicKey: webcrypto.CryptoKey; now: Date },
): Promise<Issued> =>
  issue(authority, {
    publicKey,
    now,
    extensions: [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  });

async function issue(
  authority: Authority,
  {
    publicKey,
    now,
    extensions,
  }: { publicKey: webcrypto.CryptoKey; now: Date; extensions: Extension[] },
): Promise<Issued> {
  const signingKey = await webcrypto.subtle.importKey('pkcs8', authority.key, algorithm, false, [
    'sign',
  ]);
  // Whole seconds: a certificate knows no smaller ones.
  const expiresAt = new Date(Math.floor((now.getTime() + certificateMs) / 1000) * 1000);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'O=Sallyport development',
    issuer: subject,
    notBefore: new Date(now.getTime() - backdatedMs),
    notAfter: expiresAt,
    signingAlgorithm: signing,
    publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ...extensions,
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return { certificate: new Uint8Array(certificate.rawData), expiresAt };
}

/** 127 random bits, positive (RFC 5280, section 4.1.2.2). */
const serialNumber = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
};

/** PEM of DER (RFC 7468). */
export const pemOf = (label: 'CERTIFICATE' | 'PRIVATE KEY', der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${label}-----\n`;
