'use client';

import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { credentialKindLabels } from '@/lib/identities/credentials/labels';
import type { CredentialDetail } from '@/lib/identities/credentials/listed';
import { relativeTime } from '@/lib/inventory/time';
import type { SettingsAction } from '@/lib/people/organisation/schema';

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
  const { line, say } = useSaid();
  const { id, kind } = credential;
  const { word } = credentialKindLabels[kind];
  return (
    <>
      <ReasonDialog
        id={`revoke-${id}`}
        word="Revoke"
        label={`Revoke this ${word}`}
        title={`Revoke this ${word}?`}
        keep="Keep it active"
        act={revoke}
        fields={{ credentialId: id }}
        done={say}
      >
        {stopWords(credential, now)}
      </ReasonDialog>
      <p ref={line} className="s12 t2" role="status" tabIndex={-1} />
    </>
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
