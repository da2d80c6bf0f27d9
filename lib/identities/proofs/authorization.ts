import { refused } from '@/lib/core/result';
import type { RegistryState } from '../state/registry-state';
import { provedByBearer } from './bearer';
import { provedByClientSecret } from './client-secret';
import type { Proved } from './schema';

const BEARER = /^Bearer ([\x21-\x7e]{1,16384})$/i;
const BASIC = /^Basic ([\x21-\x7e]{1,2048})$/i;
const hint =
  'Send "authorization: Bearer slp_ik_…" with an ingest key; `sallyport identities create` makes one.';

/** What the `authorization` of a request, or of the metadata of a gRPC call, proves. */
export function provedByAuthorization(state: RegistryState, authorization: string): Proved {
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer !== undefined) return provedByBearer(state, bearer);
  const basic = BASIC.exec(authorization)?.[1];
  if (basic !== undefined) return provedByClientSecret(state, basic);
  return refused('malformed', `The authorization header is not a bearer token. ${hint}`);
}
