import type { BlockList } from 'node:net';
import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import { fetchOutside, type OutsideAnswer } from '@/lib/core/outbound';
import { readKeySet, type VerificationKey } from './key-set';

const BYTES_MAX = 262_144;
/** For its description and its keys together. */
const TIMEOUT_MS = 5_000;
export const DISCOVERY = '/.well-known/openid-configuration';

/** What of an issuer's description is used (OpenID Connect Discovery 1.0, section 3). */
const Description = z.object({ issuer: z.string(), jwks_uri: z.string().min(1).max(2048) });

export type AskIssuer = {
  /** Which may be asked although they are private. */
  networks: BlockList;
  fetch?: typeof fetchOutside;
};

/** Whether an address is that of an issuer's description, which names where its keys are; else it is that of the keys. */
export const isDiscovery = (url: string): boolean =>
  URL.canParse(url) && new URL(url).pathname.endsWith(DISCOVERY);

/**
 * The keys at `jwksUrl`, or at the address that the description there names, within five seconds. Throws an AppError
 * whose message says what was in the way.
 */
export async function fetchKeys(
  { issuer, jwksUrl }: { issuer: string; jwksUrl: string },
  { networks, fetch = fetchOutside }: AskIssuer,
): Promise<readonly VerificationKey[]> {
  const endMs = performance.now() + TIMEOUT_MS;
  const ask = async (what: string, url: string) => {
    const timeoutMs = endMs - performance.now();
    if (timeoutMs <= 0) throw failed(what, 'There was no whole answer within 5 s.');
    const answer = await fetch(url, {
      networks,
      networksKey: 'FEDERATION_NETWORKS',
      headers: { accept: 'application/json' },
      bytesMax: BYTES_MAX,
      timeoutMs,
    }).catch((error: unknown) => {
      throw failed(
        what,
        error instanceof AppError ? error.message : 'It could not be asked.',
        error,
      );
    });
    return jsonOf(what, answer);
  };
  let url = jwksUrl;
  if (isDiscovery(jwksUrl)) {
    const parsed = Description.safeParse(await ask('description', jwksUrl));
    if (!parsed.success) throw failed('description', 'It names no issuer and jwks_uri.');
    // Discovery 1.0, section 4.3: or whoever serves that address could answer for another issuer.
    if (parsed.data.issuer !== issuer)
      throw failed(
        'description',
        'It is that of another issuer, which must be the same to the letter.',
      );
    url = parsed.data.jwks_uri;
  }
  const keys = readKeySet(await ask('keys', url));
  if (keys === null) throw failed('keys', 'What is there is no JWK Set of 100 keys at most.');
  if (keys.length === 0) throw failed('keys', 'None of them is a public key that can be used.');
  return keys;
}

function jsonOf(what: string, { status, body, isCut }: OutsideAnswer): unknown {
  if (status >= 300 && status < 400)
    throw failed(what, `It answered ${status}, and redirects are not followed.`);
  if (status !== 200) throw failed(what, `It answered ${status}.`);
  if (isCut) throw failed(what, `It is larger than ${BYTES_MAX / 1024} kB.`);
  try {
    return JSON.parse(body.toString());
  } catch {
    throw failed(what, 'What is there is not JSON.');
  }
}

const failed = (what: string, why: string, cause?: unknown) =>
  new AppError('unavailable', `The ${what} of the issuer cannot be had: ${why}`, { cause });
