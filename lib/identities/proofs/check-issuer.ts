import { AppError } from '@/lib/core/errors';
import { parseOutsideUrl } from '@/lib/core/outbound';
import { ok, type Result, refused } from '@/lib/core/result';
import { type AskIssuer, DISCOVERY, fetchKeys } from './fetch-keys';
import { isPrivate, readKeySet, type VerificationKey } from './key-set';

export type IssuerClaimed = {
  /** As it stands in `iss`. */
  issuer: string;
  /** Of its keys, or of its description; with neither this nor keys, its description is where Discovery puts it. */
  jwksUrl: string | null;
  /** Its keys, where they are uploaded: a JWK Set. */
  jwks: unknown;
};

/** An issuer as it may be stored, with what its keys are now. */
export type CheckedIssuer = {
  issuer: string;
  jwksUrl: string | null;
  jwks: { keys: unknown[] } | null;
  keys: { kid: string | null; algorithms: readonly string[]; thumbprint: string }[];
};

/**
 * Asked when an issuer is registered: whether it is written as one, and whether its keys can be had now. What is asked
 * outside is asked as gateways will ask it, five seconds at most.
 */
export async function checkIssuer(
  { issuer, jwksUrl, jwks }: IssuerClaimed,
  asking: AskIssuer,
): Promise<Result<CheckedIssuer, 'refused'>> {
  if (!isIssuer(issuer))
    return refused(
      'refused',
      'An issuer is an address like https://token.actions.githubusercontent.com, exactly as it stands in iss: without a query, a fragment or a user.',
    );
  if (jwks !== null && jwks !== undefined) {
    if (jwksUrl !== null) return refused('refused', 'Give the keys or their address, not both.');
    return uploaded(issuer, jwks);
  }
  const url = jwksUrl ?? `${issuer.replace(/\/$/, '')}${DISCOVERY}`;
  try {
    parseOutsideUrl(url, asking.networks, 'FEDERATION_NETWORKS');
    const keys = await fetchKeys({ issuer, jwksUrl: url }, asking);
    return ok({ issuer, jwksUrl: url, jwks: null, keys: keys.map(shown) });
  } catch (error) {
    if (error instanceof AppError) return refused('refused', error.message);
    throw error;
  }
}

function uploaded(issuer: string, jwks: unknown): Result<CheckedIssuer, 'refused'> {
  const keys = readKeySet(jwks);
  if (keys === null)
    return refused('refused', 'The keys are no JWK Set: {"keys": […]}, 100 at most.');
  // `as`: readKeySet found a list of keys there.
  const given = (jwks as { keys: unknown[] }).keys;
  if (given.some((key) => typeof key === 'object' && key !== null && isPrivate({ ...key })))
    return refused(
      'refused',
      'One of the keys is private, which must never leave whoever holds it. Nothing was kept, but it was sent: make a new pair, and give the public one.',
    );
  if (keys.length === 0)
    return refused('refused', 'None of the keys is a public key that can be used.');
  return ok({
    issuer,
    jwksUrl: null,
    jwks: { keys: keys.map(storedOf) },
    keys: keys.map(shown),
  });
}

/** What is public of a key and says what it is for; whatever else was sent with it is nobody's business. */
const storedOf = ({ key, kid, use, algorithms }: VerificationKey) => ({
  ...key.export({ format: 'jwk' }),
  ...(kid === null ? {} : { kid }),
  ...(use === null ? {} : { use }),
  ...(algorithms.length === 1 ? { alg: algorithms[0] } : {}),
});

const shown = ({ kid, algorithms, thumbprint }: VerificationKey) => ({
  kid,
  algorithms,
  thumbprint,
});

function isIssuer(text: string): boolean {
  if (text.length > 2048 || /[^\x21-\x7e]/.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (
    (protocol === 'https:' || protocol === 'http:') &&
    `${username}${password}${search}${hash}` === ''
  );
}
