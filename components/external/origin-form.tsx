'use client';

import { useRef, useState } from 'react';
import { clearReason } from '@/components/settings/clear-reason';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { ExternalAction, ExternalApi } from '@/lib/identities/external/schema';
import { visibleText } from '@/lib/inventory/visible';
import {
  SignatureFields,
  type VerifierKind,
  verifierLabels,
  WebhookFields,
} from './verifier-fields';

const kinds: readonly VerifierKind[] = ['none', 'standard_webhooks', 'message_signatures'];

/** Where an external API answers from, whose certificates it shows, and how what it signs is verified. */
export function OriginForm({
  id,
  api,
  authorities,
  save,
}: {
  id: string;
  /** Null where nothing is registered yet. */
  api: ExternalApi | null;
  authorities: readonly { id: string; name: string }[];
  save: ExternalAction;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const [authority, setAuthority] = useState(authorityOf(api));
  const [kind, setKind] = useState<VerifierKind>(api?.verifier?.kind ?? 'none');
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  const verifier = api?.verifier ?? null;
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="origin-title">
      <h2 id="origin-title">{api === null ? 'Register its hosts' : 'Change its hosts'}</h2>
      <input type="hidden" name="identityId" value={id} />
      <input type="hidden" name="seenAt" value={api?.changedAt.toISOString() ?? ''} />
      <Lines
        id="origin-hosts"
        name="hosts"
        label="Hosts, one a line"
        help="api.example.com, or *.example.com for one label in front; 50 at most. What arrives is judged by them from a few seconds later on."
        rows={3}
        value={api?.hosts.join('\n') ?? ''}
        required
      />
      <SelectField
        id="origin-authority"
        name="authority"
        label="Its certificates are issued by"
        value={authority}
        onChange={({ target }) => setAuthority(target.value)}
      >
        <option value="system">An authority of the system</option>
        {authorities.map((each) => (
          <option key={each.id} value={each.id}>
            {visibleText(each.name)}
          </option>
        ))}
        {api?.authority?.id === null ? <option value="kept">Those pasted before</option> : null}
        <option value="pasted">Certificates that I paste</option>
      </SelectField>
      {authority === 'pasted' ? (
        <Lines
          id="origin-pem"
          name="pem"
          label="Certificates of the authority, in PEM"
          rows={5}
          value=""
          required
        />
      ) : null}
      <Lines
        id="origin-pins"
        name="pins"
        label="Pinned keys, one a line"
        help="SHA-256 of the public key, base64, of its own certificate or one above it. Pin two, so that it can change one; with none, its chain and name are enough."
        rows={2}
        value={api?.pins.join('\n') ?? ''}
      />
      <SelectField
        id="origin-verifier"
        name="verifier"
        label="What it signs"
        value={kind}
        onChange={({ target }) => setKind(kinds.find((each) => each === target.value) ?? 'none')}
      >
        {kinds.map((each) => (
          <option key={each} value={each}>
            {verifierLabels[each]}
          </option>
        ))}
      </SelectField>
      {kind === 'standard_webhooks' ? (
        <WebhookFields
          verifier={verifier?.kind === kind ? verifier : null}
          hasSecrets={api?.hasSecrets ?? false}
        />
      ) : null}
      {kind === 'message_signatures' ? (
        <SignatureFields verifier={verifier?.kind === kind ? verifier : null} />
      ) : null}
      <ReasonField id="origin-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button variant="primary" type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          {api === null ? 'Register hosts' : 'Save'}
        </Button>
      </div>
    </form>
  );
}

const authorityOf = (api: ExternalApi | null): string =>
  api?.authority == null ? 'system' : (api.authority.id ?? 'kept');

function Lines({
  id,
  name,
  label,
  help,
  rows,
  value,
  required = false,
}: {
  id: string;
  name: string;
  label: string;
  help?: string;
  rows: number;
  value: string;
  required?: boolean;
}) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        className="input mono"
        rows={rows}
        defaultValue={value}
        required={required}
        spellCheck={false}
        {...(help === undefined ? {} : { 'aria-describedby': `${id}-help` })}
      />
      {help === undefined ? null : (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
