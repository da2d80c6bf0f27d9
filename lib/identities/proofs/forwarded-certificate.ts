import { parseItem, parseList } from 'structured-headers';
import { ok, type Result, refused } from '@/lib/core/result';

/** How proxies tell of the certificate that was shown to them. */
export type ForwardedCertificate = {
  /** `Client-Cert` and `Client-Cert-Chain` (RFC 9440). */
  readonly clientCert: string | undefined;
  readonly clientCertChain: string | undefined;
  /** `X-SSL-Client-Cert`: PEM, percent-encoded, as nginx writes it. */
  readonly escapedPem: string | undefined;
};

/** Enough for 11 certificates of 8 kB in base64. */
const HEADER_CHARS_MAX = 128 * 1024;
const PEM = /^(?:-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*)+$/;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** The certificates that headers hold, DER, the sender's own first; null where they hold none. */
export function forwardedCertificates({
  clientCert,
  clientCertChain,
  escapedPem,
}: ForwardedCertificate): Result<readonly Buffer[] | null, 'malformed'> {
  const given = [clientCert, clientCertChain, escapedPem].map((text) => text?.trim() || undefined);
  const [cert, chain, pem] = given;
  if (given.some((text) => text !== undefined && text.length > HEADER_CHARS_MAX))
    return refused('malformed', 'The certificate in the headers of the proxy is too large.');
  if (cert !== undefined && pem !== undefined)
    return refused(
      'malformed',
      'The proxy sends Client-Cert and X-SSL-Client-Cert. Have it send one, and remove the other from what arrives.',
    );
  if (pem !== undefined) return pemOf(pem);
  if (cert === undefined)
    return chain === undefined
      ? ok(null)
      : refused('malformed', 'The proxy sends Client-Cert-Chain without Client-Cert (RFC 9440).');
  const leaf = read(() => bytesOf(parseItem(cert)[0]));
  const others = read(() =>
    chain === undefined ? [] : parseList(chain).flatMap(([bytes]) => taken(bytesOf(bytes))),
  );
  if (leaf === null || others === null)
    return refused(
      'malformed',
      'The certificate in Client-Cert or Client-Cert-Chain cannot be read: it is base64 of DER between colons (RFC 9440).',
    );
  return ok([leaf, ...others.filter((each) => !each.equals(leaf))]);
}

function pemOf(escaped: string): Result<readonly Buffer[], 'malformed'> {
  const text = read(() => decodeURIComponent(escaped).trim());
  if (text === null || !PEM.test(text))
    return refused(
      'malformed',
      'The certificate in X-SSL-Client-Cert cannot be read: it is PEM, percent-encoded.',
    );
  return ok([...text.matchAll(PEM_BLOCK)].map(([, base64 = '']) => Buffer.from(base64, 'base64')));
}

function bytesOf(item: unknown): Buffer {
  if (item instanceof ArrayBuffer) return Buffer.from(item);
  throw new TypeError('It is no byte sequence.');
}

/** HAProxy writes all authorities one after another as one byte sequence, each of which says how long it is. */
function taken(bytes: Buffer): Buffer[] {
  const certificates: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthAt(bytes, at);
    certificates.push(bytes.subarray(at, end));
    at = end;
  }
  return certificates;
}

/** Of the DER sequence that begins there; what is cut off is left to whoever reads the certificate. */
function lengthAt(bytes: Buffer, at: number): number {
  const first = bytes[at + 1] ?? 0;
  if (bytes[at] !== 0x30 || first === 0x80 || first > 0x83) return bytes.length - at;
  if (first < 0x80) return 2 + first;
  const count = first - 0x80;
  if (at + 2 + count > bytes.length) return bytes.length - at;
  return 2 + count + bytes.readUIntBE(at + 2, count);
}

function read<Value>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
