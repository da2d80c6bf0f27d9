import { Field, SelectField } from '@/components/ui/field';
import { signatureAlgorithms, type Verifier } from '@/lib/identities/external/schema';

export type VerifierKind = Verifier['kind'] | 'none';
export const verifierLabels: Record<VerifierKind, string> = {
  none: 'It signs nothing, or nothing that is verified here',
  standard_webhooks: 'Standard Webhooks',
  message_signatures: 'HTTP Message Signatures (RFC 9421)',
};

type Of<Kind extends Verifier['kind']> = Extract<Verifier, { kind: Kind }> | null;

export function WebhookFields({
  verifier,
  hasSecrets,
}: {
  verifier: Of<'standard_webhooks'>;
  hasSecrets: boolean;
}) {
  return (
    <>
      <div className="field">
        <label htmlFor="origin-secrets">Shared secrets, one a line</label>
        <textarea
          id="origin-secrets"
          name="secrets"
          className="input mono"
          rows={2}
          spellCheck={false}
          autoComplete="off"
          aria-describedby="origin-secrets-help"
        />
        <p className="help" id="origin-secrets-help">
          {hasSecrets
            ? 'Those that are sealed stay while this is empty; they are shown to nobody. New ones take their place.'
            : 'whsec_…, two at most so that one can be replaced. They are sealed and never shown again.'}
        </p>
      </div>
      <div className="field">
        <label htmlFor="origin-webhook-keys">Public keys, in PEM or as whpk_…</label>
        <textarea
          id="origin-webhook-keys"
          name="webhookKeys"
          className="input mono"
          rows={3}
          spellCheck={false}
          defaultValue={verifier?.keys.join('\n') ?? ''}
        />
      </div>
    </>
  );
}

export function SignatureFields({ verifier }: { verifier: Of<'message_signatures'> }) {
  const keys = [...(verifier?.keys ?? []), null].slice(0, 10);
  return (
    <>
      {keys.map((key, index) => (
        <fieldset key={key?.keyid ?? 'new'} className="external-key">
          <legend className="label">{key === null ? 'Another key' : `Key ${index + 1}`}</legend>
          <Field
            id={`origin-keyid-${index}`}
            name="keyid"
            label="keyid"
            defaultValue={key?.keyid ?? ''}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
          />
          <SelectField
            id={`origin-algorithm-${index}`}
            name="algorithm"
            label="Algorithm"
            defaultValue={key?.algorithm ?? 'ed25519'}
          >
            {signatureAlgorithms.map((algorithm) => (
              <option key={algorithm} value={algorithm}>
                {algorithm}
              </option>
            ))}
          </SelectField>
          <div className="field">
            <label htmlFor={`origin-key-${index}`}>Public key, in PEM</label>
            <textarea
              id={`origin-key-${index}`}
              name="publicKey"
              className="input mono"
              rows={3}
              spellCheck={false}
              defaultValue={key?.publicKey ?? ''}
            />
          </div>
        </fieldset>
      ))}
      <Field
        id="origin-components"
        name="components"
        label="What must be signed"
        help="Components of RFC 9421, with commas between. Where there is a body, content-digest must be signed too."
        defaultValue={verifier?.components.join(', ') ?? '@method, @target-uri'}
        required
        autoComplete="off"
        spellCheck={false}
      />
    </>
  );
}
