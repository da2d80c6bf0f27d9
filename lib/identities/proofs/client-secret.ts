import { timingSafeEqual } from 'node:crypto';
import { ok, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import type { RegistryState } from '../state/registry-state';
import type { Proved } from './schema';

/** Canonical: one text, one secret. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CREDENTIALS_CHARS_MAX = 1024;
const hint =
  'Send "authorization: Basic …" with base64 of the id of the identity, a colon and its client secret, each form-encoded (RFC 6749, section 2.3.1).';

/** A client secret by HTTP Basic. `credentials` is what follows the scheme. */
export function provedByClientSecret(state: RegistryState, credentials: string): Proved {
  const shown = read(credentials);
  if (shown === null) return refused('malformed', `The Basic credentials cannot be read. ${hint}`);
  if (!shown.secret.startsWith('slp_cs_'))
    return refused('malformed', `The password is no client secret, which begins slp_cs_. ${hint}`);
  const hash = secretHash(shown.secret);
  const credential = state.credentialOfHash(hash);
  if (
    credential?.kind !== 'client_secret' ||
    credential.hash === null ||
    !timingSafeEqual(credential.hash, hash) ||
    credential.identity !== shown.id.toLowerCase()
  )
    return refused('unknown', `This client secret is unknown, or of another identity. ${hint}`);
  return ok(credential);
}

function read(credentials: string): { id: string; secret: string } | null {
  if (credentials.length > CREDENTIALS_CHARS_MAX || !BASE64.test(credentials)) return null;
  const text = Buffer.from(credentials, 'base64').toString();
  const colon = text.indexOf(':');
  const id = formDecoded(text.slice(0, colon));
  const secret = formDecoded(text.slice(colon + 1));
  return colon < 0 || id === null || secret === null ? null : { id, secret };
}

function formDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
