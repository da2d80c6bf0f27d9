import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import { authorizeRead } from '@/lib/people/permissions';
import { liveText } from '../credentials/live';
import { type CredentialKind, classOf } from '../credentials/schema';
import { requireReached } from '../registry/queries';
import { type Judged, judgeTrust, type TrustFacts } from './judge';
import { foretell } from './preview';
import { type TrustLevel, type TrustPreview, TrustRules } from './schema';

/** What trust is earned by; the defaults before anybody says otherwise. */
export async function getTrustRules(db: Queryable = pool()): Promise<TrustRules> {
  const { rows } = await db.query<{ rules: unknown }>('SELECT trust_rules AS rules FROM setting');
  return TrustRules.parse(rows[0]?.rules ?? {});
}

/** Where an identity stands and what is missing to the next level. Throws `not_found` where the scope reaches no such. */
export async function getTrust(
  scope: ReadScope,
  { id, now }: { id: string; now: Date },
  db: Queryable = pool(),
): Promise<Judged> {
  await requireReached(scope, id, db);
  const [facts, rules] = await Promise.all([listTrustFacts(db, now, { id }), getTrustRules(db)]);
  const [known] = facts;
  // Who is not active neither rises nor falls.
  if (known === undefined) return { level: 'observed', next: null, missing: [] };
  return judgeTrust(known, rules, now);
}

type Row = Omit<TrustFacts, 'classes'> & {
  id: string;
  revision: number;
  level: TrustLevel;
  kinds: CredentialKind[] | null;
};
export type KnownTrust = TrustFacts & { id: string; revision: number };

/** At most so many identities are looked at before rules are set. */
const previewMax = 10_000;

/**
 * Who would rise and who fall under rules that are not set yet: of the whole organisation, since the rules are, and of
 * nobody by name. Bounded: of more than `max`, those that were registered first.
 */
export async function previewTrustRules(
  scope: ReadScope,
  { rules, now, max = previewMax }: { rules: TrustRules; now: Date; max?: number },
  db: Queryable = pool(),
): Promise<TrustPreview> {
  authorizeRead(scope, 'settings.write');
  const facts = await listTrustFacts(db, now, { limit: max + 1 });
  return { ...foretell(facts.slice(0, max), rules, now), isBounded: facts.length > max };
}

/** Of every active identity, oldest first; of one of them, or of so many. */
export async function listTrustFacts(
  db: Queryable,
  now: Date,
  { id = null, limit = null }: { id?: string | null; limit?: number | null } = {},
): Promise<KnownTrust[]> {
  const { rows } = await db.query<Row>(
    `SELECT i.id, i.revision, i.trust AS level, coalesce(i.trust_at, i.created_at) AS "levelAt",
       o.id IS NOT NULL AS "hasOwner", s.id IS NOT NULL AS "hasSponsor", i.purpose <> '' AS "hasPurpose",
       i.zone_id IS NOT NULL AS "hasZone", coalesce(cardinality(i.expects), 0) AS expects,
       k.kinds, k.used AS "bearerUsedAt", c.first_at AS "firstSeenAt"
     FROM identity i
     LEFT JOIN person o ON o.id = i.owner_id AND o.disabled_at IS NULL AND cardinality(o.roles) > 0
     LEFT JOIN person s ON s.id = i.sponsor_id AND s.disabled_at IS NULL AND cardinality(s.roles) > 0
     LEFT JOIN (SELECT d.identity_id, max(d.last_used_at) FILTER (WHERE d.hash IS NOT NULL) AS used,
         array_agg(DISTINCT d.kind) FILTER (WHERE ${liveText('d', '$1')}) AS kinds
       FROM credential d WHERE $2::uuid IS NULL OR d.identity_id = $2 GROUP BY 1) k ON k.identity_id = i.id
     LEFT JOIN (SELECT identity, min(first_at) AS first_at FROM coverage WHERE $2::uuid IS NULL OR identity = $2
       GROUP BY 1) c ON c.identity = i.id
     WHERE i.state = 'active' AND ($2::uuid IS NULL OR i.id = $2)
     ORDER BY i.id LIMIT $3`,
    [now, id, limit],
  );
  return rows.map(({ kinds, ...row }) => ({
    ...row,
    classes: [...new Set((kinds ?? []).map((kind) => classOf[kind]))],
  }));
}

/** Another text than before: something changed that trust may go by. */
export async function readTrustMark(db: PrismaClient): Promise<string> {
  const [row] = await db.$queryRaw<{ mark: string }[]>`SELECT concat_ws('/',
    (SELECT version FROM identity ORDER BY version DESC LIMIT 1),
    (SELECT version FROM credential ORDER BY version DESC LIMIT 1),
    (SELECT version FROM trust_anchor ORDER BY version DESC LIMIT 1),
    (SELECT version FROM token_issuer ORDER BY version DESC LIMIT 1),
    (SELECT md5(string_agg(id::text, ',' ORDER BY id)) FROM person WHERE disabled_at IS NULL AND cardinality(roles) > 0),
    (SELECT md5(trust_rules::text) FROM setting)) AS mark`;
  return row?.mark ?? '';
}
