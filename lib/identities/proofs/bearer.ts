import { timingSafeEqual } from 'node:crypto';
import { ok, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import type { RegistryState } from '../state/registry-state';
import type { Proved } from './schema';

const hint =
  'Send "authorization: Bearer slp_ik_…" with an ingest key; `sallyport identities create` makes one.';

/** A bearer secret: whoever has it is it. */
export function provedByBearer(state: RegistryState, secret: string): Proved {
  if (secret.startsWith('slp_ak_'))
    return refused(
      'unknown',
      `That is an API key: it manages by /api/v1 and sends no telemetry. ${hint}`,
    );
  if (secret.startsWith('slp_cs_'))
    return refused(
      'malformed',
      'That is a client secret, which is no bearer token: send it by HTTP Basic, with the id of its identity as the user name.',
    );
  const hash = secretHash(secret);
  const credential = state.credentialOfHash(hash);
  if (
    credential?.kind !== 'ingest_key' ||
    credential.hash === null ||
    !timingSafeEqual(credential.hash, hash)
  )
    return refused('unknown', `This ingest key is unknown. ${hint}`);
  return ok(credential);
}
