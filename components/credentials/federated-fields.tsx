'use client';

import { useState } from 'react';
import { Field, SelectField } from '@/components/ui/field';
import type { CredentialChoices } from '@/lib/identities/credentials/schema';
import { issuerPresets } from '@/lib/identities/proofs/issuer-presets';
import { AreaField } from './area-field';

/** Whose tokens, and what they must say: which workload it is stands in the claims of its platform. */
export function FederatedFields({
  id,
  issuers,
}: {
  id: string;
  issuers: CredentialChoices['issuers'];
}) {
  const [preset, choose] = useState(presetOf(issuers[0]?.issuer));
  const { hint, claims } = issuerPresets.find((each) => each.id === preset) ??
    issuerPresets[0] ?? {
      hint: '',
      claims: [],
    };
  return (
    <>
      <SelectField
        id={`${id}-issuer`}
        name="issuerId"
        label="Issuer"
        onChange={({ target }) =>
          choose(presetOf(issuers.find((each) => each.id === target.value)?.issuer))
        }
      >
        {issuers.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name} ({each.issuer})
          </option>
        ))}
      </SelectField>
      <div className="settings-pair">
        <SelectField
          id={`${id}-preset`}
          name="preset"
          label="It vouches for"
          value={preset}
          onChange={({ target }) => choose(presetIdOf(target.value))}
        >
          {issuerPresets.map((each) => (
            <option key={each.id} value={each.id}>
              {each.label}
            </option>
          ))}
        </SelectField>
        <Field
          id={`${id}-audience`}
          name="audience"
          label="Audience of the token"
          defaultValue="sallyport"
          required
          maxLength={2048}
          autoComplete="off"
        />
      </div>
      <p className="s12 t3">{hint}</p>
      {claims.map((claim) => (
        <Field
          key={`${preset}-${claim.name}`}
          id={`${id}-claim-${claim.name.replace(/\W/g, '-')}`}
          name={`claim:${claim.name}`}
          label={`${claim.label} (${claim.name})`}
          placeholder={claim.example}
          required
          maxLength={2048}
          autoComplete="off"
          spellCheck={false}
        />
      ))}
      <AreaField
        id={`${id}-claims`}
        name="claims"
        label="Further claims it must have"
        rows={2}
        placeholder="ref=refs/heads/main"
        help="One name=value a line; a name that stands twice may have either value."
      />
    </>
  );
}

type PresetId = (typeof issuerPresets)[number]['id'];

const presetIdOf = (value: string): PresetId =>
  issuerPresets.find((each) => each.id === value)?.id ?? 'other';

const presetOf = (issuer: string | undefined): PresetId =>
  issuerPresets.find((each) => each.issuer !== null && each.issuer === issuer)?.id ?? 'other';
