import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { allOf, type Sql, sql } from '@/lib/inventory/sql';
import type { CredentialCursor, CredentialFilter, CredentialNeed } from './address';
import type { CredentialBoard, CredentialDetail, CredentialUse, ListedCredential } from './listed';
import { isBelieved, isLive } from './live';
import { type CredentialChoices, classOf, credentialKinds } from './schema';

export const credentialsPerPage = 50;
/** Of one identity; more than it can have live. */
const ofIdentityMax = 200;
const countedMax = 10_000;

/** Some of these prove nothing, since whoever vouches for them is believed no more: they are listed, and say so. */
const isUnended = (now: Date) => sql`c.revoked_at IS NULL AND c.expires_at > ${now}`;
const endsWithin = (now: Date, days: number) =>
  sql`c.expires_at <= ${now}::timestamptz + make_interval(days => ${days}::int)`;
const unused = (now: Date) =>
  sql`coalesce(c.last_used_at, c.created_at) < ${now}::timestamptz - interval '90 days'`;
/** A network seen for the first time within 7 days, of a credential that was used for a day before that. */
const isNewNetwork = (now: Date) =>
  sql`u.first_at > ${now}::timestamptz - interval '7 days' AND EXISTS (SELECT FROM credential_use e
    WHERE e.credential_id = u.credential_id AND e.first_at <= u.first_at - interval '1 day')`;
const fromNewNetwork = (now: Date) =>
  sql`c.id IN (SELECT u.credential_id FROM credential_use u WHERE ${isNewNetwork(now)})`;
const bearerKinds = credentialKinds.filter((kind) => classOf[kind] === 'bearer');
const isBearer = sql`c.kind = ANY (${bearerKinds}::text[])`;
const isSeen = ({ sees }: ReadScope): Sql =>
  sees === 'all' ? sql`true` : sql`i.team_id = ANY (${sees}::uuid[])`;
const successor = sql`(SELECT s.id FROM credential s WHERE s.replaces_id = c.id AND s.revoked_at IS NULL)`;

/** How many live credentials of whom the scope sees want attention. */
export async function countCredentialBoard(
  scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<CredentialBoard> {
  const within = (days: number) => sql`count(*) FILTER (WHERE ${endsWithin(now, days)})::int`;
  const replaced = (days: number) =>
    sql`count(*) FILTER (WHERE ${endsWithin(now, days)} AND c.successor IS NOT NULL)::int`;
  const { text, values } = sql`SELECT
      ${within(7)} AS ends7, ${replaced(7)} AS replaced7, ${within(30)} AS ends30, ${replaced(30)} AS replaced30,
      ${within(90)} AS ends90, ${replaced(90)} AS replaced90,
      count(*) FILTER (WHERE ${unused(now)})::int AS unused,
      count(*) FILTER (WHERE ${fromNewNetwork(now)})::int AS "newNetwork",
      count(*) FILTER (WHERE ${isBearer})::int AS bearer
    FROM (SELECT c.*, ${successor} AS successor FROM credential c JOIN identity i ON i.id = c.identity_id
      WHERE ${isLive(now)} AND ${isSeen(scope)}) c`;
  const { rows } = await db.query<Record<string, number>>(text, values);
  const read = (name: string) => rows[0]?.[name] ?? 0;
  const ends = (days: 7 | 30 | 90) => ({
    all: read(`ends${days}`),
    replaced: read(`replaced${days}`),
  });
  return {
    ends: { '7': ends(7), '30': ends(30), '90': ends(90) },
    unused: read('unused'),
    newNetwork: read('newNetwork'),
    bearer: read('bearer'),
  };
}

const needs: Record<CredentialNeed, (now: Date) => Sql> = {
  ends7: (now) => endsWithin(now, 7),
  ends30: (now) => endsWithin(now, 30),
  ends90: (now) => endsWithin(now, 90),
  unused,
  new_network: fromNewNetwork,
  bearer: () => isBearer,
};

function matching(scope: ReadScope, filter: CredentialFilter, now: Date): Sql {
  const { state, kind, class: classes, identity, q } = filter;
  const conditions = [isSeen(scope)];
  if (filter.needs !== null) conditions.push(isLive(now));
  else if (state === 'live') conditions.push(isUnended(now));
  else if (state === 'expired')
    conditions.push(sql`c.revoked_at IS NULL AND c.expires_at <= ${now}`);
  else if (state === 'revoked') conditions.push(sql`c.revoked_at IS NOT NULL`);
  if (filter.needs !== null) conditions.push(needs[filter.needs](now));
  if (kind.length > 0) conditions.push(sql`c.kind = ANY (${kind}::text[])`);
  if (classes.length > 0) {
    const kinds = credentialKinds.filter((each) => classes.includes(classOf[each]));
    conditions.push(sql`c.kind = ANY (${kinds}::text[])`);
  }
  if (identity !== null) conditions.push(sql`c.identity_id = ${identity}`);
  if (q !== '') {
    const like = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.push(
      sql`(i.name ILIKE ${like} OR c.name ILIKE ${like} OR c.hint = ${q} OR (c.kind <> 'placement' AND c.subject ILIKE ${like})
        OR a.name ILIKE ${like} OR o.name ILIKE ${like} OR n.name ILIKE ${like})`,
    );
  }
  return allOf(conditions);
}

const from = sql`FROM credential c JOIN identity i ON i.id = c.identity_id
  LEFT JOIN trust_anchor a ON a.id = c.anchor_id LEFT JOIN token_issuer o ON o.id = c.issuer_id
  LEFT JOIN network n ON n.id = c.network_id`;
const columns = (
  now: Date,
) => sql`c.id, c.kind, c.name, c.created_at AS "createdAt", c.expires_at AS "expiresAt",
  c.revoked_at AS "revokedAt", c.revoked_reason AS "revokedReason", c.last_used_at AS "lastUsedAt",
  json_build_object('id', i.id, 'name', i.name, 'state', i.state) AS identity,
  CASE WHEN c.kind = 'placement' THEN n.name WHEN c.subject IS NULL THEN '…' || c.hint ELSE c.subject END AS shows,
  CASE WHEN a.id IS NOT NULL THEN json_build_object('what', 'anchor', 'id', a.id, 'name', a.name)
    WHEN o.id IS NOT NULL THEN json_build_object('what', 'issuer', 'id', o.id, 'name', o.name)
    WHEN n.id IS NOT NULL THEN json_build_object('what', 'network', 'id', n.id, 'name', n.name) END AS by,
  ${successor} AS successor,
  (SELECT u.network FROM credential_use u WHERE u.credential_id = c.id ORDER BY u.last_at DESC, u.network LIMIT 1) AS "lastNetwork",
  CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked' WHEN c.expires_at <= ${now} THEN 'expired'
    WHEN NOT (${isBelieved()}) THEN 'unbelieved'
    WHEN ${successor} IS NOT NULL THEN 'lapsing' ELSE 'active' END AS state`;

/**
 * A page of credentials: of live ones those that end first come first, of all others those that ended last. `before` and
 * `after` are the edges that the neighbouring pages begin at, null where there is none.
 */
export async function listCredentials(
  scope: ReadScope,
  { filter, cursor, now }: { filter: CredentialFilter; cursor: CredentialCursor | null; now: Date },
  db: Queryable = pool(),
): Promise<{
  credentials: ListedCredential[];
  before: CredentialCursor | null;
  after: CredentialCursor | null;
}> {
  const soonestFirst = filter.state === 'live' || filter.needs !== null;
  const isBack = cursor?.direction === 'before';
  const ascending = soonestFirst !== isBack;
  const conditions = [matching(scope, filter, now)];
  if (cursor !== null) {
    const edge = sql`(${new Date(cursor.endsMs)}::timestamptz, ${cursor.id}::uuid)`;
    // Milliseconds are what the edge was told in; the column has microseconds.
    const key = sql`(date_trunc('milliseconds', c.expires_at), c.id)`;
    conditions.push(ascending ? sql`${key} > ${edge}` : sql`${key} < ${edge}`);
  }
  const order = ascending
    ? sql`date_trunc('milliseconds', c.expires_at), c.id`
    : sql`date_trunc('milliseconds', c.expires_at) DESC, c.id DESC`;
  const { text, values } = sql`SELECT ${columns(now)} ${from} WHERE c.id IN (
      SELECT c.id ${from} WHERE ${allOf(conditions)} ORDER BY ${order} LIMIT ${credentialsPerPage + 1})
    ORDER BY ${order}`;
  const { rows } = await db.query<ListedCredential & Record<string, unknown>>(text, values);
  const isMore = rows.length > credentialsPerPage;
  const credentials = rows.slice(0, credentialsPerPage);
  if (isBack) credentials.reverse();
  const edge = (row: ListedCredential | undefined, direction: 'before' | 'after') =>
    row === undefined ? null : { direction, endsMs: row.expiresAt.getTime(), id: row.id };
  return {
    credentials,
    before: (isBack ? isMore : cursor !== null) ? edge(credentials[0], 'before') : null,
    after: (isBack ? true : isMore) ? edge(credentials.at(-1), 'after') : null,
  };
}

/** How many match, exactly up to 10,000; one more says that there are more. */
export async function countCredentials(
  scope: ReadScope,
  { filter, now }: { filter: CredentialFilter; now: Date },
  db: Queryable = pool(),
): Promise<{ count: number; isMore: boolean }> {
  const { text, values } = sql`SELECT count(*)::int AS count FROM (
    SELECT ${from} WHERE ${matching(scope, filter, now)} LIMIT ${countedMax + 1}) x`;
  const { rows } = await db.query<{ count: number }>(text, values);
  const count = rows[0]?.count ?? 0;
  return { count: Math.min(count, countedMax), isMore: count > countedMax };
}

/** All of one identity, those that work first, those that ended last; of nobody the scope does not see. */
export async function listCredentialsOf(
  scope: ReadScope,
  { identity, now }: { identity: string; now: Date },
  db: Queryable = pool(),
): Promise<ListedCredential[]> {
  const { text, values } =
    sql`SELECT ${columns(now)} ${from} WHERE ${isSeen(scope)} AND c.identity_id = ${identity}
    ORDER BY (${isUnended(now)}) DESC, c.expires_at DESC, c.id DESC LIMIT ${ofIdentityMax}`;
  const { rows } = await db.query<ListedCredential & Record<string, unknown>>(text, values);
  return rows;
}

/** Null for one that is not there, or whose identity the scope does not see. */
export async function findCredential(
  scope: ReadScope,
  { id, now }: { id: string; now: Date },
  db: Queryable = pool(),
): Promise<CredentialDetail | null> {
  const found = sql`SELECT ${columns(now)}, c.rule, c.replaces_id AS replaces,
      (SELECT count(*)::int FROM credential e WHERE e.identity_id = c.identity_id AND e.id <> c.id AND e.kind <> 'placement'
        AND ${isLive(now, 'e')}) AS others
    ${from} WHERE ${isSeen(scope)} AND c.id = ${id}`;
  const { rows } = await db.query<Omit<CredentialDetail, 'uses'> & Record<string, unknown>>(
    found.text,
    found.values,
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { ...row, uses: await listUses(id, now, db) };
}

async function listUses(id: string, now: Date, db: Queryable): Promise<CredentialUse[]> {
  const { text, values } = sql`SELECT u.network, u.first_at AS "firstAt", u.last_at AS "lastAt",
      ${isNewNetwork(now)} AS "isNew"
    FROM credential_use u WHERE u.credential_id = ${id} ORDER BY u.last_at DESC, u.network LIMIT 100`;
  const { rows } = await db.query<CredentialUse & Record<string, unknown>>(text, values);
  return rows;
}

/** What a credential can be registered with. */
export async function getCredentialChoices(
  _scope: ReadScope,
  db: Queryable = pool(),
): Promise<CredentialChoices> {
  const { rows } = await db.query<CredentialChoices>(
    `SELECT
       (SELECT coalesce(json_agg(json_build_object('id', id, 'kind', kind, 'name', name, 'trustDomain', trust_domain,
          'hasCertificates', cardinality(certificates) > 0, 'hasJwtKeys', jsonb_array_length(jwt_keys) > 0)
          ORDER BY lower(name), id), '[]') FROM trust_anchor WHERE revoked_at IS NULL) AS anchors,
       (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'issuer', issuer) ORDER BY lower(name), id), '[]')
          FROM token_issuer WHERE revoked_at IS NULL) AS issuers,
       (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name) ORDER BY lower(name), id), '[]')
          FROM network) AS networks`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('A statement without FROM has one row.');
  return row;
}

/** The id of the identity with this very name; null where there is none that the scope sees. */
export async function findIdentityNamed(
  scope: ReadScope,
  name: string,
  db: Queryable = pool(),
): Promise<string | null> {
  const { text, values } =
    sql`SELECT i.id FROM identity i WHERE i.name = ${name} AND i.state <> 'decommissioned' AND ${isSeen(scope)}`;
  const { rows } = await db.query<{ id: string }>(text, values);
  return rows[0]?.id ?? null;
}
