import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto as Crypto); // `as`: Node's own type of the same thing

export { Extension };

export type Issued = {
  der: Buffer;
  pem: string;
  keyPem: string;
  subject: string | Record<string, string[]>[];
  keys: CryptoKeyPair;
};

export type CertificateOptions = {
  /** A list of parts for what cannot be told in a text. */
  subject?: string | Record<string, string[]>[];
  /** Without one it is signed by itself. */
  issuer?: Issued;
  isCa?: boolean;
  pathLen?: number;
  uris?: string[];
  dns?: string[];
  emails?: string[];
  ips?: string[];
  /** Object identifiers; null leaves the extension out. */
  extendedKeyUsage?: string[] | null;
  /** Null leaves the extension out. */
  keyUsage?: number | null;
  isKeyUsageCritical?: boolean;
  notBefore?: Date;
  notAfter?: Date;
  extensions?: Extension[];
  /** Of its own key. */
  algorithm?: EcKeyGenParams | RsaHashedKeyGenParams;
  /** Of the signature on it. */
  hash?: 'SHA-1' | 'SHA-256' | 'SHA-384';
  keys?: CryptoKeyPair;
};

export const clientAuth = '1.3.6.1.5.5.7.3.2';
export const serverAuth = '1.3.6.1.5.5.7.3.1';
export const usage = KeyUsageFlags;
const p256: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };

export const newKeys = (algorithm: EcKeyGenParams | RsaHashedKeyGenParams = p256) =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>; // `as`: both make pairs

/** A certificate as an authority of the tests issues it: of a client, unless it is said what is odd about it. */
export async function issueCertificate(options: CertificateOptions = {}): Promise<Issued> {
  const { isCa = false, issuer } = options;
  const subject = options.subject ?? (isCa ? 'CN=Test authority' : 'CN=workload');
  const keys = options.keys ?? (await newKeys(options.algorithm));
  const now = Date.now();
  const signer = issuer?.keys ?? keys;
  const { name } = signer.privateKey.algorithm;
  // The salt is for RSA-PSS alone.
  const signingAlgorithm = { name, hash: options.hash ?? 'SHA-256', saltLength: 32 };
  const certificate = await X509CertificateGenerator.create({
    serialNumber: `7${randomBytes(15).toString('hex').slice(1)}`,
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: options.notBefore ?? new Date(now - 3_600_000),
    notAfter: options.notAfter ?? new Date(now + 86_400_000),
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    extensions: extensionsOf(isCa, options),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    der: Buffer.from(certificate.rawData),
    pem: certificate.toString('pem'),
    keyPem: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
      .export({ format: 'pem', type: 'pkcs8' })
      .toString(),
    subject,
    keys,
  };
}

export const issueAuthority = (options: CertificateOptions = {}): Promise<Issued> =>
  issueCertificate({ isCa: true, ...options });

/** As a SPIFFE workload has it. */
export const issueSvid = (
  issuer: Issued,
  uri: string,
  options: CertificateOptions = {},
): Promise<Issued> => issueCertificate({ issuer, uris: [uri], ...options });

function extensionsOf(isCa: boolean, options: CertificateOptions): Extension[] {
  const { uris = [], dns = [], emails = [], ips = [], extendedKeyUsage, keyUsage } = options;
  const extensions: Extension[] = [new BasicConstraintsExtension(isCa, options.pathLen, true)];
  if (keyUsage !== null)
    extensions.push(
      new KeyUsagesExtension(
        keyUsage ?? (isCa ? usage.keyCertSign | usage.cRLSign : usage.digitalSignature),
        options.isKeyUsageCritical ?? true,
      ),
    );
  const purposes =
    extendedKeyUsage === undefined && !isCa ? [clientAuth, serverAuth] : extendedKeyUsage;
  if (purposes != null) extensions.push(new ExtendedKeyUsageExtension(purposes));
  const names = [
    ...uris.map((value) => ({ type: 'url' as const, value })),
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...emails.map((value) => ({ type: 'email' as const, value })),
    ...ips.map((value) => ({ type: 'ip' as const, value })),
  ];
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names));
  return [...extensions, ...(options.extensions ?? [])];
}
