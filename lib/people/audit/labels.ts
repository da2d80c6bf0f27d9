/** What entries of the control shard tell of, as people look for them. */
export const auditGroups = {
  sign_ins: 'Sign-ins',
  people: 'People and rights',
  registry: 'Registry',
  content_read: 'Content read',
  erasures: 'Erasures',
  settings: 'Settings',
  exports: 'Exports',
  keys: 'Keys',
  quarantine: 'Quarantine',
  notices: 'Notices',
} as const;
export type AuditGroup = keyof typeof auditGroups;

type KindLabel = {
  readonly group: AuditGroup;
  /** What was done; `{fact}` is that fact, and a part in brackets is left out where its fact is missing. */
  readonly says: string;
  /** Done by whoever asked, who had not proved to be anybody. */
  readonly isUnproven?: true;
};

/**
 * Every kind of entry that there is. A test holds it equal to what the database lets be written, so that none is
 * added without a word for it.
 */
export const controlKinds = {
  signed_in: { group: 'sign_ins', says: 'Signed in[ with {factor}]' },
  sign_in_refused: { group: 'sign_ins', says: 'Sign-in refused', isUnproven: true },
  password_proved: { group: 'sign_ins', says: 'Showed a password, and a second factor is awaited' },
  sso_proved: { group: 'sign_ins', says: 'Came by single sign-on, and a second factor is awaited' },
  signed_out: { group: 'sign_ins', says: 'Signed out' },
  sign_in_ended: { group: 'sign_ins', says: 'Ended a sign-in' },
  factor_proved: { group: 'sign_ins', says: 'Showed a second factor[, {factor}]' },
  factor_refused: { group: 'sign_ins', says: 'Second factor refused', isUnproven: true },
  totp_enrolled: { group: 'sign_ins', says: 'Set up an authenticator app' },
  totp_removed: { group: 'sign_ins', says: 'Removed an authenticator app' },
  passkey_enrolled: { group: 'sign_ins', says: 'Added a passkey' },
  passkey_renamed: { group: 'sign_ins', says: 'Renamed a passkey' },
  passkey_removed: { group: 'sign_ins', says: 'Removed a passkey' },
  recovery_codes_made: { group: 'sign_ins', says: 'Made recovery codes' },
  recovery_code_used: { group: 'sign_ins', says: 'Used a recovery code' },
  password_changed: { group: 'sign_ins', says: 'Changed a password' },
  break_glass_used: { group: 'sign_ins', says: 'Used the break-glass account' },
  person_created: { group: 'people', says: 'Added a person' },
  person_invited: { group: 'people', says: 'Invited a person' },
  invitation_refused: { group: 'people', says: 'Invitation refused', isUnproven: true },
  invitation_revoked: { group: 'people', says: 'Revoked an invitation' },
  person_removed: { group: 'people', says: 'Removed a person' },
  person_restored: { group: 'people', says: 'Restored a person' },
  rights_changed: { group: 'people', says: 'Changed roles or rights' },
  rights_change_asked: { group: 'people', says: 'Asked to change rights' },
  rights_change_confirmed: { group: 'people', says: 'Confirmed a change of rights' },
  rights_change_refused: { group: 'people', says: 'Refused a change of rights[, {why}]' },
  rights_change_withdrawn: { group: 'people', says: 'Withdrew a change of rights' },
  factors_reset: { group: 'people', says: 'Reset access' },
  break_glass_marked: { group: 'people', says: 'Made a break-glass account' },
  break_glass_unmarked: { group: 'people', says: 'Ended a break-glass account' },
  four_eyes_switched: { group: 'people', says: 'Switched four eyes' },
  team_created: { group: 'people', says: 'Made a team' },
  team_renamed: { group: 'people', says: 'Renamed a team' },
  team_deleted: { group: 'people', says: 'Deleted a team' },
  identity_assigned: { group: 'registry', says: 'Said who answers for an identity' },
  sso_linked: { group: 'people', says: 'Linked a person to single sign-on' },
  roles_mapped: { group: 'people', says: 'Roles followed the groups of single sign-on' },
  profile_mapped: { group: 'people', says: 'Name or e-mail followed single sign-on' },
  person_behind_expected: { group: 'people', says: 'Expected a person behind agents' },
  person_behind_reopened: { group: 'people', says: 'Expected a person behind agents no more' },
  identity_created: { group: 'registry', says: 'Registered an identity' },
  identities_imported: { group: 'registry', says: 'Registered identities from a file' },
  identity_proposed: { group: 'registry', says: 'Proposed an identity' },
  identity_accepted: { group: 'registry', says: 'Accepted a proposed identity' },
  identity_refused: { group: 'registry', says: 'Refused a proposed identity' },
  identity_changed: { group: 'registry', says: 'Changed what is known of an identity' },
  identity_suspended: { group: 'registry', says: 'Suspended an identity' },
  identity_resumed: { group: 'registry', says: 'Let an identity act again' },
  identity_decommissioned: { group: 'registry', says: 'Decommissioned an identity' },
  trust_rules_changed: { group: 'registry', says: 'Changed what trust is earned by' },
  trust_changed: { group: 'registry', says: 'Trust of an identity changed[ to {trust}]' },
  authentication_refused: {
    group: 'registry',
    says: 'Proof refused[, {reason}][, {count} times]',
    isUnproven: true,
  },
  credential_issued: { group: 'registry', says: 'Issued a key' },
  credential_registered: { group: 'registry', says: 'Registered a credential[, {kind}]' },
  credential_rotated: { group: 'registry', says: 'Rotated a credential' },
  credential_revoked: { group: 'registry', says: 'Revoked a credential' },
  certificate_issued: { group: 'registry', says: 'Issued a development certificate' },
  anchor_added: { group: 'registry', says: 'Believed an authority' },
  anchor_changed: { group: 'registry', says: 'Changed the certificates of an authority' },
  anchor_revoked: { group: 'registry', says: 'Believed an authority no more' },
  issuer_added: { group: 'registry', says: 'Believed an issuer of tokens' },
  issuer_changed: { group: 'registry', says: 'Changed the keys of an issuer' },
  issuer_revoked: { group: 'registry', says: 'Believed an issuer of tokens no more' },
  enrolment_switched: { group: 'registry', says: 'Switched enrolment[ {enrolment}]' },
  enrolment_code_made: { group: 'registry', says: 'Made an enrolment code' },
  enrolment_code_revoked: { group: 'registry', says: 'Revoked an enrolment code' },
  enrolment_network_listed: { group: 'registry', says: 'Let a network enrol without a code' },
  enrolment_network_unlisted: {
    group: 'registry',
    says: 'Let a network enrol without a code no more',
  },
  enrolment_asked: {
    group: 'registry',
    says: 'Asked to be registered[ as {name}]',
    isUnproven: true,
  },
  enrolment_refused: {
    group: 'registry',
    says: 'Enrolment refused[, {reason}]',
    isUnproven: true,
  },
  enrolment_expired: { group: 'registry', says: 'Enrolment died undecided[, {name}]' },
  foreign_secret_added: { group: 'registry', says: 'Noted a secret used elsewhere' },
  foreign_secret_changed: { group: 'registry', says: 'Changed what is known of a secret' },
  foreign_secret_rotated: { group: 'registry', says: 'Noted that a secret was rotated' },
  foreign_secret_removed: { group: 'registry', says: 'Removed a secret used elsewhere' },
  zone_created: { group: 'registry', says: 'Made a zone' },
  zone_changed: { group: 'registry', says: 'Changed a zone' },
  zone_removed: { group: 'registry', says: 'Removed a zone' },
  definition_approved: { group: 'registry', says: 'Approved a definition' },
  definition_rejected: { group: 'registry', says: 'Rejected a definition' },
  external_api_set: { group: 'registry', says: 'Said where an external API answers from' },
  external_probe_asked: { group: 'registry', says: 'Had the hosts of an external API asked' },
  origin_changed: {
    group: 'registry',
    says: 'Origin of an external API changed[ to {after}][: {why}]',
  },
  resource_registered: { group: 'registry', says: 'Registered a resource' },
  resource_changed: { group: 'registry', says: 'Changed what is known of a resource' },
  resource_retired: { group: 'registry', says: 'Retired a resource' },
  resource_restored: { group: 'registry', says: 'Took a retired resource back' },
  resource_proposed: { group: 'registry', says: 'Proposed what to say of a resource' },
  resource_proposal_dismissed: {
    group: 'registry',
    says: 'Dismissed what was proposed of a resource',
  },
  resource_type_created: { group: 'registry', says: 'Made a type of resources' },
  resource_type_removed: { group: 'registry', says: 'Removed a type of resources' },
  posture_type_set: { group: 'registry', says: 'Said what can be attested[, {name}]' },
  posture_type_removed: { group: 'registry', says: 'Removed what can be attested[, {name}]' },
  attester_set: { group: 'registry', says: 'Let a service attest posture' },
  attester_removed: { group: 'registry', says: 'Let a service attest posture no more' },
  posture_attested: { group: 'registry', says: 'Attested the posture of an identity' },
  shadow_ignored: { group: 'registry', says: 'Ignored an unregistered actor' },
  shadow_unignored: { group: 'registry', says: 'Put an ignored actor back' },
  content_opened: { group: 'content_read', says: 'Read content' },
  content_searched: { group: 'content_read', says: 'Searched content' },
  quarantined_item_opened: { group: 'content_read', says: 'Read a refused item' },
  entry_erased: { group: 'erasures', says: 'Erased an entry[, {scope}]' },
  quarantined_erased: { group: 'erasures', says: 'Erased a refused item' },
  days_expired: { group: 'erasures', says: 'Let days expire[, facts before {facts_before}]' },
  organisation_set_up: { group: 'settings', says: 'Set up the organisation' },
  setup_code_created: { group: 'settings', says: 'Made a set-up code' },
  setup_code_refused: { group: 'settings', says: 'Set-up code refused', isUnproven: true },
  setting_changed: { group: 'settings', says: 'Changed a setting' },
  network_named: { group: 'settings', says: 'Named a network' },
  network_changed: { group: 'settings', says: 'Changed a named network' },
  network_removed: { group: 'settings', says: 'Removed a named network' },
  price_set: { group: 'settings', says: 'Set the price of a model' },
  price_removed: { group: 'settings', says: 'Removed the price of a model' },
  export_started: { group: 'exports', says: 'Started an export[ as {format}]' },
  export_finished: { group: 'exports', says: 'Export ended[, {state}][ after {rows} rows]' },
  audit_exported: { group: 'exports', says: 'Exported the audit[ as {format}]' },
  audit_export_finished: {
    group: 'exports',
    says: 'Export of the audit ended[, {state}][ after {rows} rows]',
  },
  api_key_issued: { group: 'keys', says: 'Made an API key' },
  api_key_rotated: { group: 'keys', says: 'Rotated an API key' },
  api_key_revoked: { group: 'keys', says: 'Revoked an API key' },
  key_encryption_key_rotated: { group: 'keys', says: 'Rotated the key-encryption key' },
  quarantine_replay_requested: { group: 'quarantine', says: 'Asked to replay[ {items} items]' },
  notices_read: { group: 'notices', says: 'Marked notices read' },
  webhook_set: { group: 'notices', says: 'Set a webhook' },
  webhook_secret_rotated: { group: 'notices', says: 'Rotated the secret of a webhook' },
  webhook_removed: { group: 'notices', says: 'Removed a webhook' },
  delivery_tested: { group: 'notices', says: 'Tested a channel' },
  delivery_retried: { group: 'notices', says: 'Tried deliveries again' },
} as const satisfies Record<string, KindLabel>;
export type ControlKind = keyof typeof controlKinds;

export const isControlKind = (kind: string): kind is ControlKind =>
  Object.hasOwn(controlKinds, kind);
export const isAuditGroup = (name: string): name is AuditGroup => Object.hasOwn(auditGroups, name);

export const kindsOfGroup = (group: AuditGroup): ControlKind[] =>
  Object.keys(controlKinds)
    .filter(isControlKind)
    .filter((kind) => controlKinds[kind].group === group);

/** Those of reading content, which are shown by the minute. */
export const readKinds = kindsOfGroup('content_read');

/** What a newer process wrote has no label here; its name says something all the same. */
export function labelOf(kind: string): KindLabel {
  if (isControlKind(kind)) return controlKinds[kind];
  const words = kind.replaceAll('_', ' ');
  return { group: 'settings', says: words.charAt(0).toUpperCase() + words.slice(1) };
}

/** The kind in words without its facts, as a list to choose from has it. */
export const kindWord = (kind: string): string => labelOf(kind).says.replace(/\[.*\]/, '');

const valueWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    password: 'a password',
    totp: 'a code',
    passkey: 'a passkey',
    recovery: 'a recovery code',
    sso: 'single sign-on',
    all: 'facts and content',
    bodies: 'content only',
    not_yet_valid: 'not yet valid',
    wrong_audience: 'meant for somebody else',
    keys_unavailable: 'its keys cannot be had',
    not_a_proxy: 'headers of a proxy that is none',
    wrong_network: 'from a network that it is not bound to',
  }),
);

/** What was done, in words. Facts in it are other people's: show it as such. */
export function sentenceOf(kind: string, facts: Readonly<Record<string, unknown>>): string {
  const filled = (part: string): string | null => {
    let isWhole = true;
    const text = part.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = facts[name];
      if (typeof value === 'number') return value.toLocaleString('en-GB');
      if (typeof value === 'string') return valueWords.get(value) ?? value;
      isWhole = false;
      return '';
    });
    return isWhole ? text : null;
  };
  return labelOf(kind).says.replace(/\[([^\]]*)\]/g, (_, part: string) => filled(part) ?? '');
}

const factNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    by: 'By',
    sign_in: 'Sign-in',
    items: 'Items',
    ids: 'Items asked for',
    sso_sid: 'Session of single sign-on',
    with_content: 'With content',
  }),
);

/** `reports_for` as `Reports for`. */
export const factName = (name: string): string => {
  const words = name.replaceAll('_', ' ');
  return factNames.get(name) ?? words.charAt(0).toUpperCase() + words.slice(1);
};
