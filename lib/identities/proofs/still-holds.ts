import { ok, refused } from '@/lib/core/result';
import type { CredentialKind } from '../credentials/schema';
import type { KnownCredential } from '../state/schema';
import type { Proved } from './schema';

const words: Record<CredentialKind, string> = {
  x509_svid: 'SVID',
  certificate: 'certificate',
  jwt_svid: 'JWT-SVID',
  federated: 'federated credential',
  public_key: 'registered key',
  placement: 'placement',
  client_secret: 'client secret',
  ingest_key: 'ingest key',
};

/** Asked of each request: what was verified once holds only while its credential does. */
export function stillHolds(credential: KnownCredential, nowMs: number): Proved {
  const what = words[credential.kind];
  if (credential.isRevoked)
    return refused('revoked', `This ${what} was revoked. Create another one.`);
  if (credential.expiresAtMs <= nowMs)
    return refused('expired', `This ${what} has expired. Create another one.`);
  return ok(credential);
}
