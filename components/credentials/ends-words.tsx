import type { ListedCredential } from '@/lib/identities/credentials/listed';
import { relativeTime } from '@/lib/inventory/time';
import { expiryWords } from '@/lib/people/api-keys/labels';

/** `in 12 days`, `3 d ago`: when it ends or ended, however it did. */
export function EndsWords({
  credential: { state, expiresAt, revokedAt },
  now,
}: {
  credential: Pick<ListedCredential, 'state' | 'expiresAt' | 'revokedAt'>;
  now: Date;
}) {
  if (state === 'revoked') return relativeTime(revokedAt ?? expiresAt, now);
  return expiresAt > now ? expiryWords(expiresAt, now) : relativeTime(expiresAt, now);
}
