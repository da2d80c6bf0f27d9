import type { Queryable } from '@/lib/db/pool';
import type { CredentialKind } from '../credentials/schema';
import type { IdentityKind, IdentityState } from '../schema';
import type { TrustLevel } from '../trust/schema';

type Zone = { id: string; name: string; environment: string };
/** Rows as JSON has them: bytes as hex, times as milliseconds since 1970. */
export type RegistryChanges = {
  /** Where the next read goes on: nothing that commits later has an older version. */
  seen: string;
  identities: {
    id: string;
    kind: IdentityKind;
    name: string;
    names: string[] | null;
    state: IdentityState;
    stateReason: string | null;
    trust: TrustLevel;
    team: string | null;
    zone: string | null;
    revision: number;
    reportsForAll: boolean;
    reportsFor: string[];
  }[];
  zones: Zone[];
  credentials: {
    id: string;
    identity: string;
    kind: CredentialKind;
    hash: string | null;
    subject: string | null;
    anchor: string | null;
    issuer: string | null;
    network: string | null;
    rule: unknown;
    expiresAtMs: number;
    isRevoked: boolean;
  }[];
  anchors: {
    id: string;
    kind: 'ca' | 'spiffe' | 'development';
    name: string;
    trustDomain: string | null;
    certificates: string[];
    jwtKeys: Record<string, unknown>[];
    isRevoked: boolean;
    version: string;
  }[];
  issuers: {
    id: string;
    name: string;
    issuer: string;
    jwksUrl: string | null;
    jwks: unknown;
    isRevoked: boolean;
    version: string;
  }[];
};

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`;
/** One array of a table's rows that changed since; the first read leaves out what ended long ago. */
const changed = (what: string, from: string, alsoAtFirst = '') =>
  `(SELECT coalesce(json_agg(json_build_object(${what})), '[]') FROM ${from} WHERE x.version >= $1::xid8 ${alsoAtFirst})`;

const statement = `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS seen,
  ${changed(
    `'id', x.id, 'kind', x.kind, 'name', x.name, 'names', x.names, 'state', x.state, 'stateReason', x.state_reason,
     'trust', x.trust, 'team', x.team_id, 'zone', x.zone_id, 'revision', x.revision, 'reportsForAll', x.reports_for_all,
     'reportsFor', array(SELECT r.identity_id FROM identity_reports_for r WHERE r.reporter_id = x.id)`,
    'identity x',
  )} AS identities,
  ${changed(`'id', x.id, 'name', x.name, 'environment', x.environment`, 'zone x')} AS zones,
  ${changed(
    `'id', x.id, 'identity', x.identity_id, 'kind', x.kind, 'hash', encode(x.hash, 'hex'), 'subject', x.subject,
     'anchor', x.anchor_id, 'issuer', x.issuer_id, 'network', x.network_id, 'rule', x.rule,
     'expiresAtMs', ${ms('x.expires_at')}, 'isRevoked', x.revoked_at IS NOT NULL`,
    'credential x',
    `AND ($1 <> '0' OR least(x.revoked_at, x.expires_at) > now() - interval '30 days')`,
  )} AS credentials,
  ${changed(
    `'id', x.id, 'kind', x.kind, 'name', x.name, 'trustDomain', x.trust_domain, 'jwtKeys', x.jwt_keys,
     'certificates', array(SELECT encode(c, 'hex') FROM unnest(x.certificates) c),
     'isRevoked', x.revoked_at IS NOT NULL, 'version', x.version::text`,
    'trust_anchor x',
  )} AS anchors,
  ${changed(
    `'id', x.id, 'name', x.name, 'issuer', x.issuer, 'jwksUrl', x.jwks_url, 'jwks', x.jwks,
     'isRevoked', x.revoked_at IS NOT NULL, 'version', x.version::text`,
    'token_issuer x',
  )} AS issuers`;

/** All that changed in the registry since the `seen` of the last read, in one snapshot; `0` reads all. */
export async function readRegistryChanges(db: Queryable, since: string): Promise<RegistryChanges> {
  const { rows } = await db.query<RegistryChanges>(statement, [since]);
  const [row] = rows;
  if (row === undefined) throw new Error('A statement without FROM has one row.');
  return row;
}

export async function readNetworks(
  db: Queryable,
): Promise<{ id: string; name: string; cidrs: string[] }[]> {
  const { rows } = await db.query<{ id: string; name: string; cidrs: string[] }>(
    'SELECT id, name, cidrs FROM network',
  );
  return rows;
}
