import { refused } from '@/lib/core/result';
import type { RegistryState } from '../state/registry-state';
import { provedByBearer } from './bearer';
import { provedByClientSecret } from './client-secret';
import { tokenCharsMax } from './compact-jws';
import type { Proved } from './schema';
import type { TokenProver } from './token';

const BEARER = /^Bearer ([\x21-\x7e]+)$/i;
const BASIC = /^Basic ([\x21-\x7e]+)$/i;
const hint =
  'Send "authorization: Bearer …" with an ingest key, a token that the identity signed with its registered key, a JWT-SVID, or a token of a registered issuer.';

export type AuthorizationProver = { readonly state: RegistryState; readonly tokens: TokenProver };

/** What the `authorization` of a request, or of the metadata of a gRPC call, proves. */
export function provedByAuthorization(
  { state, tokens }: AuthorizationProver,
  authorization: string,
  nowMs: number,
): Proved | Promise<Proved> {
  if (authorization.length > tokenCharsMax + 'Bearer '.length)
    return refused('malformed', `What proves a sender has ${tokenCharsMax} characters at most.`);
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer !== undefined)
    // None of our own secrets has a dot in it, and every token has two.
    return bearer.includes('.')
      ? tokens.prove(state, bearer, nowMs)
      : provedByBearer(state, bearer);
  const basic = BASIC.exec(authorization)?.[1];
  if (basic !== undefined) return provedByClientSecret(state, basic);
  return refused(
    'malformed',
    `The authorization header is neither a bearer token nor Basic. ${hint}`,
  );
}
