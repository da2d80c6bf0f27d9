import { ShownOnce } from '@/components/ui/shown-once';
import { credentialKindLabels } from '@/lib/identities/credentials/labels';
import type { RegisteredCredential } from '@/lib/identities/credentials/schema';
import { utcTime } from '@/lib/inventory/time';

/** What came of registering or rotating: the one time that a secret is shown, or that none is needed. */
export function CredentialOutcome({ made }: { made: RegisteredCredential }) {
  const { word } = credentialKindLabels[made.kind];
  const until = utcTime(new Date(made.expiresAt));
  if (made.secret === null)
    return (
      <p role="status">
        {word} registered, until {until}. Gateways take it from now on; nothing secret was made.
      </p>
    );
  return (
    <div className="stack-3" role="status">
      <p className="t2 s12">
        {word}, until {until}. Shown this once: copy it now.
      </p>
      <ShownOnce value={made.secret} label={`Copy ${word.toLowerCase()}`} />
      <p className="t3 s12">
        {made.kind === 'client_secret'
          ? 'Sent as HTTP Basic: base64 of the id of the identity, a colon and the secret.'
          : 'Sent as authorization: Bearer, with telemetry.'}
      </p>
    </div>
  );
}
