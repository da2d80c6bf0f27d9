import { z } from 'zod';
import { ok, type Result, refused } from '@/lib/core/result';
import { isPrivate, readVerificationKey } from '../proofs/key-set';
import { isTrustDomain } from '../proofs/spiffe-id';
import { privateUploaded, readAuthority } from './read-authorities';
import { bundleMax, certificatesMax, jwtKeysMax, type ReadAnchor } from './schema';

/** SPIFFE Trust Domain and Bundle, section 4: a JWK Set with what the bundle says of itself. */
const Bundle = z.object({
  keys: z.array(z.record(z.string(), z.unknown())).max(certificatesMax + jwtKeysMax),
  spiffe_sequence: z.number().int().nonnegative().optional(),
  spiffe_refresh_hint: z.number().int().positive().max(2_147_483_647).optional(),
});
const X509Entry = z.object({ x5c: z.array(z.string()).min(1) });
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

const unfit = (message: string) => refused('unfit', message);

/** The bundle of a trust domain: who signs its certificates, and the keys of its tokens. */
export function readBundle(
  text: string,
  { trustDomain, now }: { trustDomain: string; now: Date },
): Result<ReadAnchor, 'unfit'> {
  if (!isTrustDomain(trustDomain))
    return unfit(
      'A trust domain is lower-case letters, digits, dots, dashes and underscores, without a scheme: example.org.',
    );
  if (text.length > bundleMax) return unfit(`A bundle has ${bundleMax / 1024} kB at most.`);
  const parsed = Bundle.safeParse(jsonOf(text));
  if (!parsed.success)
    return unfit(
      'This is no SPIFFE bundle: JSON with "keys", each for x509-svid or jwt-svid, as `spire-server bundle show -format spiffe` writes it.',
    );
  const { keys, spiffe_sequence: sequence = null, spiffe_refresh_hint: hint = null } = parsed.data;
  if (keys.some(isPrivate)) return unfit(privateUploaded);
  const certificates: ReadAnchor['certificates'] = [];
  const jwtKeys: ReadAnchor['jwtKeys'] = [];
  const notes: string[] = [];
  for (const [index, entry] of keys.entries()) {
    const which = `Key ${index + 1} of the bundle`;
    const use = entry.use;
    if (use === 'x509-svid') {
      const read = authorityOf(entry, { trustDomain, now });
      if (read.ok) certificates.push(read.value);
      else if (read.reason === 'expired') notes.push(`${which} is left out: it ${read.message}`);
      else return unfit(`${which} ${read.message}`);
    } else if (use === 'jwt-svid') {
      const key = tokenKeyOf(entry);
      if (key === null)
        return unfit(
          `${which} is for tokens and cannot be used: it needs a kid, and is RSA with 2,048 bits at least or EC on P-256, P-384 or P-521.`,
        );
      jwtKeys.push(key);
    } else notes.push(`${which} is left out: it is for neither x509-svid nor jwt-svid.`);
  }
  if (certificates.length + jwtKeys.length === 0)
    return unfit('Nothing in this bundle can be believed now: it has no valid key.');
  if (certificates.length > certificatesMax || jwtKeys.length > jwtKeysMax)
    return unfit(`A bundle has ${certificatesMax} certificates and ${jwtKeysMax} keys at most.`);
  if (new Set(jwtKeys.map(({ kid }) => kid)).size < jwtKeys.length)
    return unfit('Two keys for tokens have one kid, so tokens would not say which signed them.');
  return ok({ certificates, jwtKeys, sequence, refreshHintSeconds: hint, notes });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function authorityOf(
  entry: unknown,
  { trustDomain, now }: { trustDomain: string; now: Date },
): Result<ReadAnchor['certificates'][number], 'unfit' | 'expired'> {
  const x5c = X509Entry.safeParse(entry).data?.x5c[0];
  if (x5c === undefined || !base64.test(x5c))
    return unfit('is for certificates and has none: x5c holds DER in base64.');
  const read = readAuthority(Buffer.from(x5c, 'base64'), now);
  if (!read.ok) return read;
  // X.509-SVID, section 3.1: where an authority says whose it is, that is its trust domain.
  const other = read.names?.find(
    (uri) =>
      uri.startsWith('spiffe://') && uri.slice('spiffe://'.length).split('/')[0] !== trustDomain,
  );
  if (other !== undefined)
    return unfit(`is the authority of another trust domain than ${trustDomain}.`);
  return ok(read.value);
}

/** What is public of a key that checks JWT-SVIDs (JWT-SVID, section 2.1: no EdDSA). */
function tokenKeyOf(entry: Record<string, unknown>): Record<string, string> | null {
  // Its `use` is of SPIFFE alone.
  const key = readVerificationKey({ ...entry, use: 'jwt-svid' });
  if (key === null || key.kid === null || key.key.asymmetricKeyType === 'ed25519') return null;
  const { kty, crv, x, y, n, e } = key.key.export({ format: 'jwk' });
  const members = { kty, crv, x, y, n, e, kid: key.kid, use: 'jwt-svid' };
  const [alg] = key.algorithms;
  const only = key.algorithms.length === 1 && alg !== undefined ? { alg } : {};
  return Object.fromEntries(
    Object.entries({ ...members, ...only }).filter(
      (each): each is [string, string] => each[1] !== undefined,
    ),
  );
}
