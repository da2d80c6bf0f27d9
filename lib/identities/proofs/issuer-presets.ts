/** One claim that a rule for such an issuer names, as a form asks for it. */
export type PresetClaim = {
  /** As in a rule: a claim, or a JSON Pointer into one. */
  name: string;
  label: string;
  example: string;
};

/** Issuers that many have, with the claims that say which workload is meant. */
export type IssuerPreset = {
  id: 'github' | 'kubernetes' | 'other';
  label: string;
  /** Null where everybody has their own. */
  issuer: string | null;
  /** Where its keys or its description are found; null where they are usually uploaded. */
  jwksUrl: string | null;
  hint: string;
  claims: readonly PresetClaim[];
};

const subject = (example: string): PresetClaim => ({ name: 'sub', label: 'Subject', example });

export const issuerPresets: readonly IssuerPreset[] = [
  {
    id: 'github',
    label: 'GitHub Actions',
    issuer: 'https://token.actions.githubusercontent.com',
    jwksUrl: 'https://token.actions.githubusercontent.com/.well-known/openid-configuration',
    hint: 'A job needs "permissions: id-token: write" and asks for a token with the audience of the rule. The number of a repository stays when its name goes to somebody else: `gh api repos/OWNER/NAME --jq .id` shows it.',
    claims: [
      { name: 'repository_id', label: 'Repository, by its number', example: '123456789' },
      { name: 'environment', label: 'Environment', example: 'production' },
    ],
  },
  {
    id: 'kubernetes',
    label: 'Kubernetes service accounts',
    issuer: null,
    jwksUrl: null,
    hint: 'A pod gets a token from a projected volume (serviceAccountToken) with the audience of the rule. `kubectl get --raw /.well-known/openid-configuration` shows the issuer, and `kubectl get --raw /openid/v1/jwks` the keys to upload where the gateway does not reach them.',
    claims: [
      { name: '/kubernetes.io/namespace', label: 'Namespace', example: 'production' },
      { name: '/kubernetes.io/serviceaccount/name', label: 'Service account', example: 'billing' },
    ],
  },
  {
    id: 'other',
    label: 'Any OpenID issuer',
    issuer: null,
    jwksUrl: null,
    hint: 'The issuer as it stands in iss, to the letter. Its keys are found by its description, or uploaded.',
    claims: [subject('billing-agent')],
  },
];
