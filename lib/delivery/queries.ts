import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { pool, type Queryable } from '@/lib/db/pool';
import { can, refusalOf } from '@/lib/people/permissions';
import {
  type Delivery,
  type DeliveryState,
  type DeliveryView,
  deliveryStates,
  Facts,
  type Notice,
  NoticeKind,
  type NoticeView,
  type Webhook,
} from './schema';

const pageRows = 50;
/** More than this are told as that many and more. */
export const unreadMax = 99;

/** How many notices of one's own are unread; one more than `unreadMax` at most. */
export async function countUnread(scope: ReadScope, db: Queryable = pool()): Promise<number> {
  const { rows } = await db.query<{ unread: number }>(
    `SELECT count(*)::int AS unread FROM (
       SELECT FROM notice WHERE person_id = $1 AND read_at IS NULL LIMIT $2) AS few`,
    [scope.person, unreadMax + 1],
  );
  return rows[0]?.unread ?? 0;
}

/** A page of one's own notices: those unread first, newest first. */
export async function listNotices(
  scope: ReadScope,
  { show, after }: NoticeView,
  db: Queryable = pool(),
): Promise<{ notices: Notice[]; hasMore: boolean }> {
  const { rows } = await db.query<Omit<Notice, 'facts'> & { facts: string }>(
    `SELECT id, kind, subject, facts, link, created_at AS "createdAt", read_at AS "readAt"
     FROM notice
     WHERE person_id = $1 AND (NOT $2 OR read_at IS NULL) AND ($4::uuid IS NULL OR (read_at IS NULL, id) < ($3, $4))
     ORDER BY (read_at IS NULL) DESC, id DESC LIMIT $5`,
    [scope.person, show === 'unread', after?.isUnread ?? true, after?.id ?? null, pageRows + 1],
  );
  // A kind that this version does not know any more is left out rather than shown without words.
  const known = rows.filter(({ kind }) => NoticeKind.safeParse(kind).success);
  const notices = known.slice(0, pageRows).map((row) => ({ ...row, facts: factsOf(row.facts) }));
  return { notices, hasMore: rows.length > pageRows };
}

const factsOf = (text: string): Facts => Facts.catch({}).parse(JSON.parse(text));

type WebhookRow = {
  url: string;
  createdAt: Date;
  rotatedAt: Date;
  state: DeliveryState | null;
  at: Date | null;
  error: string | null;
};

const lastDelivery = `LEFT JOIN LATERAL (
  SELECT state, coalesce(ended_at, created_at) AS at, last_error AS error
  FROM delivery WHERE webhook_id = w.id ORDER BY id DESC LIMIT 1) AS last ON true`;

/** One's own webhook and what became of what was last sent to it. */
export async function findOwnWebhook(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<Webhook | null> {
  const { rows } = await db.query<WebhookRow>(
    `SELECT w.url, w.created_at AS "createdAt", w.rotated_at AS "rotatedAt", last.*
     FROM webhook w ${lastDelivery} WHERE w.person_id = $1`,
    [scope.person],
  );
  return rows[0] === undefined ? null : webhookOf(rows[0]);
}

export type TeamWebhook = { team: string; name: string; webhook: Webhook | null };

/** Every team and its webhook, by name. For whoever may set them. */
export async function listTeamWebhooks(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<TeamWebhook[]> {
  refuseOthers(scope);
  const { rows } = await db.query<WebhookRow & { team: string; name: string }>(
    `SELECT t.id AS team, t.name, w.url, w.created_at AS "createdAt", w.rotated_at AS "rotatedAt", last.*
     FROM team t LEFT JOIN webhook w ON w.team_id = t.id ${lastDelivery} ORDER BY t.name LIMIT 1000`,
  );
  return rows.map(({ team, name, ...row }) => ({
    team,
    name,
    webhook: row.url === null ? null : webhookOf(row),
  }));
}

const webhookOf = ({ url, createdAt, rotatedAt, state, at, error }: WebhookRow): Webhook => ({
  url,
  host: new URL(url).host,
  createdAt,
  rotatedAt,
  last: state === null || at === null ? null : { state, at, error },
});

/** A page of what was sent or is to be, newest first. For whoever may try again. */
export async function listDeliveries(
  scope: ReadScope,
  { state, after }: DeliveryView,
  db: Queryable = pool(),
): Promise<{ deliveries: Delivery[]; hasMore: boolean }> {
  refuseOthers(scope);
  const { rows } = await db.query<Delivery>(
    `SELECT d.id, d.channel, d.kind, d.subject, d.target, coalesce(p.name, t.name) AS who, d.state, d.tries,
       d.due_at AS "dueAt", d.last_error AS "lastError", d.created_at AS "createdAt", d.ended_at AS "endedAt",
       d.channel = 'email' OR d.webhook_id IS NOT NULL AS "isSendable"
     FROM delivery d LEFT JOIN person p ON p.id = d.person_id
       LEFT JOIN webhook w ON w.id = d.webhook_id LEFT JOIN team t ON t.id = w.team_id
     WHERE ($1::text IS NULL OR d.state = $1) AND ($2::uuid IS NULL OR d.id < $2)
     ORDER BY d.id DESC LIMIT $3`,
    [state, after, pageRows + 1],
  );
  return { deliveries: rows.slice(0, pageRows), hasMore: rows.length > pageRows };
}

/** How many there are of each state, and of those that wait, since when. */
export async function countDeliveries(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<Record<DeliveryState, number>> {
  refuseOthers(scope);
  const { rows } = await db.query<{ state: DeliveryState; count: number }>(
    'SELECT state, count(*)::int AS count FROM delivery GROUP BY state',
  );
  const counts = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  // Every state is among the keys.
  return Object.fromEntries(deliveryStates.map((state) => [state, counts[state] ?? 0])) as Record<
    DeliveryState,
    number
  >;
}

function refuseOthers(scope: ReadScope): void {
  if (!can(scope, 'deliveries.write'))
    throw new AppError('forbidden', refusalOf('deliveries.write'));
}
