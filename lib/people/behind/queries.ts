import type { ReadScope } from '@/lib/auth/scope';
import { type Pool, pool, type Queryable } from '@/lib/db/pool';
import { unregistered } from '@/lib/inventory/address';
import { bounded, tooMuch } from '@/lib/inventory/bounded';
import { withinReach } from '@/lib/inventory/reach';
import type { Count } from '@/lib/inventory/schema';
import { allOf, type Sql, sql } from '@/lib/inventory/sql';
import { shadowIdentity } from '@/lib/log/schema';
import { authorizeRead, can } from '../permissions';
import type { BehindCursor, BehindFilter, Sort } from './address';
import {
  type BehindAgentDetail,
  type Evidence,
  evidences,
  type Factor,
  factors,
  type PersonBehind,
} from './schema';

export const peoplePageSize = 50;
/** Of one person so many agents are listed, those that acted most. */
export const agentsMax = 100;
const agentsShown = 3;
const openMax = 100;

const run = <Row extends Record<string, unknown>>(db: Queryable, statement: Sql) =>
  db.query<Row>(statement.text, statement.values);

export type BehindPage = {
  people: PersonBehind[];
  hasPrevious: boolean;
  hasNext: boolean;
  /** Too much would have to be read to tell. */
  isTooMuch: boolean;
};

type Asked = { filter: BehindFilter; sort: Sort; cursor: BehindCursor | null };

/** Only what is done by agents that the reader may see; what no registered agent did is seen with all of them. */
const seenBy = ({ sees }: ReadScope): Sql => allOf(withinReach(sql`b.identity`, sees));

/** It acts for them without a factor shown, and nobody expects that, by now. */
const isOpen = sql`(b.factor IS NULL AND b.open_from IS NOT NULL AND b.open_from <= now())`;
const isExpected = sql`(b.open_from IS NULL OR b.open_from > now())`;

/** One page of the people for whom agents act. */
export async function listPeopleBehind(
  scope: ReadScope,
  { filter, sort, cursor }: Asked,
  db: Pool = pool(),
): Promise<BehindPage> {
  authorizeRead(scope, 'people.read');
  const isUpward = cursor?.direction === 'after';
  const value = sort === 'last' ? sql`last_at` : sql`entries`;
  const order = isUpward ? sql`${value}, person` : sql`${value} DESC, person DESC`;
  const limit = peoplePageSize + 1;
  const chosen = sql`SELECT person FROM (${gathered([seenBy(scope), ...narrowed(scope, filter)])}) g
    WHERE ${allOf([
      ...(filter.show === 'not_shown' ? [sql`is_open`] : []),
      ...(filter.show === 'expected' ? [sql`NOT is_open AND is_expected`] : []),
      ...beyond(cursor, sort),
    ])} ORDER BY ${order} LIMIT ${limit}`;
  const read = await bounded(db, (client) =>
    readPeople(client, scope, { chosen, order: sql`${value} DESC, c.person DESC` }),
  );
  if (read === tooMuch)
    return { people: [], hasPrevious: cursor !== null, hasNext: false, isTooMuch: true };
  const isMore = read.length > peoplePageSize;
  const people = isUpward && isMore ? read.slice(1) : read.slice(0, peoplePageSize);
  return {
    people,
    hasPrevious: isUpward ? isMore : cursor !== null,
    hasNext: isUpward || isMore,
    isTooMuch: false,
  };
}

/** One of them, and what each agent did for them; null where none is known or may be seen. */
export async function findPersonBehind(
  scope: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<{ person: PersonBehind; agents: BehindAgentDetail[] } | null> {
  authorizeRead(scope, 'people.read');
  const chosen = sql`SELECT ${id}::uuid AS person`;
  const [person] = await readPeople(db, scope, { chosen, order: sql`c.person` });
  if (person === undefined) return null;
  const { rows } = await run<AgentRow & { reporters: string[] }>(
    db,
    sql`SELECT b.identity AS id, i.name, sum(b.interactions)::float8 AS interactions, sum(b.points)::float8 AS points,
        min(b.first_at) AS first_at, max(b.last_at) AS last_at, bool_or(${isOpen}) AS is_open,
        array_agg(DISTINCT coalesce(r.name, b.reporter::text)) AS reporters
      FROM person_behind b LEFT JOIN identity i ON i.id = b.identity LEFT JOIN identity r ON r.id = b.reporter
      WHERE b.person = ${id}::uuid AND ${seenBy(scope)} GROUP BY b.identity, i.name
      ORDER BY sum(b.interactions + b.points) DESC, b.identity LIMIT ${agentsMax}`,
  );
  const agents = rows.map((row) => ({
    ...agentOf({ ...row, entries: row.interactions + row.points }),
    interactions: row.interactions,
    points: row.points,
    firstAt: row.first_at,
    lastAt: row.last_at,
    reporters: row.reporters,
    isOpen: row.is_open,
  }));
  return { person, agents };
}

/**
 * For how many people agents act without a second factor shown, and nobody expects it: to 100, and more. Null where too
 * much would have to be read to tell.
 */
export async function countOpenBehind(scope: ReadScope, db: Pool = pool()): Promise<Count | null> {
  if (!can(scope, 'people.read')) return { count: 0, isMore: false };
  const read = await bounded(db, (client) =>
    run<{ n: number }>(
      client,
      sql`SELECT count(*)::int AS n FROM (
        SELECT DISTINCT b.person FROM person_behind b WHERE ${isOpen} AND ${seenBy(scope)} LIMIT ${openMax + 1}
      ) open`,
    ),
  );
  if (read === tooMuch) return null;
  const n = read.rows[0]?.n ?? 0;
  return { count: Math.min(n, openMax), isMore: n > openMax };
}

/** Whether agents act for anybody whom the reader may see. */
export async function hasPeopleBehind(scope: ReadScope, db: Queryable = pool()): Promise<boolean> {
  authorizeRead(scope, 'people.read');
  const { rows } = await run<{ found: boolean }>(
    db,
    sql`SELECT EXISTS (SELECT FROM person_behind b WHERE ${seenBy(scope)}) AS found`,
  );
  return rows[0]?.found === true;
}

const gathered = (conditions: readonly Sql[]): Sql => sql`
  SELECT b.person, sum(b.interactions + b.points)::float8 AS entries, max(b.last_at) AS last_at,
    bool_or(${isOpen}) AS is_open, bool_or(${isExpected}) AS is_expected
  FROM person_behind b WHERE ${allOf(conditions)} GROUP BY b.person`;

/** Whom one agent acts for is told with what others did for them: figures are the same however they are found. */
function narrowed(scope: ReadScope, { identity, who }: BehindFilter): Sql[] {
  const byIdentity =
    identity === unregistered
      ? sql`b.identity = ${shadowIdentity}::uuid`
      : sql`b.identity IN (SELECT i.id FROM identity i WHERE i.id::text = ${identity} OR i.name = ${identity})`;
  return [
    ...(identity === null
      ? []
      : [
          sql`b.person IN (SELECT b.person FROM person_behind b WHERE ${byIdentity} AND ${seenBy(scope)})`,
        ]),
    ...(who === null ? [] : [sql`b.person = term_id(${who})`]),
  ];
}

function beyond(cursor: BehindCursor | null, sort: Sort): Sql[] {
  if (cursor === null) return [];
  const { direction, value, id } = cursor;
  const place =
    sort === 'last'
      ? sql`(${new Date(value)}::timestamptz, ${id}::uuid)`
      : sql`(${value}::float8, ${id}::uuid)`;
  const at = sort === 'last' ? sql`(last_at, person)` : sql`(entries, person)`;
  return [direction === 'before' ? sql`${at} < ${place}` : sql`${at} > ${place}`];
}

type AgentRow = {
  id: string;
  name: string | null;
  interactions: number;
  points: number;
  first_at: Date;
  last_at: Date;
  is_open: boolean;
};
type Row = {
  person: string;
  text: string | null;
  evidence: string;
  factor: string | null;
  same_name: string | null;
  has_left: boolean;
  agents: { id: string; name: string | null; entries: number }[];
  agents_of: number;
  entries: number;
  first_at: Date;
  last_at: Date;
  is_open: boolean;
  reason: string | null;
  decided_by: string | null;
  decided_at: Date | null;
  until: Date | null;
};

async function readPeople(
  db: Queryable,
  scope: ReadScope,
  { chosen, order }: { chosen: Sql; order: Sql },
): Promise<PersonBehind[]> {
  // Of several decisions on one person the newest is shown; of several agents without a factor any says there is none.
  const { rows } = await run<Row>(
    db,
    sql`WITH chosen AS MATERIALIZED (${chosen}), acting AS MATERIALIZED (
        SELECT b.person, b.identity, sum(b.interactions + b.points)::float8 AS entries, min(b.first_at) AS first_at,
          max(b.last_at) AS last_at, min(b.evidence) AS evidence, min(b.factor) AS factor, bool_or(b.factor IS NULL) AS is_hidden,
          bool_or(${isOpen}) AS is_open
        FROM chosen c JOIN person_behind b ON b.person = c.person WHERE ${seenBy(scope)} GROUP BY b.person, b.identity
      ), ranked AS (
        SELECT a.*, row_number() OVER (PARTITION BY person ORDER BY entries DESC, identity) AS rank FROM acting a
      ), counted AS (
        SELECT r.person, sum(r.entries) AS entries, min(r.first_at) AS first_at, max(r.last_at) AS last_at,
          min(r.evidence) AS evidence, CASE WHEN NOT bool_or(r.is_hidden) THEN min(r.factor) END AS factor,
          bool_or(r.is_open) AS is_open, count(*)::int AS agents_of,
          jsonb_agg(jsonb_build_object('id', r.identity, 'name', i.name, 'entries', r.entries) ORDER BY r.rank)
            FILTER (WHERE r.rank <= ${agentsShown}) AS agents
        FROM ranked r LEFT JOIN identity i ON i.id = r.identity GROUP BY r.person
      )
      SELECT c.*, n.text, p.name AS same_name, p.disabled_at IS NOT NULL AS has_left,
        d.reason, d.decided_at, d.until, w.name AS decided_by
      FROM counted c LEFT JOIN person_behind_name n ON n.id = c.person LEFT JOIN person p ON p.email = lower(n.text)
      LEFT JOIN LATERAL (
        SELECT d.reason, d.decided_by, d.decided_at, d.until FROM person_behind_decision d
        WHERE d.person = c.person AND (d.until IS NULL OR d.until > now())
          AND EXISTS (SELECT FROM person_behind b WHERE ${seenBy(scope)}
            AND (b.person, b.identity, b.reporter) = (d.person, d.identity, d.reporter))
        ORDER BY d.decided_at DESC LIMIT 1
      ) d ON true
      LEFT JOIN person w ON w.id = d.decided_by
      ORDER BY ${order}`,
  );
  return rows.map(personOf);
}

const personOf = (row: Row): PersonBehind => ({
  id: row.person,
  text: row.text,
  evidence: evidenceOf(row.evidence),
  factor: factorOf(row.factor),
  sameEmail: row.same_name === null ? null : { name: row.same_name, hasLeft: row.has_left },
  agents: row.agents.map(agentOf),
  agentsOf: row.agents_of,
  entries: row.entries,
  firstAt: row.first_at,
  lastAt: row.last_at,
  isOpen: row.is_open,
  expected:
    row.reason === null || row.decided_at === null
      ? null
      : { reason: row.reason, by: row.decided_by ?? '', at: row.decided_at, until: row.until },
});

const agentOf = ({ id, name, entries }: { id: string; name: string | null; entries: number }) => ({
  id: id === shadowIdentity ? null : id,
  name: id === shadowIdentity ? null : (name ?? id),
  entries,
});

// INVARIANT: whatever else stands there proves nothing.
const evidenceOf = (text: string): Evidence =>
  evidences.find((each) => each === text) ?? 'declared';
const factorOf = (text: string | null): Factor | null =>
  factors.find((each) => each === text) ?? null;
