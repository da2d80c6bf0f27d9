import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { authorizeRead } from '../permissions';
import { type Maker, orphanedBy } from './authority';
import type { ApiKey, ApiKeyState, ApiScope, Orphaned } from './schema';

/** Keys that have ended are listed so far back. */
const endedMax = 100;

type KeyRow = Omit<ApiKey, 'state' | 'networks' | 'orphaned'> &
  Maker & {
    networks: string[];
    isNetworkBound: boolean;
    hasSuccessor: boolean;
  };

/** Whoever made it, as `Maker` has it. */
const makerColumns = 'p.disabled_at IS NOT NULL AS "hasLeft", p.roles, p.reach';

/**
 * Every key that works, by name, then the last hundred that have ended. Never a secret: none is kept. Throws `forbidden`
 * for whoever makes none: where keys may come from and what they open helps whoever found one.
 */
export async function listApiKeys(
  scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<{ live: ApiKey[]; ended: ApiKey[] }> {
  authorizeRead(scope, 'api_keys.write');
  const columns = `k.id, k.name, k.hint, k.scopes, k.is_network_bound AS "isNetworkBound", p.name AS maker,
    ${makerColumns}, k.created_at AS "createdAt", k.expires_at AS "expiresAt",
    k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt",
    EXISTS (SELECT FROM api_key s WHERE s.replaces_id = k.id) AS "hasSuccessor",
    array(SELECT n.name FROM api_key_network b JOIN network n ON n.id = b.network_id
      WHERE b.api_key_id = k.id ORDER BY lower(n.name)) AS networks`;
  const from = 'FROM api_key k JOIN person p ON p.id = k.made_by';
  const [live, ended] = await Promise.all([
    db.query<KeyRow>(
      `SELECT ${columns} ${from} WHERE k.revoked_at IS NULL AND k.expires_at > $1 ORDER BY lower(k.name), k.created_at DESC`,
      [now],
    ),
    db.query<KeyRow>(
      `SELECT ${columns} ${from} WHERE k.revoked_at IS NOT NULL OR k.expires_at <= $1
       ORDER BY coalesce(k.revoked_at, k.expires_at) DESC LIMIT ${endedMax}`,
      [now],
    ),
  ]);
  const shown = (row: KeyRow) => keyOf(row, now);
  return { live: live.rows.map(shown), ended: ended.rows.map(shown) };
}

function keyOf(row: KeyRow, now: Date): ApiKey {
  const { isNetworkBound, hasLeft, roles, reach, hasSuccessor, networks, ...key } = row;
  const orphaned = orphanedBy({ hasLeft, roles, reach }, key.scopes);
  const ended: ApiKeyState | null =
    key.revokedAt !== null ? 'revoked' : key.expiresAt <= now ? 'expired' : null;
  const state = ended ?? (orphaned !== null ? 'orphaned' : hasSuccessor ? 'lapsing' : 'active');
  return { ...key, networks: isNetworkBound ? networks : null, orphaned, state };
}

/** A key as the gateway judges it at each request. */
export type ApiKeyHolder = {
  id: string;
  name: string;
  scopes: readonly ApiScope[];
  hash: Buffer;
  expiresAt: Date;
  revokedAt: Date | null;
  /** Why nobody answers for it any more. */
  orphaned: Orphaned | null;
  /** Blocks it may come from; null for anywhere. */
  cidrs: readonly string[] | null;
};

export async function findApiKey(db: Queryable, hash: Buffer): Promise<ApiKeyHolder | null> {
  const { rows } = await db.query<
    Omit<ApiKeyHolder, 'cidrs' | 'orphaned'> & Maker & { bound: boolean; cidrs: string[] }
  >(
    `SELECT k.id, k.name, k.scopes, k.hash, k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt",
       k.is_network_bound AS bound, ${makerColumns},
       array(SELECT unnest(n.cidrs) FROM api_key_network b JOIN network n ON n.id = b.network_id
         WHERE b.api_key_id = k.id) AS cidrs
     FROM api_key k JOIN person p ON p.id = k.made_by WHERE k.hash = $1`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { bound, cidrs, hasLeft, roles, reach, ...key } = row;
  const orphaned = orphanedBy({ hasLeft, roles, reach }, key.scopes);
  return { ...key, orphaned, cidrs: bound ? cidrs : null };
}

/** Notes that a key was used, to the minute. */
export async function noteApiKeyUsed(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE api_key SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [id],
  );
}
