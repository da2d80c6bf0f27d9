import { X509Certificate } from 'node:crypto';
import { ok, type Result, refused } from '@/lib/core/result';
import { mayUse, readCertificate } from '../proofs/x509/certificate';

import { certificatesMax, pemMax, type ReadAnchor, type ShownCertificate } from './schema';

export type ReadAuthority = ReadAnchor['certificates'][number];
const unfit = (message: string) => refused('unfit', message);

export const privateUploaded =
  'There is a private key in it, which must never leave the authority. Nothing of it was kept, but it was sent: give the certificates alone, and have the authority make a new key.';

/** Certificates of an authority in PEM. Each must be one of an authority, and be valid still. */
export function readAuthorities(
  text: string,
  now: Date,
): Result<Pick<ReadAnchor, 'certificates'>, 'unfit'> {
  if (text.length > pemMax)
    return unfit(`The certificates of an authority have ${pemMax / 1024} kB at most.`);
  if (/PRIVATE KEY/.test(text)) return unfit(privateUploaded);
  const blocks =
    text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    return unfit('There is no certificate in it: PEM begins BEGIN CERTIFICATE.');
  if (blocks.length > certificatesMax)
    return unfit(
      `There are ${blocks.length} certificates in it, and ${certificatesMax} are taken.`,
    );
  const certificates = new Map<string, ReadAuthority>();
  for (const [index, block] of blocks.entries()) {
    const der = Buffer.from(block.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    const read = readAuthority(der, now);
    if (!read.ok) return unfit(`Certificate ${index + 1} ${read.message}`);
    certificates.set(read.value.shown.fingerprint, read.value);
  }
  return ok({ certificates: [...certificates.values()] });
}

/** One of them; the message of a refusal goes on from "Certificate N …". `expired` is told apart. */
export function readAuthority(
  der: Buffer,
  now: Date,
): Result<ReadAuthority, 'unfit' | 'expired'> & { names?: readonly string[] } {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(der);
  } catch {
    return unfit('cannot be read: it is not DER in base64.');
  }
  const read = readCertificate(parsed);
  if (!read.ok) return unfit(read.message);
  const { isCa, keyUsage, notAfterMs, notBeforeMs, names } = read.value;
  const shown: ShownCertificate = {
    ...shownCertificate(parsed),
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
  };
  const which = `(${shown.subject || 'without a subject'})`;
  if (!isCa)
    return unfit(`${which} is not one of an authority: its basic constraints lack CA=true.`);
  if (keyUsage !== null && !mayUse(read.value, 'keyCertSign'))
    return unfit(`${which} may not sign certificates: its key usage lacks keyCertSign.`);
  if (notAfterMs <= now.getTime())
    return refused('expired', `${which} expired on ${shown.notAfter.toISOString().slice(0, 10)}.`);
  return { ...ok({ der: new Uint8Array(parsed.raw), shown }), names: names.uris };
}

/** As people compare it. Throws on what is no certificate. */
export function shownCertificate(certificate: X509Certificate): ShownCertificate {
  return {
    subject: certificate.subject.split('\n').reverse().join(','),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}
