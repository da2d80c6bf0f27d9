'use client';

import { credentialKindLabels } from '@/lib/identities/credentials/labels';
import type { CredentialDetail } from '@/lib/identities/credentials/listed';
import { relativeTime } from '@/lib/inventory/time';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { StopDialog } from './stop-dialog';

/** Ends a credential for good; what would stop is said before. */
export function RevokeCredential({
  credential,
  revoke,
  now,
}: {
  credential: CredentialDetail;
  revoke: SettingsAction;
  now: Date;
}) {
  const { id, kind } = credential;
  const { word } = credentialKindLabels[kind];
  return (
    <StopDialog
      id={`revoke-${id}`}
      word="Revoke"
      label={`Revoke this ${word}`}
      title={`Revoke this ${word}?`}
      keep="Keep it active"
      act={revoke}
      fields={{ credentialId: id }}
    >
      {stopWords(credential, now)}
    </StopDialog>
  );
}

/** What stops when it goes, in words. */
function stopWords({ identity, lastUsedAt, others, uses }: CredentialDetail, now: Date): string {
  const used =
    lastUsedAt === null
      ? 'It was never used.'
      : `It was used ${relativeTime(lastUsedAt, now)}${uses[0] === undefined ? '' : ` from ${uses[0].network}`}.`;
  const left =
    others === 0
      ? `${identity.name} has nothing else to prove itself with: all that it sends is refused until it gets something.`
      : `${identity.name} has ${others} other ${others === 1 ? 'credential' : 'credentials'}.`;
  return `It is refused at its next request, on every gateway, for good. ${used} ${left}`;
}
