'use client';

import { useState } from 'react';
import { Callout } from '@/components/ui/callout';
import { Field, SelectField } from '@/components/ui/field';
import { ReasonField } from '@/components/ui/reason-field';
import { certificateMatchLabels } from '@/lib/identities/credentials/labels';
import {
  type CredentialChoices,
  type CredentialKind,
  certificateMatches,
} from '@/lib/identities/credentials/schema';
import { AreaField } from './area-field';
import { FederatedFields } from './federated-fields';

/** The fields that a kind of credential needs, and no others. */
export function CredentialFields({
  id,
  kind,
  choices,
}: {
  /** Unique on the page. */
  id: string;
  kind: CredentialKind;
  choices: CredentialChoices;
}) {
  const { anchors, issuers, networks } = choices;
  switch (kind) {
    case 'ingest_key':
      return null;
    case 'client_secret':
      return (
        <ReasonField
          id={`${id}-reason`}
          help="Why nothing better will do: a key, a certificate, or a token of the platform it runs on."
        />
      );
    case 'public_key':
      return (
        <AreaField
          id={`${id}-key`}
          name="key"
          label="Public key"
          required
          placeholder={'{"kty":"EC","crv":"P-256",…}\nor -----BEGIN PUBLIC KEY-----'}
          help="A JWK or PEM: RSA with 2,048 bits at least, P-256, P-384, P-521 or Ed25519. Never the private key."
        />
      );
    case 'placement':
      if (networks.length === 0)
        return <Lacking>No networks have names. Name one in the settings first.</Lacking>;
      return (
        <SelectField
          id={`${id}-network`}
          name="networkId"
          label="Network"
          help="Where its certificate is shown from."
        >
          {networks.map(({ id: network, name }) => (
            <option key={network} value={network}>
              {name}
            </option>
          ))}
        </SelectField>
      );
    case 'certificate':
      return <CertificateFields id={id} anchors={anchors.filter((each) => each.kind === 'ca')} />;
    case 'x509_svid':
    case 'jwt_svid':
      return (
        <SvidFields
          id={id}
          anchors={anchors.filter((each) =>
            kind === 'x509_svid' ? each.kind !== 'ca' && each.hasCertificates : each.hasJwtKeys,
          )}
        />
      );
    case 'federated':
      if (issuers.length === 0)
        return <Lacking>No issuer of tokens is believed. Add one under Issuers first.</Lacking>;
      return <FederatedFields id={id} issuers={issuers} />;
  }
}

const Lacking = ({ children }: { children: string }) => <Callout tone="review">{children}</Callout>;

type Anchors = CredentialChoices['anchors'];

function CertificateFields({ id, anchors }: { id: string; anchors: Anchors }) {
  if (anchors.length === 0)
    return (
      <Lacking>No certificate authority is believed. Add one under Authorities first.</Lacking>
    );
  return (
    <>
      <SelectField id={`${id}-anchor`} name="anchorId" label="Authority">
        {anchors.map((anchor) => (
          <option key={anchor.id} value={anchor.id}>
            {anchor.name}
          </option>
        ))}
      </SelectField>
      <div className="settings-pair">
        <SelectField id={`${id}-match`} name="match" label="Its certificate shows, as">
          {certificateMatches.map((match) => (
            <option key={match} value={match}>
              {certificateMatchLabels[match]}
            </option>
          ))}
        </SelectField>
        <Field
          id={`${id}-value`}
          name="value"
          label="This, to the letter"
          required
          maxLength={2000}
          autoComplete="off"
        />
      </div>
    </>
  );
}

function SvidFields({ id, anchors }: { id: string; anchors: Anchors }) {
  const [chosen, choose] = useState(anchors[0]?.id);
  if (anchors.length === 0)
    return (
      <Lacking>
        No trust domain is believed that vouches for this. Add its bundle under Authorities first.
      </Lacking>
    );
  const domain = anchors.find((anchor) => anchor.id === chosen)?.trustDomain ?? 'example.org';
  return (
    <>
      <SelectField
        id={`${id}-anchor`}
        name="anchorId"
        label="Trust domain"
        onChange={({ target }) => choose(target.value)}
      >
        {anchors.map((anchor) => (
          <option key={anchor.id} value={anchor.id}>
            {anchor.trustDomain}
            {anchor.kind === 'development' ? ' (development only)' : ''}
          </option>
        ))}
      </SelectField>
      <Field
        id={`${id}-spiffe`}
        name="spiffeId"
        label="SPIFFE id"
        placeholder={`spiffe://${domain}/agents/returns`}
        required
        maxLength={2048}
        autoComplete="off"
        spellCheck={false}
      />
    </>
  );
}
