import type { KeyObject, X509Certificate } from 'node:crypto';
import { RsaSaPssParams } from '@peculiar/asn1-rsa';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  type AlgorithmIdentifier,
  BasicConstraints,
  Certificate as CertificateAsn,
  ExtendedKeyUsage,
  KeyUsage,
  KeyUsageFlags,
  type Name,
  NameConstraints,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import { ok, type Result, refused } from '@/lib/core/result';
import { isExponentBounded, isLengthFit, rsaBits } from '../rsa';

/** What is read of one certificate (RFC 5280, section 4), once its signature is known to hold. */
export type Certificate = {
  readonly raw: Buffer;
  /** As RFC 4514 writes it; empty where it has none. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly isCa: boolean;
  readonly pathLen: number | null;
  readonly keyUsage: { readonly isCritical: boolean; readonly bits: number } | null;
  readonly extendedKeyUsage: readonly string[] | null;
  readonly names: CertificateNames;
  readonly constraints: NameConstraints | null;
};

export type CertificateNames = {
  readonly uris: readonly string[];
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  /** Attributes of the subject, which bind no less than names do (RFC 5280, section 4.2.1.10). */
  readonly subjectEmails: readonly string[];
  /** Forms of names that are in it besides, of which nothing is read. */
  readonly otherForms: ReadonlySet<string>;
};

const NAMES_MAX = 100;
const curves = ['prime256v1', 'secp384r1', 'secp521r1'];
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';
const RSA_PSS = '1.2.840.113549.1.1.10';
const sha2 = new Set([
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
]);
/** With SHA-256 or better: RSA (PKCS #1), ECDSA, Ed25519, Ed448. */
const signatures = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112',
  '1.3.101.113',
]);

const understood = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  extendedKeyUsage: '2.5.29.37',
} as const;
type Extension = keyof typeof understood;
const understoodIds = new Set<string>(Object.values(understood));

/** Of anchors, which stay, and of what stands in several paths: reading costs more than a signature does. */
const known = new WeakMap<X509Certificate, Result<Certificate, 'invalid'>>();

/** What of it is read; the message of a refusal goes on from "The certificate …". */
export function readCertificate(parsed: X509Certificate): Result<Certificate, 'invalid'> {
  const before = known.get(parsed);
  if (before !== undefined) return before;
  const certificate = readOnce(parsed);
  known.set(parsed, certificate);
  return certificate;
}

function readOnce(parsed: X509Certificate): Result<Certificate, 'invalid'> {
  try {
    return read(parsed);
  } catch {
    return refused('invalid', 'cannot be read: it is not DER, or not of version 3.');
  }
}

function read(parsed: X509Certificate): Result<Certificate, 'invalid'> {
  const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(parsed.raw, CertificateAsn);
  const weak = weaknessOf(signatureAlgorithm, parsed.publicKey);
  if (weak !== null) return refused('invalid', weak);
  // Version 3 is written as 2.
  if (tbsCertificate.version !== 2) return refused('invalid', 'is not of version 3.');

  const extensions = tbsCertificate.extensions ?? [];
  if (new Set(extensions.map(({ extnID }) => extnID)).size < extensions.length)
    return refused('invalid', 'has one extension twice.');
  const unknown = extensions.find(({ extnID, critical }) => critical && !understoodIds.has(extnID));
  if (unknown !== undefined)
    return refused(
      'invalid',
      `has a critical extension that is not understood here (${unknown.extnID}).`,
    );
  const find = (name: Extension) => extensions.find(({ extnID }) => extnID === understood[name]);
  const valueIn = <Value>(name: Extension, type: new () => Value): Value | null => {
    const found = find(name);
    return found === undefined ? null : AsnConvert.parse(found.extnValue.buffer, type);
  };

  const basic = valueIn('basicConstraints', BasicConstraints);
  const usage = valueIn('keyUsage', KeyUsage);
  const alternative = valueIn('subjectAltName', SubjectAlternativeName) ?? [];
  if (alternative.length > NAMES_MAX)
    return refused('invalid', `has more than ${NAMES_MAX} names.`);
  const { validity } = tbsCertificate;
  return ok({
    raw: parsed.raw,
    subject: nameOf(parsed.subject),
    issuer: nameOf(parsed.issuer),
    notBeforeMs: validity.notBefore.getTime().getTime(),
    notAfterMs: validity.notAfter.getTime().getTime(),
    isCa: basic?.cA === true,
    pathLen: basic?.pathLenConstraint ?? null,
    keyUsage:
      usage === null
        ? null
        : { isCritical: find('keyUsage')?.critical === true, bits: usage.toNumber() },
    extendedKeyUsage: valueIn('extendedKeyUsage', ExtendedKeyUsage),
    names: { ...namesOf(alternative), subjectEmails: emailsIn(tbsCertificate.subject) },
    constraints: valueIn('nameConstraints', NameConstraints),
  });
}

/** What makes a signature or key of it too weak to believe, or null. */
function weaknessOf(algorithm: AlgorithmIdentifier, key: KeyObject): string | null {
  if (!isStrong(algorithm))
    return `is signed in a way that is too weak or unknown here (${algorithm.algorithm}): it takes RSA, ECDSA or EdDSA with SHA-256 or better.`;
  return weaknessOfKey(key);
}

/** The same of a key, which says too what it would cost to use it. */
export function weaknessOfKey(key: KeyObject): string | null {
  const { modulusLength = 0, namedCurve = 'unnamed' } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType;
  if (type === 'rsa' || type === 'rsa-pss') {
    if (!isLengthFit(key))
      return `has an RSA key of ${modulusLength} bits: ${rsaBits.min} to ${rsaBits.max} are taken.`;
    return isExponentBounded(key) ? null : 'has an RSA key with an exponent of more than 64 bits.';
  }
  if (type === 'ec')
    return curves.includes(namedCurve)
      ? null
      : `has a key on the curve ${namedCurve}: P-256, P-384 and P-521 are taken.`;
  if (type === 'ed25519' || type === 'ed448') return null;
  return 'has a key of a kind that is not taken: use RSA, ECDSA or EdDSA.';
}

function isStrong({ algorithm, parameters }: AlgorithmIdentifier): boolean {
  if (algorithm !== RSA_PSS) return signatures.has(algorithm);
  // Without parameters its hash is SHA-1 (RFC 4055, section 3.1).
  if (parameters === undefined || parameters === null) return false;
  return sha2.has(AsnConvert.parse(parameters, RsaSaPssParams).hashAlgorithm.algorithm);
}

const emailsIn = (subject: Name): string[] =>
  [...subject].flatMap((part) =>
    [...part].filter(({ type }) => type === EMAIL_ADDRESS).map(({ value }) => value.toString()),
  );

function namesOf(
  alternative: SubjectAlternativeName | never[],
): Omit<CertificateNames, 'subjectEmails'> {
  const uris: string[] = [];
  const dns: string[] = [];
  const emails: string[] = [];
  const otherForms = new Set<string>();
  for (const name of alternative) {
    if (name.uniformResourceIdentifier !== undefined) uris.push(name.uniformResourceIdentifier);
    else if (name.dNSName !== undefined) dns.push(name.dNSName.toLowerCase());
    else if (name.rfc822Name !== undefined) emails.push(name.rfc822Name);
    else otherForms.add(formOf(name));
  }
  return { uris, dns, emails, otherForms };
}

/** Of a name or a constraint of one: which of the nine forms it has. */
export const formOf = (name: object): string =>
  Object.entries(name).find(([, value]) => value !== undefined)?.[0] ?? 'none';

/** The name as RFC 4514 writes it, and openssl: Node's is one part a line, the other way round, escaped alike. */
const nameOf = (lines: string | undefined): string =>
  (lines ?? '')
    .split('\n')
    .reverse()
    .map((part) => part.split(' + ').reverse().join('+'))
    .join(',');

export const mayUse = ({ keyUsage }: Certificate, flag: keyof typeof KeyUsageFlags): boolean =>
  keyUsage !== null && (keyUsage.bits & KeyUsageFlags[flag]) !== 0;
